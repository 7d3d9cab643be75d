import Provisioning
import TestKit
import Testing

/// Goes through every key there is, so that a new key cannot be forgotten: the table must name exactly the keys of
/// ``Draft/complete``.
@Suite("Every key of the configuration")
struct ConfigurationSweepTests {
    /// What a key takes, and values just outside it.
    private struct Rule {
        var type: Kind
        var outside: [String] = []
        var isNullable = false
        var isRequired = false
    }

    private enum Kind {
        case string
        case integer
        case seconds
        case boolean

        /// Values of every other type.
        var mistyped: [String] {
            switch self {
            case .string: ["1", "true", "{}", "[]"]
            case .integer: ["\"1\"", "1.0", "1e0", "true", "{}", "[]"]
            case .seconds: ["\"1\"", "true", "{}", "[]"]
            case .boolean: ["0", "1", "\"true\"", "{}", "[]"]
            }
        }
    }

    private static func string(
        _ outside: [String] = ["\"\""],
        nullable: Bool = false,
        required: Bool = false,
    ) -> Rule {
        Rule(type: .string, outside: outside, isNullable: nullable, isRequired: required)
    }

    private static func integer(
        _ range: ClosedRange<Int>,
        nullable: Bool = false,
        required: Bool = false,
    ) -> Rule {
        let outside = [range.lowerBound - 1, range.upperBound + 1, Int.min, Int.max].map(
            String.init
        )
        return Rule(
            type: .integer,
            outside: outside + ["99999999999999999999"],
            isNullable: nullable,
            isRequired: required,
        )
    }

    private static func seconds(_ outside: String...) -> Rule {
        Rule(type: .seconds, outside: outside + ["-1", "1e300", "9223372036854775807"])
    }

    private static let long = "\"" + String(repeating: "x", count: 5000) + "\""
    private static let files = ["\"\"", long, "\"credential:\"", "\"credential:../x\""]

