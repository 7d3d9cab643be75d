import Provisioning
import TestKit
import Testing

/// The example that outsiders copy from (interfaces, 2), as it stands there.
@Suite("The documented example")
struct ExampleTests {
    private let folder: TestFolder
    private let example: String

    /// The kiosk's folder with the example's key files, and the board it names.
    init() throws {
        folder = try TestFolder()
        example = try TextFile.read(beside: #filePath, "Fixtures/example.json")
        let identity = try TestIdentity()
        try folder.write("api-v2.key", "192006250b4c09247ec02edce69f6a2d")
        try folder.write("apiclient_cert.pem", identity.certificate, mode: 0o644)
        try folder.write("apiclient_key.pem", identity.privateKey)
        let board = try TextFile.read(beside: #filePath, "../../board/qemu-virt.json")
        try folder.write("board/qemu-virt.json", board)
    }

    /// What a person must fill in: an identity, and two ports that are not the same.
    private static let filledIn = [
        ("\"appID\": \"wx…\"", "\"appID\": \"wx2421b1c4370ec43b\""),
        ("\"merchantID\": \"…\"", "\"merchantID\": \"10000100\""),
        (
            "\"printer\": {\"port\": \"/dev/serial/by-id/…\"",
            "\"printer\": {\"port\": \"/dev/serial/by-id/usb-printer\""
        ),
    ]

    private func load(_ text: String) throws -> Installation {
        try folder.write("kiosk.json", text)
        return try Installation.load(file: folder.path + "/kiosk.json", credentialsDirectory: nil)
    }

    @Test("Filled in where a value is needed, it loads without a warning")
    func loads() throws {
        var text = example
        for (gap, value) in Self.filledIn {
            try #require(text.contains(gap))
            text.replace(gap, with: value)
        }
        let installation = try load(text)
        #expect(installation.warnings == [])
        let configuration = installation.configuration
        #expect(configuration.kiosk.board == "qemu-virt")
        #expect(configuration.kiosk.merchantName == "…")
        #expect(configuration.scanner.line.port == "/dev/serial/by-id/…")
        // The configuration's own word over the board's.
        #expect(configuration.printer?.line.flowControl == .rtscts)
        #expect(configuration.pulse == nil)
    }

    @Test("As it stands, it names exactly what a person must fill in")
    func asItStands() throws {
        let error = try #require(
            #expect(throws: ConfigurationError.self) { _ = try load(example) }
        )
        let keys = Set(error.problems.map(\.key))
        #expect(keys == ["wechat.appID", "wechat.merchantID", "printer.port"], "\(error)")
    }

    @Test("Every key of the example that has a default shows the default")
    func defaults() throws {
        var text = example
        for (gap, value) in Self.filledIn { text.replace(gap, with: value) }
        let complete = try load(text).configuration
        let minimal = try load(Draft.minimal.text).configuration
        #expect(complete.timing == minimal.timing)
        #expect(complete.risk == minimal.risk)
        #expect(complete.sale == minimal.sale)
        #expect(complete.network == minimal.network)
        #expect(complete.api == minimal.api)
    }
}
