import Devices
import Glibc
import Payments
import Provisioning
import TestKit
import Testing
import Transport

@testable import Kiosk

/// From the configuration's words to those of the rooms: every key arrives where it should, once.
@Suite("From the configuration to the rooms")
struct ConfigurationStepTests {
    private static let timing = """
        "pollSeconds": 6, "payerWaitSeconds": 31, "hardEndSeconds": 44, "queryAfterSilenceSeconds": 11,
        "revokeNotBeforeSeconds": 16, "requestTimeoutSeconds": 29, "connectTimeoutSeconds": 4.5,
        "retryBaseSeconds": 3, "retryCapSeconds": 901, "confirmAgainSeconds": 64,
        "refundAgainSeconds": 65, "breakerProbeSeconds": 12, "breakerProbeCapSeconds": 66,
        "probeSeconds": 67, "retryPauseSeconds": 1.5, "recoverySpreadSeconds": 33,
        "lastQueryWaitSeconds": 2.5, "refusalCheckSeconds": 4, "recordPatienceSeconds": 9,
        "codeMemorySeconds": 121
        """

    @Test("Every key of sale, timing and risk, with a value of its own each")
    func policy() throws {
        let configuration = try Self.load(
            sale: """
                "mode": "fixed", "amount": 201, "description": "Wash", "codeWaitSeconds": 61,
                "maxAmount": 99001, "maxAttempts": 7, "deliveryWaitSeconds": 62,
                "claimedUnreported": "keep", "claimedUnreportedParkSeconds": 63,
                "requirePrinter": true, "autoDeliver": true, "restSeconds": 5
                """
        )
        let policy = try configuration.policy()
        var expected = Policy(kiosk: try #require(KioskID("K42")))
        expected.sale.currency = try #require(Currency("HKD"))
        expected.sale.fixedItem = .init(
            amount: try #require(Money(minorUnits: 201, currency: expected.sale.currency)),
            description: "Wash"
        )
        expected.sale.codeWait = .seconds(61)
        expected.sale.maximumAmount = 99_001
        expected.sale.maximumAttempts = 7
        expected.sale.deliveryWait = .seconds(62)
        expected.sale.claimedUnreported = .keep
        expected.sale.unreportedPark = .seconds(63)
        expected.sale.requirePrinter = true
        expected.sale.autoDeliver = true
        expected.sale.rest = .seconds(5)
        expected.timing.poll = .seconds(6)
        expected.timing.payerWait = .seconds(31)
        expected.timing.hardEnd = .seconds(44)
        expected.timing.queryAfterSilence = .seconds(11)
        expected.timing.revokeNotBefore = .seconds(16)
        expected.timing.retryBase = .seconds(3)
        expected.timing.retryCap = .seconds(901)
        expected.timing.confirmAgain = .seconds(64)
        expected.timing.refundAgain = .seconds(65)
        expected.timing.breakerProbe = .seconds(12)
        expected.timing.breakerProbeCap = .seconds(66)
        expected.timing.probe = .seconds(67)
        expected.timing.retryPause = .milliseconds(1_500)
        expected.timing.recoverySpread = .seconds(33)
        expected.timing.lastQueryWait = .milliseconds(2_500)
        expected.timing.refusalCheck = .seconds(4)
        expected.timing.recordPatience = .seconds(9)
        expected.timing.codeMemory = .seconds(121)
        expected.risk.maximumUnsettledCount = 21
        expected.risk.maximumUnsettledSum = 2_000_001
        expected.risk.revokeRequestsPerSecond = 3
        #expect(policy.sale == expected.sale)
        #expect(policy.timing == expected.timing)
        #expect(policy.risk == expected.risk)
        #expect(policy == expected)
        let https = configuration.httpsConfiguration()
        #expect(https.requestTimeout == .seconds(29))
        #expect(https.connectTimeout == .milliseconds(4_500))
    }

    @Test("No field is at its default above, and no two are the same: a new one must be added")
    func complete() throws {
        let sale =
            #""mode": "fixed", "amount": 201, "description": "Wash", "codeWaitSeconds": 61"#
            + #","maxAmount": 99001, "maxAttempts": 7, "deliveryWaitSeconds": 62, "restSeconds": 5"#
            + #","claimedUnreported": "keep", "claimedUnreportedParkSeconds": 63"#
            + #","requirePrinter": true, "autoDeliver": true"#
        let policy = try Self.load(sale: sale).policy()
        let plain = Policy(kiosk: policy.kiosk)
        var values: Set<String> = []
        for (given, standard) in [
            (Mirror(reflecting: policy.sale), Mirror(reflecting: plain.sale)),
            (Mirror(reflecting: policy.timing), Mirror(reflecting: plain.timing)),
            (Mirror(reflecting: policy.risk), Mirror(reflecting: plain.risk)),
        ] {
            // How long the queue may grow is the program's own bound: no key sets it.
            for (one, other) in zip(given.children, standard.children)
            where one.label != "maximumQueued" {
                let text = "\(one.value)"
                #expect(text != "\(other.value)", "\(one.label ?? "") is at its default")
                // Distinct, but for the two switches: a value in the wrong place would show.
                #expect(text == "true" || values.insert(text).inserted, "\(text) twice")
            }
        }
    }

    @Test("api mode has no item, and each policy of silence is taken over")
    func saleModes() throws {
        for (word, policy) in [
            ("ask", SalePolicy.ClaimedUnreported.ask), ("refund", .refund), ("keep", .keep),
        ] {
            let loaded = try Self.load(sale: #""claimedUnreported": "\#(word)""#).policy()
            #expect(loaded.sale.claimedUnreported == policy && loaded.sale.fixedItem == nil)
            #expect(!loaded.sale.autoDeliver && !loaded.sale.requirePrinter)
        }
    }

    @Test("The scanner's line and the silence that ends a code, never below four characters")
    func scanner() throws {
        let line = #""baud": 19200, "dataBits": 7, "parity": "even", "stopBits": 2,"#
        let quick = try Self.load(
            scanner: line + #""flowControl": "xonxoff", "idleGapMilliseconds": 70"#
        ).scanner
        #expect(quick.framing() == ScannerFraming(idleGap: .milliseconds(70)))
        let settings = quick.line.settings()
        #expect(settings.port == "/dev/pts/3" && settings.baud == 19_200)
        #expect(settings.dataBits == 7 && settings.stopBits == 2)
        #expect(settings.parity == .even && settings.flowControl == .xonxoff)
        // 10 bits a character at 300 bit/s: four take 133 ms.
        let slow = try Self.load(scanner: #""baud": 300, "idleGapMilliseconds": 70"#).scanner
        #expect(slow.framing().idleGap > .milliseconds(133))
        #expect(slow.framing().idleGap < .milliseconds(134))
    }

    // MARK: - What the rooms find

    @Test("What cannot be done is found, with its key; what can is not")
    func review() throws {
        #expect(try Self.load().review().isEmpty)
        let text =
            #""printer": {"port": "/dev/pts/4", "profile": "inkjet"},"#
            + #""pulse": {"line": 6, "amountPerPulse": 100},"#
        let findings = try Self.load(more: text).review()
        #expect(findings.map(\.key) == ["printer.profile", "pulse"])
        #expect(findings.allSatisfy { $0.weight == .problem })
        #expect(findings.first?.reason.contains("epson-80") == true)
        // In mode "api" an application releases the goods: nothing is said of goods that stay.
        #expect(findings.last?.reason.contains("never") == false)
    }

    @Test("The longest socket path that the configuration takes is the longest that can be made")
    func longestSocket() throws {
        func path(_ bytes: Int) -> String { "/" + String(repeating: "s", count: bytes - 1) }
        let most = SocketFile.maximumPathBytes
        #expect(try Self.load(more: #""api": {"socket": "\#(path(most))"},"#).review().isEmpty)
        #expect(throws: ConfigurationError.self) {
            _ = try Self.load(more: #""api": {"socket": "\#(path(most + 1))"},"#)
        }
    }

    @Test(
        "Every address that the configuration takes can be listened on",
        arguments: ["127.0.0.1:8090", "127.0.0.1:0", "[::1]:65535"]
    )
    func listenAddress(text: String) throws {
        let configuration = try Self.load(more: #""api": {"listen": "\#(text)"},"#)
        #expect(configuration.listenAddress?.description == text)
        #expect(configuration.review().isEmpty)
    }

    @Test("A printer on a system without the Chinese character set is a warning")
    func chineseSlips() throws {
        let printer = try Self.load(more: #""printer": {"port": "/dev/null"},"#)
        #expect(printer.review(canWriteChinese: true).isEmpty)
        let found = printer.review(canWriteChinese: false)
        #expect(found.map(\.key) == ["printer"])
        #expect(found.first?.weight == .warning)
        #expect(try Self.load().review(canWriteChinese: false).isEmpty)
        // Every machine that runs these tests has it.
        #expect(ReceiptPrinter.canWriteChinese)
    }

    @Test("A device or socket folder that is not there now is a warning, one that is there is none")
    func absences() throws {
        let lights =
            #""driver": "gpiod", "ready": 0, "busy": 1, "approved": 2, "declined": 3,"#
            + #""fault": 4"#
        let absent = try Self.load(
            scannerPort: "/dev/no-scanner",
            more: #""printer": {"port": "/dev/no-printer"},"#
                + #""lights": {\#(lights), "chip": "/dev/no-chip"},"#
                + #""api": {"socket": "/no-folder/k.sock", "socketGroup": "no-group"},"#
        ).absences()
        #expect(
            absent.map(\.key) == [
                "scanner.port", "printer.port", "lights.chip", "api.socket", "api.socketGroup",
            ]
        )
        #expect(absent.allSatisfy { $0.weight == .warning })
        #expect(absent.first?.reason.contains("/dev/no-scanner") == true)
        let present = try Self.load(
            scannerPort: "/dev/null",
            more: #""printer": {"port": "/dev/zero"}, "lights": {\#(lights), "chip": "/dev/null"},"#
                + #""api": {"socket": "/tmp/kioskpay-none.sock", "socketGroup": null},"#
        ).absences()
        #expect(present.isEmpty)
        let taken = try Self.load(
            scannerPort: "/dev/null",
            more: #""api": {"socket": "/dev/null", "socketGroup": "root"},"#
        ).absences()
        #expect(taken.map(\.key) == ["api.socket"])
        #expect(taken.first?.reason.contains("is no socket") == true)
    }

    // MARK: - A configuration

    private static func load(
        sale: String = "",
        scannerPort: String = "/dev/pts/3",
        scanner: String = "",
        more: String = "",
    ) throws -> Configuration {
        let printer = sale.contains("requirePrinter") ? #""printer": {"port": "/dev/pts/4"},"# : ""
        let text = """
            {"kiosk": {"id": "K42", "currency": "HKD"}, "sale": {\(sale)}, "timing": {\(timing)},
             \(printer) \(more)
             "risk": {"maxUnsettledCount": 21, "maxUnsettledSum": 2000001,
                      "revokeRequestsPerSecond": 3},
             "wechat": {"appID": "wx1", "merchantID": "1", "keyFile": "k", "certificateFile": "c",
                        "privateKeyFile": "p"},
             "scanner": {"port": "\(scannerPort)"\(scanner.isEmpty ? "" : ", " + scanner)}}
            """
        let folder = try TestFolder()
        return try Configuration.load(file: try folder.write("kioskpay.json", text))
    }
}