    private static let rules: [String: Rule] = [
        "kiosk.id": string(["\"\"", "\"k7\"", "\"K-7\"", "\"K0000000007\""], required: true),
        "kiosk.site": string(["\"\"", long], nullable: true),
        "kiosk.merchantName": string(["\"\"", long], nullable: true),
        "kiosk.contact": string(["\"\"", "\"a\\u001bb\"", long], nullable: true),
        "kiosk.language": string(["\"zh\"", "\"EN\""]),
        "kiosk.currency": string(["\"cny\"", "\"CN\"", "\"CNYY\""]),
        "kiosk.utcOffset": string(["\"8\"", "\"+15:00\""]),
        "kiosk.board": string(
            ["\"\"", "\"../x\"", "\"A\"", "\"-a\"", "\"none-such\""],
            nullable: true
        ),
        "sale.mode": string(["\"free\""]),
        "sale.amount": integer(1...1_000_000_000, nullable: true),
        "sale.description": string(["\"\"", long], nullable: true),
        "sale.codeWaitSeconds": seconds("0.049", "3600.1"),
        "sale.maxAmount": integer(1...1_000_000_000),
        "sale.maxAttempts": integer(1...20),
        "sale.deliveryWaitSeconds": seconds("0.049", "3600.1"),
        "sale.claimedUnreported": string(["\"guess\""]),
        "sale.claimedUnreportedParkSeconds": seconds("0.049", "86400.1"),
        "sale.requirePrinter": Rule(type: .boolean),
        "sale.autoDeliver": Rule(type: .boolean),
        "sale.restSeconds": seconds("60.1"),
        "access.mode": string(["\"other\""]),
        "wechat.dialect": string(["\"v1\""]),
        "wechat.baseURL": string(["\"\"", "\"http://a.example\"", long]),
        "wechat.standbyURL": string(["\"\"", "\"http://a.example\"", long], nullable: true),
        "wechat.appID": string(["\"\"", "\"wx 1\"", long], required: true),
        "wechat.merchantID": string(["\"\"", "\"1a\"", long], required: true),
        "wechat.subAppID": string(["\"\"", "\"wx 1\"", long], nullable: true),
        "wechat.subMerchantID": string(["\"\"", "\"1a\"", long], nullable: true),
        "wechat.signType": string(["\"HMACSHA256\"", "\"md5\""]),
        "wechat.keyFile": string(files, required: true),
        "wechat.certificateFile": string(files, required: true),
        "wechat.privateKeyFile": string(files, required: true),
        "wechat.terminalIP": string(
            ["\"\"", "\"1.2.3\"", "\"host.example\"", long],
            nullable: true
        ),
        "wechat.certificateSerial": string(
            ["\"\"", "\"\(String(repeating: "g", count: 40))\""],
            nullable: true
        ),
        "wechat.apiV3KeyFile": string(files, nullable: true),
        "wechat.platformPublicKeyFile": string(files, nullable: true),
        "wechat.platformPublicKeyID": string(["\"\"", "\"0123456789012\"", long], nullable: true),
        "wechat.caFile": string(files, nullable: true),
        "backend.baseURL": string(["\"\"", "\"http://a.example\"", long], required: true),
        "backend.certificateFile": string(files, required: true),
        "backend.privateKeyFile": string(files, required: true),
        "backend.caFile": string(files, nullable: true),
        "network.proxy": string(["\"\"", "\"ftp://a.example\"", long], nullable: true),
        "timing.pollSeconds": seconds("0.009", "15.1"),
        "timing.payerWaitSeconds": seconds("0.049", "45.1"),
        "timing.hardEndSeconds": seconds("0.049", "45.1"),
        "timing.queryAfterSilenceSeconds": seconds("0.009", "45.1"),
        "timing.revokeNotBeforeSeconds": seconds("600.1"),
        "timing.requestTimeoutSeconds": seconds("0.049", "120.1"),
        "timing.connectTimeoutSeconds": seconds("0.049", "60.1"),
        "timing.retryBaseSeconds": seconds("0.009", "60.1"),
        "timing.retryCapSeconds": seconds("0.009", "3600.1"),
        "timing.confirmAgainSeconds": seconds("0.009", "3600.1"),
        "timing.refundAgainSeconds": seconds("0.009", "3600.1"),
        "timing.breakerProbeSeconds": seconds("0.049", "600.1"),
        "timing.breakerProbeCapSeconds": seconds("0.049", "3600.1"),
        "timing.probeSeconds": seconds("0.049", "3600.1"),
        "timing.retryPauseSeconds": seconds("60.1"),
        "timing.recoverySpreadSeconds": seconds("300.1"),
        "timing.lastQueryWaitSeconds": seconds("0.049", "10.1"),
        "timing.refusalCheckSeconds": seconds("0.049", "5.1"),
        "timing.recordPatienceSeconds": seconds("0.049", "30.1"),
        "timing.codeMemorySeconds": seconds("119.9", "3600.1"),
        "risk.maxUnsettledCount": integer(1...10_000),
        "risk.maxUnsettledSum": integer(1...1_000_000_000_000),
        "risk.revokeRequestsPerSecond": integer(1...5),
        "scanner.port": string(["\"\"", long], required: true),
        "scanner.baud": integer(300...921_600),
        "scanner.dataBits": integer(5...8),
        "scanner.parity": string(["\"N\""]),
        "scanner.stopBits": integer(1...2),
        "scanner.flowControl": string(["\"dtrdsr\""]),
        "scanner.idleGapMilliseconds": integer(10...300),
        "printer.port": string(["\"\"", long], required: true),
        "printer.baud": integer(300...921_600),
        "printer.dataBits": integer(5...8),
        "printer.parity": string(["\"N\""]),
        "printer.stopBits": integer(1...2),
        "printer.flowControl": string(["\"dtrdsr\""]),
        "printer.profile": string(["\"\"", "\"Epson 80\"", long]),
        "lights.driver": string(["\"sysfs\""]),
        "lights.chip": string(["\"\"", long]),
        "lights.ready": integer(0...1023, required: true),
        "lights.busy": integer(0...1023, required: true),
        "lights.approved": integer(0...1023, required: true),
        "lights.declined": integer(0...1023, required: true),
        "lights.fault": integer(0...1023, required: true),
        "lights.activeLow": Rule(type: .boolean),
        "lights.file": string(["\"\"", long], nullable: true),
        "pulse.chip": string(["\"\"", long]),
        "pulse.line": integer(0...1023, required: true),
        "pulse.widthMilliseconds": integer(1...1000),
        "pulse.gapMilliseconds": integer(1...5000),
        "pulse.amountPerPulse": integer(1...1_000_000_000),
        "api.socket": string(["\"\"", long]),
        "api.socketGroup": string(["\"\"", long], nullable: true),
        "api.listen": string(["\"\"", "\"0.0.0.0:1\"", long], nullable: true),
        "api.tokenFile": string(files, nullable: true),
    ]

    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// The keys of the problems that a draft has; empty if it is good.
    private func wrongKeys(_ draft: Draft) throws -> [String] {
        let file = try folder.write("kiosk.json", draft.text)
        do throws(ConfigurationError) {
            _ = try Configuration.load(file: file, credentialsDirectory: nil)
            return []
        } catch {
            for problem in error.problems {
                #expect(problem.saysWhatToDo, "\(problem)")
            }
            return error.problems.map(\.key)
        }
    }

