internal import Sandbox

/// What the daemon is measured against: the stand-in and the devices, all in this process, and a folder for everything.
final class Workbench {
    let directory: String
    let port: UInt16
    var hasPrinter: Bool { printer != nil }
    private let server: SandboxServer
    private let kiosk: SandboxKiosk
    private let scanner: SimulatedScanner
    private let printer: SimulatedPrinter?
    private let program: String
    private var codes = 0
    /// The line speed that `scanner.baud` has by default: the code comes byte by byte, as from a real scanner.
    private static let baud = 9_600

    /// - Parameter hasPrinter: whether sales print a slip, which takes half a second.
    init(directory: String, program: String, hasPrinter: Bool) throws {
        self.directory = directory
        self.program = program
        server = try SandboxServer(material: SandboxMaterial.prepare(in: directory + "/platform"))
        port = try BatchThreads.start { [server] in try server.start() }
        kiosk = try Self.makeKiosk(directory + "/kiosk", server, hasPrinter: hasPrinter)
        scanner = try SimulatedScanner(link: kiosk.scannerLink)
        printer = hasPrinter ? try SimulatedPrinter(link: kiosk.printerLink) : nil
    }

    /// A kiosk whose sales end when they are paid, so that one follows the other without an application's report.
    private static func makeKiosk(
        _ folder: String,
        _ server: SandboxServer,
        hasPrinter: Bool,
    ) throws -> SandboxKiosk {
        var kiosk = try SandboxKiosk(directory: folder, material: server.material)
        kiosk.sections["sale"] = #"{"autoDeliver":true}"#
        if !hasPrinter { kiosk.sections["printer"] = "null" }
        try kiosk.write(baseURL: server.baseURL ?? "")
        return kiosk
    }

    /// Ends devices and server.
    func close() {
        scanner.close()
        printer?.close()
        server.stop()
    }

    /// Starts the daemon and waits until it says that it is ready.
    ///
    /// - Parameter journal: a name; the same name is the same journal.
    func startDaemon(journal: String) throws -> (daemon: DaemonProcess, readyAfter: Int64) {
        let state = "\(directory)/\(journal)"
        try Folder.make(state)
        let ready = try ReadySocket(path: directory + "/notify.sock")
        let daemon = try DaemonProcess(
            program: program,
            configuration: kiosk.configurationFile,
            state: state,
            notifySocket: ready.path
        )
        let time = try ready.readyTime(within: .seconds(20))
        return (daemon, time - daemon.startedAt)
    }

    /// Holds a new code of a payer who pays at once to the scanner.
    func scan() {
        codes += 1
        let number = String(codes)
        let zeros = String(repeating: "0", count: 13 - number.count)
        scanner.scan("13" + zeros + number + "000", baud: Self.baud)
    }

    /// The local interface.
    var socket: String { kiosk.socket }

    /// Who vouches for the stand-in.
    var authorityFile: String { server.material.authorityFile }

    /// Whether anything came to the stand-in that a correct kiosk never sends.
    var hasViolations: Bool { !server.violations().isEmpty }

    /// Payments that the stand-in took.
    var charged: Int { server.ledger().count { $0.charged != nil } }
}
