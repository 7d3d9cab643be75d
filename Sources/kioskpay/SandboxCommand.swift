import ArgumentParser
import Glibc
import Payments
import Sandbox
import UnixSignals

/// `kioskpay sandbox`: the WeChat Pay stand-in.
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Plays WeChat Pay for demos and tests: TLS, strict checks, payers and faults.",
        discussion: """
            Listens on 127.0.0.1 only. Keys, certificates and names are made in the directory on the first start.
            The last three digits of the scanned code choose what happens; --list names the cases.
            Prints what happens as it happens, and the ledger at the end (Ctrl-C).
            """
    )

    @Option(help: "The folder with keys and certificates; made if it is not there.")
    var directory: String = "sandbox"

    @Option(help: "The port; 0 lets the system choose.")
    var port: UInt16 = 8443

    @Option(help: "Multiplies every time of orders and payers: 0.1 makes 15 s 1.5 s.")
    var scale: Double = 1

    @Option(
        name: .customLong("case"),
        parsing: .upToNextOption,
        help: "What the next submits get, by the case's name, before the digits choose."
    )
    var cases: [String] = []

    @Flag(help: "List the cases and end.")
    var list = false

    @Flag(help: "Print the ledger as JSON lines at the end.")
    var json = false

    func validate() throws {
        guard scale > 0, scale <= 100 else { throw ValidationError("--scale is 0 to 100.") }
        for name in cases where SandboxCase(named: name) == nil {
            throw ValidationError("There is no case \"\(name)\"; --list names them all.")
        }
    }

    func run() async throws {
        if list {
            print(SandboxCase.listing)
            return
        }
        signal(SIGPIPE, SIG_IGN)
        let server = try start()
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
        server.stop()
        for entry in server.ledger() { print(json ? entry.json : entry.description) }
    }

    private func start() throws -> SandboxServer {
        let material = try SandboxMaterial.prepare(in: directory)
        let server = try SandboxServer(
            material: material,
            options: SandboxOptions(port: port, timings: .scaled(by: scale))
        )
        server.script(cases.compactMap { SandboxCase(named: $0) })
        server.onEvent { Self.tell("\($0)") }
        try server.start()
        Self.tell(
            """
            The sandbox listens at \(server.baseURL ?? "").
            appID \(material.identity.appID), merchantID \(material.identity.merchantID)
            caFile \(material.authorityFile)
            keyFile \(material.keyFile)
            certificateFile \(material.certificateFile), privateKeyFile \(material.privateKeyFile)
            """
        )
        return server
    }

    /// Prints and lets nothing wait in a buffer: whoever reads a pipe or a file wants to see it as it happens.
    private static func tell(_ text: String) {
        print(text)
        // No pointer is passed: every open stream is written out.
        fflush(nil)
    }
}
