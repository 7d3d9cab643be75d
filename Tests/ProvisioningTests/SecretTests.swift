import Glibc
import Provisioning
import TestKit
import Testing

@Suite("Secrets (G1)")
struct SecretTests {
    private static let key = "192006250b4c09247ec02edce69f6a2d"
    private let folder: TestFolder

    /// A kiosk that is complete: configuration, key, certificate and private key.
    init() throws {
        folder = try TestFolder()
        let identity = try TestIdentity()
        try folder.write("kiosk.json", Draft.minimal.text)
        try folder.write("api-v2.key", Self.key)
        try folder.write("apiclient_cert.pem", identity.certificate, mode: 0o644)
        try folder.write("apiclient_key.pem", identity.privateKey)
    }

    private func load(credentials: String? = nil, now: Int64? = nil) throws -> Installation {
        try Installation.load(
            file: folder.path + "/kiosk.json",
            credentialsDirectory: credentials,
            now: now ?? Int64(time(nil)),
        )
    }

    /// The problems, none of which may show a secret.
    private func problems() throws -> [ConfigurationProblem] {
        let error = try #require(#expect(throws: ConfigurationError.self) { _ = try load() })
        #expect(!error.description.contains(Self.key.prefix(8)))
        for problem in error.problems { #expect(problem.saysWhatToDo, "\(problem)") }
        return error.problems
    }

    @Test(
        "What keeps the whole from being used makes the configuration unusable, once all of it is read"
    )
    func trial() throws {
        let file = folder.path + "/kiosk.json"
        var isTried = false
        let error = try #require(
            #expect(throws: ConfigurationError.self) {
                _ = try Installation.load(
                    file: file,
                    credentialsDirectory: nil,
                    trial: { installation in
                        isTried = installation.secrets.apiToken == nil
                        return [Finding("api.listen", "is taken"), Finding("", "The rest is odd.")]
                    }
                )
            }
        )
        #expect(isTried)
        #expect(
            error.problems.map(\.description) == [
                "\(file): api.listen: is taken", "\(file): The rest is odd.",
            ]
        )
        #expect(throws: Never.self) {
            _ = try Installation.load(file: file, credentialsDirectory: nil, trial: { _ in [] })
        }
    }

    @Test("What other rooms find is part of the same report, with file and line of its key")
    func review() throws {
        let file = folder.path + "/kiosk.json"
        let board = folder.path + "/board/shelf.json"
        try folder.write("board/shelf.json", "{\n\"printer\": {\n\"port\": \"/dev/p\"}}")
        let draft = Draft.minimal.with([
            "kiosk.board": "\"shelf\"", "sale.maxAttempts": "0", "printer.profile": "\"epson-80\"",
            "wechat.keyFile": "\"none.key\"",
        ])
        try folder.write("kiosk.json", draft.text)
        let findings = [
            Finding("printer.profile", "is not known"), Finding("printer.port", "is odd"),
            Finding("printer", "is loud"), Finding("sale.maxAttempts", "is never asked about"),
            Finding("scanner.port", "is not there", .warning),
        ]
        let error = try #require(
            #expect(throws: ConfigurationError.self) {
                _ = try Installation.load(file: file, credentialsDirectory: nil) { _ in findings }
            }
        )
        func line(_ key: String) throws -> Int {
            let lines = draft.text.split(separator: "\n", omittingEmptySubsequences: false)
            return 1 + (try #require(lines.firstIndex { $0.contains("\"\(key)\":") }))
        }
        #expect(
            error.problems.prefix(4).map(\.description) == [
                "\(file):\(try line("maxAttempts")): sale.maxAttempts: "
                    + "must be a whole number from 1 to 20",
                "\(file):\(try line("profile")): printer.profile: is not known",
                "\(board):3: printer.port: is odd",
                "\(file):\(try line("printer")): printer: is loud",
            ]
        )
        #expect(error.problems.count == 5 && error.problems.last?.key == "wechat.keyFile")
        try folder.write("kiosk.json", Draft.minimal.text)
        let good = try Installation.load(file: file, credentialsDirectory: nil) { _ in
            [Finding("scanner.port", "is not there", .warning)]
        }
        #expect(good.warnings.map(\.key) == ["scanner.port"])
        #expect(good.warnings.first?.line != nil)
    }

    @Test("A complete kiosk loads, and its secrets print as nothing")
    func complete() throws {
        let installation = try load()
        #expect(installation.secrets.apiKey.bytes == Array(Self.key.utf8))
        #expect(installation.secrets.apiKey.count == 32)
        #expect(installation.secrets.apiToken == nil)
        #expect(installation.warnings == [])
        var dumped = ""
        dump(installation, to: &dumped)
        #expect(!dumped.contains(Self.key))
        #expect(!"\(installation)".contains(Self.key))
        #expect("\(installation.secrets.apiKey)" == "secret")
    }

    @Test("A line end at the end of a key is not part of it", arguments: ["\n", "\r\n"])
    func lineEnd(end: String) throws {
        try folder.write("api-v2.key", Self.key + end)
        #expect(try load().secrets.apiKey.bytes == Array(Self.key.utf8))
    }

    @Test("A key of another length or with blanks is refused")
    func wrongKeys() throws {
        for (text, reason) in [
            ("", "is empty"), ("\n", "holds 0 bytes"), (Self.key + "0", "holds 33 bytes"),
            (String(Self.key.dropLast()), "holds 31 bytes"),
            (Self.key.dropLast() + " ", "holds a blank"),
            (Self.key.dropLast(2) + "é", "holds a blank"),
            (String(repeating: "x", count: 2000), "is larger than"),
        ] as [(String, String)] {
            try folder.write("api-v2.key", text)
            let found = try problems()
            #expect(found.map(\.key) == ["wechat.keyFile"])
            #expect(found[0].reason.hasPrefix(reason), "\(found)")
        }
    }

    @Test("A secret that others may read is refused with the command that helps")
    func permissions() throws {
        for mode in [0o640, 0o604, 0o620, 0o666] as [mode_t] {
            try folder.write("api-v2.key", Self.key, mode: mode)
            try folder.write("apiclient_key.pem", try TestIdentity().privateKey, mode: mode)
            let found = try problems()
            #expect(Set(found.map(\.key)) == ["wechat.keyFile", "wechat.privateKeyFile"])
            let file = folder.path + "/api-v2.key"
            #expect(found.contains { $0.reason.contains("run: chmod 600 '\(file)'") })
        }
    }

    @Test("A credential's permissions are systemd's affair")
    func credentials() throws {
        try folder.write("credentials/api", Self.key, mode: 0o440)
        let draft = Draft.minimal.with(["wechat.keyFile": "\"credential:api\""])
        try folder.write("kiosk.json", draft.text)
        let installation = try load(credentials: folder.path + "/credentials")
        #expect(installation.secrets.apiKey.count == 32)
    }

    @Test("All files that are missing are named in one run, after what is wrong in the text")
    func missingFiles() throws {
        let draft = Draft.minimal.with([
            "wechat.keyFile": "\"no.key\"", "wechat.certificateFile": "\"no.pem\"",
            "wechat.privateKeyFile": "\".\"", "wechat.caFile": "\"no.ca\"",
            "api.tokenFile": "\"no.token\"", "sale.maxAttempts": "0",
        ])
        try folder.write("kiosk.json", draft.text)
        let found = try problems()
        #expect(
            Set(found.map(\.key)) == [
                "sale.maxAttempts", "wechat.keyFile", "wechat.certificateFile",
                "wechat.privateKeyFile", "wechat.caFile", "api.tokenFile",
            ]
        )
        #expect(found.allSatisfy { $0.line != nil })
        #expect(found.contains { $0.reason.contains("is not a regular file") })
    }

    @Test("A FIFO in a key's place does not hold the start")
    func fifo() throws {
        try folder.makePipe("pipe")
        let draft = Draft.minimal.with(["wechat.keyFile": "\"pipe\""])
        try folder.write("kiosk.json", draft.text)
        #expect(try problems().map(\.key) == ["wechat.keyFile"])
    }

    @Test("Certificate and key of different merchants, swapped, encrypted or in another form")
    func identities() throws {
        let other = try TestIdentity()
        func reasons() throws -> String {
            try problems().map(\.description).joined(separator: "\n")
        }

        try folder.write("apiclient_key.pem", other.privateKey)
        #expect(try reasons().contains("does not belong to the certificate"))

        try folder.write("apiclient_key.pem", other.encryptedKey)
        #expect(try reasons().contains("is protected by a pass phrase"))

        try folder.write("apiclient_key.pem", other.certificate)
        try folder.write("apiclient_cert.pem", other.privateKey)
        let swapped = try problems()
        #expect(Set(swapped.map(\.key)) == ["wechat.certificateFile", "wechat.privateKeyFile"])
        #expect(swapped.allSatisfy { $0.reason.contains("swapped?") })

        try folder.write("apiclient_cert.pem", [0x30, 0x82, 0x00, 0x01])
        try folder.write("apiclient_key.pem", "hello")
        #expect(try reasons().contains("not the .p12 file"))
        #expect(try reasons().contains("holds no private key that can be read"))
    }

    @Test("Dates of the certificate warn and do not stop a kiosk without a clock (F1)")
    func dates() throws {
        let now = Int64(time(nil))
        #expect(try load(now: 0).warnings.map(\.reason).contains { $0.contains("not valid yet") })
        let day: Int64 = 86_400
        #expect(
            try load(now: now + 340 * day).warnings[0].reason.contains("expires within 30 days")
        )
        let expired = try load(now: now + 366 * day).warnings
        #expect(expired.map(\.key) == ["wechat.certificateFile"])
        #expect(expired[0].reason.contains("has expired"))
    }

    @Test("The token is 16 to 512 visible characters, the CA file holds a certificate")
    func tokenAndAuthorities() throws {
        let draft = Draft.minimal.with([
            "api.tokenFile": "\"token\"", "wechat.caFile": "\"ca.pem\"",
        ])
        try folder.write("kiosk.json", draft.text)
        try folder.write("token", "0123456789abcdef\n")
        try folder.write("ca.pem", try TestIdentity().certificate, mode: 0o644)
        #expect(try load().secrets.apiToken?.count == 16)

        try folder.write("token", "short")
        try folder.write("ca.pem", "none")
        #expect(Set(try problems().map(\.key)) == ["api.tokenFile", "wechat.caFile"])
    }
}
