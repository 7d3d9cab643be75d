import Glibc
import KioskClient
import Payments
import Sandbox
import StrictJSON
import Synchronization
import Threads

/// Everything in one place: the stand-in for WeChat Pay, the simulated devices, the real daemon as a child process, and an
/// application that sells. Its calls block.
final class DemoRig: Sendable {
    struct Options: Sendable {
        /// The program `kioskpayd`.
        var daemon: String
        /// Factor on the times of orders and payers.
        var scale: Double
        /// How long goods take to come out.
        var dispenses: Duration
    }

    static let amount: Int64 = 200
    private static let startLimit = Duration.seconds(30)

    let folder: TemporaryFolder
    let server: SandboxServer
    let scanner: SimulatedScanner
    let printer: SimulatedPrinter
    let kiosk: SandboxKiosk
    let client: LocalClient
    let board: DemoBoard
    private let daemon: DaemonProcess
    private let controller: VendingController
    private let follower: EventFollower
    private let codes = Mutex(0)

    /// Starts all of it; the daemon may still be starting. Nothing is left behind when this throws.
    init(_ options: Options) throws {
        guard unsafe access(options.daemon, X_OK) == 0 else {
            // The path lives for the call.
            throw DemoError(
                "There is no program \(options.daemon); build it with swift build, or name it with --daemon."
            )
        }
        let folder = try TemporaryFolder(prefix: "kioskpay-demo-")
        do {
            let parts = try Parts(options, folder)
            self.folder = folder
            server = parts.server
            scanner = parts.scanner
            printer = parts.printer
            kiosk = parts.kiosk
            let client = LocalClient(socket: parts.kiosk.socket)
            let board = parts.board
            let controller = VendingController(
                client: client,
                dispenses: options.dispenses,
                board: board
            )
            follower = EventFollower(socket: parts.kiosk.socket) { event in
                do {
                    let event = try KioskEvent(event)
                    if event.kind == "release", let sale = event.sale {
                        controller.released(sale: sale)
                    }
                    board.add(event)
                } catch {
                    board.add(problem: "An event cannot be read: \(error)")
                }
            }
            self.client = client
            self.board = board
            self.controller = controller
            daemon = parts.daemon
        } catch {
            folder.remove()
            throw error
        }
    }

    /// What can fail to start.
    private struct Parts {
        let server: SandboxServer
        let scanner: SimulatedScanner
        let printer: SimulatedPrinter
        let kiosk: SandboxKiosk
        let board: DemoBoard
        let daemon: DaemonProcess

        init(_ options: Options, _ folder: TemporaryFolder) throws {
            let material = try SandboxMaterial.prepare(in: folder.path + "/wechat")
            var kiosk = try SandboxKiosk(directory: folder.path + "/kiosk", material: material)
            kiosk.scaleTiming(by: options.scale)
            let board = DemoBoard(lightsFile: kiosk.lightsFile)
            let server = try SandboxServer(
                material: material,
                options: SandboxOptions(timings: .kiosk(scaledBy: options.scale))
            )
            server.onEvent { _ in board.changed.signal() }
            try server.start()
            try kiosk.write(baseURL: server.baseURL ?? "")
            let scanner = try SimulatedScanner(link: kiosk.scannerLink)
            do {
                let printer = try SimulatedPrinter(
                    link: kiosk.printerLink,
                    onSlip: { _ in board.changed.signal() }
                )
                do {
                    daemon = try DaemonProcess(
                        program: options.daemon,
                        arguments: [
                            "--config", kiosk.configurationFile, "--state", kiosk.stateDirectory,
                            "--log-level", "debug",
                        ],
                        log: folder.path + "/kioskpayd.log",
                        onEnd: { board.changed.signal() }
                    )
                    self.printer = printer
                } catch {
                    printer.close()
                    throw error
                }
                self.scanner = scanner
            } catch {
                scanner.close()
                throw error
            }
            self.server = server
            self.kiosk = kiosk
            self.board = board
        }
    }

    var isDaemonRunning: Bool { daemon.isRunning }
    var daemonLog: String { folder.path + "/kioskpayd.log" }

    /// Ends the daemon in order, then everything else but the folder. The daemon's exit code. Once only.
    func stop() -> Int32 {
        let code = daemon.stop()
        follower.stop()
        controller.stop()
        server.stop()
        scanner.close()
        printer.close()
        return code
    }

    // MARK: - What an application does

    /// Whether a sale can start now.
    func isReady() -> Bool { (try? client.get("/readyz"))?.status == 200 }

    /// Waits until a sale can start.
    func waitUntilReady() throws {
        let isReady = board.wait(atMost: Self.startLimit) { !isDaemonRunning || self.isReady() }
        guard isReady, isDaemonRunning else {
            throw DemoError("The daemon did not become ready; its log is \(daemonLog).")
        }
    }

    /// Starts a sale. - Parameter key: the `Idempotency-Key`.
    func openSale(key: String) throws -> KioskSale {
        let wish = JSONWriter.object { body in
            body.integer("amount", Self.amount)
            body.string("currency", "CNY")
            body.string("description", "Locker, 24 h")
        }
        let reply = try client.post("/v1/sales", wish, headers: ["Idempotency-Key: \(key)"])
        guard reply.status == 201 else {
            throw DemoError("A sale could not start: \(Self.detail(of: reply))")
        }
        return try KioskSale(reply.body)
    }

    func sale(_ id: String) throws -> KioskSale {
        let reply = try client.get("/v1/sales/\(id)")
        guard reply.status == 200 else {
            throw DemoError("Sale \(id) cannot be read: \(Self.detail(of: reply))")
        }
        return try KioskSale(reply.body)
    }

    /// Asks for a sale's end; why not, if it cannot end.
    func cancelSale(_ id: String) throws -> String? {
        let reply = try client.post("/v1/sales/\(id)/cancel")
        return reply.status == 202 ? nil : Self.detail(of: reply)
    }

    private static func detail(of reply: LocalClient.Reply) -> String {
        let problem = try? JSONReader.parse(reply.body, maximumBytes: 65_536)
        return (try? problem?.string("detail", bytes: 1...1024)) ?? "HTTP \(reply.status)."
    }

    // MARK: - What a payer does

    /// A fresh payment code that chooses the case: 18 digits beginning with 13 (wire facts, 1.16).
    func code(for play: SandboxCase) -> String {
        let number = codes.withLock { count in
            count += 1
            return count
        }
        let digits = String(1_000_000_000_000 + number).dropFirst()
        return "134" + digits + play.digits
    }
}
