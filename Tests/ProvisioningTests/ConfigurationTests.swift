import Provisioning
import TestKit
import Testing

@Suite("Configuration")
struct ConfigurationTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func load(_ draft: Draft) throws -> Configuration {
        try load(text: draft.text)
    }

    private func load(text: String) throws -> Configuration {
        let file = try folder.write("kiosk.json", text)
        return try Configuration.load(
            file: file,
            boardDirectories: [folder.path + "/boards"],
            credentialsDirectory: folder.path,
        )
    }

    private func problems(_ draft: Draft) throws -> [ConfigurationProblem] {
        try problems(text: draft.text)
    }

    private func problems(text: String) throws -> [ConfigurationProblem] {
        let error = try #require(
            #expect(throws: ConfigurationError.self) { _ = try load(text: text) }
        )
        for problem in error.problems { #expect(problem.saysWhatToDo, "\(problem)") }
        return error.problems
    }

    @Test("The keys without a default are enough, and the defaults are those of the documentation")
    func defaults() throws {
        let configuration = try load(.minimal)
        #expect(configuration.kiosk.id == "K0007")
        #expect(configuration.kiosk.language == .chinese)
        #expect(configuration.kiosk.currency == "CNY")
        #expect(configuration.kiosk.utcOffsetSeconds == 8 * 3600)
        #expect(configuration.kiosk.board == nil)
        #expect(configuration.sale.mode == .api)
        #expect(configuration.sale.claimedUnreported == .ask)
        #expect(configuration.weChat.baseURL == "https://api.mch.weixin.qq.com")
        #expect(configuration.weChat.standbyURL == "https://api2.mch.weixin.qq.com")
        #expect(configuration.weChat.signType == .hmacSHA256)
        #expect(configuration.network.proxy == nil)
        #expect(configuration.scanner.line.port == "/dev/pts/3")
        #expect(configuration.scanner.line.baud == 9600)
        #expect(configuration.printer == nil)
        #expect(configuration.lights == .none)
        #expect(configuration.pulse == nil)
        #expect(configuration.api.listen?.host == "127.0.0.1")
        #expect(configuration.api.tokenFile == nil)
    }

    @Test("What the complete example spells out is what the defaults are")
    func completeExample() throws {
        let complete = try load(.complete)
        let minimal = try load(.minimal)
        #expect(complete.timing == minimal.timing)
        #expect(complete.risk == minimal.risk)
        #expect(complete.api == minimal.api)
        #expect(complete.sale == minimal.sale)
        #expect(complete.network == minimal.network)
        #expect(complete.timing.hardEnd == .seconds(45))
        #expect(complete.timing.retryCap == .seconds(900))
        #expect(complete.timing.refusalCheck == .seconds(5))
        #expect(complete.timing.codeMemory == .seconds(120))
        #expect(complete.scanner.idleGap == .milliseconds(50))
        #expect(minimal.scanner.idleGap == .milliseconds(50))
        #expect(complete.risk.maxUnsettledSum == 2_000_000)
        #expect(complete.printer?.line.baud == 115_200)
        #expect(complete.printer?.profile == "epson-80")
        #expect(complete.pulse?.width == .milliseconds(50))
        guard case .gpiod(let lines) = complete.lights else {
            Issue.record("the lights are driven by GPIO")
            return
        }
        #expect(lines.all == [0, 1, 2, 4, 5])
        #expect(complete.weChat.keyFile.path == folder.path + "/api-v2.key")
    }

    @Test("One run shows everything that is wrong, each on one line with file, line and key")
    func allProblems() throws {
        let draft = Draft.complete.with([
            "sale.maxAttempts": "0", "timing.pollSeconds": "\"5\"", "kiosk.id": nil,
            "api.listen": "\"0.0.0.0:8090\"", "risk.maxUnsetledSum": "5",
        ])
        let problems = try problems(draft)
        #expect(
            Set(problems.map(\.key)) == [
                "kiosk.id", "sale.maxAttempts", "timing.pollSeconds", "api.listen",
                "risk.maxUnsetledSum",
            ]
        )
        let file = folder.path + "/kiosk.json"
        #expect(
            problems.map(\.description).contains(
                "\(file):17: sale.maxAttempts: must be a whole number from 1 to 20"
            )
        )
        #expect(problems.contains { $0.reason.contains("did you mean \"maxUnsettledSum\"") })
        #expect(problems.allSatisfy { !$0.description.contains("\n") })
    }

    @Test("A section of the wrong type is one problem, not one for each of its keys")
    func wrongSections() throws {
        for section in ["kiosk", "sale", "wechat", "timing", "scanner", "lights", "api"] {
            var draft = Draft.complete
            draft.remove(section: section)
            for value in ["5", "[]", "null", "\"x\""] {
                let text = draft.text.dropLast(3) + ", \"\(section)\": \(value)}"
                #expect(try problems(text: String(text)).map(\.key) == [section])
            }
        }
    }

    @Test("A file that is missing, a folder, too large, or no JSON is one clear line")
    func unusableFile() throws {
        func reason(_ path: String) throws -> String {
            let error = try #require(
                #expect(throws: ConfigurationError.self) { _ = try Configuration.load(file: path) }
            )
            #expect(error.problems.count == 1)
            return error.description
        }
        #expect(try reason(folder.path + "/none.json").contains("does not exist"))
        #expect(try reason(folder.path).contains("is not a regular file"))
        let large = try folder.write("large.json", [UInt8](repeating: 0x20, count: 300_000))
        #expect(try reason(large).contains("is larger than"))
        let broken = try folder.write("broken.json", "{\n\"kiosk\": {,}\n}")
        let place = "\(broken):2: kiosk: is not valid JSON here or just before; "
        #expect(
            try reason(broken) == place + "correct the quotes, commas and brackets there"
        )
    }

    @Test(
        "What the form allows and the sense does not is refused at the key that must change",
        arguments: [
            (
                ["timing.payerWaitSeconds": "44", "timing.hardEndSeconds": "40"],
                "timing.payerWaitSeconds"
            ),
            (["timing.pollSeconds": "6", "timing.payerWaitSeconds": "5"], "timing.pollSeconds"),
            (
                ["timing.queryAfterSilenceSeconds": "31", "timing.hardEndSeconds": "30"],
                "timing.queryAfterSilenceSeconds"
            ),
            (["timing.connectTimeoutSeconds": "31"], "timing.connectTimeoutSeconds"),
            (
                ["timing.retryBaseSeconds": "9", "timing.retryCapSeconds": "8"],
                "timing.retryBaseSeconds"
            ),
            // Rules C2 and C3, on the platform itself.
            (["timing.revokeNotBeforeSeconds": "14.9"], "timing.revokeNotBeforeSeconds"),
            (["timing.confirmAgainSeconds": "59"], "timing.confirmAgainSeconds"),
            (["timing.refundAgainSeconds": "59"], "timing.refundAgainSeconds"),
            // It is the platform in capitals too.
            (
                [
                    "wechat.baseURL": "\"https://API.mch.WeiXin.qq.com:443\"",
                    "timing.revokeNotBeforeSeconds": "14.9",
                ], "timing.revokeNotBeforeSeconds"
            ),
            (["wechat.standbyURL": "\"https://api.mch.weixin.qq.com/\""], "wechat.standbyURL"),
            (["wechat.standbyURL": "\"https://api.MCH.weixin.qq.com\""], "wechat.standbyURL"),
            (["wechat.subMerchantID": "\"10000100\""], "wechat.subMerchantID"),
            (["wechat.subAppID": "\"wx1\""], "wechat.subAppID"),
            (["wechat.dialect": "\"v3\""], "wechat.dialect"),
            (["wechat.dialect": "\"global\""], "wechat.dialect"),
            (["access.mode": "\"backend\""], "access.mode"),
            (["sale.amount": "200", "sale.maxAmount": "199"], "sale.amount"),
            (["risk.maxUnsettledSum": "99999"], "risk.maxUnsettledSum"),
            (["scanner.port": "\"/dev/ttyUSB1\""], "printer.port"),
            (["lights.busy": "0"], "lights.busy"),
            (["lights.driver": "\"trace\""], "lights.file"),
            (["pulse.line": "5"], "pulse.line"),
            (["sale.autoDeliver": "true"], "sale.autoDeliver"),
            (["sale.mode": "\"fixed\"", "sale.amount": "250"], "pulse.amountPerPulse"),
            (["sale.mode": "\"fixed\"", "sale.amount": "null"], "sale.amount"),
            (["sale.mode": "\"fixed\"", "sale.description": "null"], "sale.description"),
            (["api.socket": "\"/run/\(String(repeating: "s", count: 95))\""], "api.socket"),
        ] as [([String: String], String)]
    )
    func rules(changes: [String: String], key: String) throws {
        let problems = try problems(Draft.complete.with(changes.mapValues { $0 }))
        #expect(problems.map(\.key).contains(key), "\(problems)")
        #expect(problems.count == 1, "\(problems)")
    }

    @Test("Fixed mode needs something that releases the goods")
    func fixedMode() throws {
        var draft = Draft.complete.with(["sale.mode": "\"fixed\""])
        #expect(try load(draft).sale.mode == .fixed(amount: 200, description: "Locker, 24 h"))
        draft.remove(section: "pulse")
        #expect(try problems(draft).map(\.key) == ["sale.mode"])
        draft["sale.autoDeliver"] = "true"
        #expect(try load(draft).sale.mode.isFixed)
    }

    @Test("A kiosk that insists on a printer needs one")
    func requirePrinter() throws {
        var draft = Draft.minimal.with(["sale.requirePrinter": "true"])
        #expect(try problems(draft).map(\.key) == ["sale.requirePrinter"])
        draft["printer.port"] = "\"/dev/pts/9\""
        #expect(try load(draft).printer?.line.flowControl == .rtscts)
    }

    @Test("A stand-in may be told quick times, and never has the platform as its standby")
    func standIn() throws {
        let configuration = try load(
            Draft.minimal.with([
                "wechat.baseURL": "\"https://127.0.0.1:8443\"",
                "timing.revokeNotBeforeSeconds": "0.2",
                "timing.confirmAgainSeconds": "0.05", "timing.pollSeconds": "0.01",
            ])
        )
        #expect(configuration.weChat.standbyURL == nil)
        #expect(configuration.timing.revokeNotBefore == .milliseconds(200))
        #expect(configuration.timing.poll == .milliseconds(10))
    }

    @Test(
        "Only https, and only a host",
        arguments: [
            "http://api.mch.weixin.qq.com", "https://", "https://a/b", "https://a?b", "https://a#b",
            "https://u@a.example", "https://u:p@a.example", "https://a:0", "https://a:65536",
            "https://a:x",
            "https://[::1", "https://[::g]", "https://a..b", "https://-a", "https://a b",
            "ftp://a.example",
            "api.mch.weixin.qq.com", "https://ä.example",
        ]
    )
    func urls(text: String) throws {
        for key in ["wechat.baseURL", "wechat.standbyURL", "backend.baseURL"] {
            let problems = try problems(Draft.complete.with([key: "\"\(text)\""]))
            #expect(problems.map(\.key) == [key])
            #expect(!problems[0].description.contains(text))
        }
    }

    @Test("Hosts, ports and addresses that are good")
    func goodURLs() throws {
        for (text, read) in [
            ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("https://a.example/", "https://a.example"),
        ] {
            let draft = Draft.minimal.with(["wechat.baseURL": "\"\(text)\""])
            #expect(try load(draft).weChat.baseURL == read)
        }
        for proxy in ["http://proxy.example:3128", "socks5h://10.0.0.1:1080"] {
            let draft = Draft.minimal.with(["network.proxy": "\"\(proxy)\""])
            #expect(try load(draft).network.proxy == proxy)
        }
        let refused = Draft.minimal.with(["network.proxy": "\"http://user:word@proxy.example\""])
        #expect(try problems(refused).map(\.key) == ["network.proxy"])
        #expect(try !problems(refused).description.contains("word@"))
    }

    @Test("The interface listens on this machine alone")
    func listeners() throws {
        for (text, host, port) in [("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:8090", "::1", 8090)] {
            let api = try load(Draft.minimal.with(["api.listen": "\"\(text)\""])).api
            #expect(api.listen?.host == host)
            #expect(api.listen.map { Int($0.port) } == port)
        }
        #expect(try load(Draft.minimal.with(["api.listen": "null"])).api.listen == nil)
        #expect(try load(Draft.minimal.with(["api.socketGroup": "null"])).api.socketGroup == nil)
        for text in [
            "0.0.0.0:1", "[::]:1", "192.168.1.2:80", "127.0.0.1", "127.evil.example:80", ":80",
            "127.0.0.2:8090", "127.1:8090", "[0:0:0:0:0:0:0:1]:8090",
        ] {
            let draft = Draft.minimal.with(["api.listen": "\"\(text)\""])
            #expect(try problems(draft).map(\.key) == ["api.listen"], "\(text)")
        }
    }

    @Test("Offsets from Greenwich")
    func offsets() throws {
        for (text, seconds) in [
            ("+00:00", 0), ("-03:30", -12_600), ("+14:00", 50_400), ("-12:00", -43_200),
        ] {
            let draft = Draft.minimal.with(["kiosk.utcOffset": "\"\(text)\""])
            #expect(try load(draft).kiosk.utcOffsetSeconds == seconds)
        }
        for text in ["+14:01", "-12:01", "+08:60", "08:00+", "+8:000", "+0800x", "é8:00", "+99:00"]
        {
            let draft = Draft.minimal.with(["kiosk.utcOffset": "\"\(text)\""])
            #expect(try problems(draft).map(\.key) == ["kiosk.utcOffset"], "\(text)")
        }
    }

    @Test("Relative paths start at the file, a credential where systemd put it")
    func paths() throws {
        let draft = Draft.minimal.with([
            "scanner.port": "\"ports/scanner\"", "wechat.keyFile": "\"credential:api-v2\"",
            "lights.driver": "\"trace\"", "lights.file": "\"lights.trace\"",
        ])
        let configuration = try load(draft)
        #expect(configuration.scanner.line.port == folder.path + "/ports/scanner")
        #expect(configuration.lights == .trace(file: folder.path + "/lights.trace"))
        #expect(configuration.weChat.keyFile.path == folder.path + "/api-v2")
        #expect(configuration.weChat.keyFile.isCredential)

        for name in ["", "..", ".hidden", "a/b", "a b"] {
            let draft = Draft.minimal.with(["wechat.keyFile": "\"credential:\(name)\""])
            #expect(try problems(draft).map(\.key) == ["wechat.keyFile"])
        }
        let outside = try #require(
            #expect(throws: ConfigurationError.self) {
                _ = try Configuration.load(
                    file: folder.path + "/kiosk.json",
                    credentialsDirectory: nil,
                )
            }
        )
        #expect(outside.description.contains("LoadCredential="))
    }
}