    @Test("The table names every key, and the draft it starts from is good")
    func table() throws {
        #expect(Set(Self.rules.keys) == Set(Draft.complete.paths))
        #expect(try wrongKeys(.complete) == [])
    }

    @Test("Wrong type: refused at the key, and nothing else is")
    func wrongType() throws {
        for (path, rule) in Self.rules.sorted(by: { $0.key < $1.key }) {
            for value in rule.type.mistyped + (rule.isNullable ? [] : ["null"]) {
                let keys = try wrongKeys(Draft.complete.with([path: value]))
                #expect(keys == [path], "\(path): \(value)")
            }
        }
    }

    @Test("Out of range: refused at the key, and nothing else is")
    func outOfRange() throws {
        for (path, rule) in Self.rules.sorted(by: { $0.key < $1.key }) {
            for value in rule.outside {
                let keys = try wrongKeys(Draft.complete.with([path: value]))
                #expect(keys == [path], "\(path): \(value.prefix(60))")
            }
        }
    }

    @Test("Missing: an error where nothing could be assumed, and else a default")
    func missing() throws {
        for (path, rule) in Self.rules.sorted(by: { $0.key < $1.key }) {
            let keys = try wrongKeys(Draft.complete.with([path: nil]))
            #expect(keys == (rule.isRequired ? [path] : []), "\(path)")
        }
    }

    @Test("Null: the same as missing where a key may be null")
    func null() throws {
        for (path, rule) in Self.rules.sorted(by: { $0.key < $1.key }) where rule.isNullable {
            #expect(try wrongKeys(Draft.complete.with([path: "null"])) == [], "\(path)")
        }
    }

    @Test("Twice: refused, whichever value would have been taken")
    func duplicated() throws {
        for path in Draft.complete.paths {
            var draft = Draft.complete
            draft.append(path, draft[path] ?? "")
            #expect(try wrongKeys(draft) == [path])
        }
    }

    @Test("Misspelt: refused as unknown, and the right key is missed where it is required")
    func misspelt() throws {
        for (path, rule) in Self.rules.sorted(by: { $0.key < $1.key }) {
            var draft = Draft.complete
            draft[path + "x"] = draft[path] ?? ""
            draft[path] = nil
            let wanted = (rule.isRequired ? [path] : []) + [path + "x"]
            #expect(try wrongKeys(draft).sorted() == wanted.sorted())
        }
        let elsewhere = Draft.complete.with(["sales.amount": "1"])
        #expect(try wrongKeys(elsewhere) == ["sales"])
    }

    @Test("Five hundred mutations per seed: refused or taken, never a crash", arguments: 1...3)
    func mutations(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let marks = Array("{}[]:,\"\\0-.eu\n".utf8) + [0, 0xC3, 0xFF]
        let original = Array(Draft.complete.text.utf8)
        for round in 0..<500 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                let mark = marks.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = mark
                case 1: bytes.insert(mark, at: place)
                case 2: bytes.remove(at: place)
                default:
                    let end = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
                    bytes.append(contentsOf: bytes[place..<end])
                }
            }
            let file = try folder.write("kiosk.json", bytes)
            do throws(ConfigurationError) {
                _ = try Configuration.load(file: file, credentialsDirectory: nil)
            } catch {
                #expect(!error.problems.isEmpty, "seed \(seed), round \(round)")
                #expect(error.problems.allSatisfy { !$0.description.contains("\n") })
            }
        }
    }
}
