internal import Payments
internal import Sandbox
internal import Synchronization
internal import Threads

/// Starts the daemon on a full revoke queue and looks for a while at its memory and at when its requests arrive.
///
/// An order takes four requests, so the whole of a long queue takes hours at the rate that one kiosk may have (rule C4); a
/// window shows both.
struct QueueRun {
    let orders: Int
    let window: Duration

    /// What the configuration says, and the most that it takes.
    static let requestsPerSecond = 5
    /// The queue's first steps wait for rule C2, and are spread over half a minute.
    private static let firstLimit = Duration.seconds(120)
    private static let settling = Duration.seconds(35)

    struct Result {
        /// Requests per second that arrived within the window.
        let rate: Double
        let requests: Int
        /// At the beginning of the window and at its end.
        let before: ProcessFacts
        let after: ProcessFacts
    }

    func measure(_ program: String, in directory: String) throws -> Result {
        try Folder.make(directory)
        let server = try SandboxServer(material: .prepare(in: directory + "/platform"))
        try server.start()
        defer { server.stop() }
        var kiosk = try SandboxKiosk(directory: directory + "/kiosk", material: server.material)
        kiosk.sections["printer"] = "null"
        kiosk.sections["risk"] = #"{"revokeRequestsPerSecond":\#(Self.requestsPerSecond)}"#
        try kiosk.write(baseURL: server.baseURL ?? "")
        let scanner = try SimulatedScanner(link: kiosk.scannerLink)
        defer { scanner.close() }

        // It makes the journal that is filled.
        let first = try Self.start(program, kiosk)
        _ = try first.line { $0.says("The platform accepts this kiosk's keys") }
        try first.stop()
        let fill = try JournalFill(state: kiosk.stateDirectory)
        try fill.addQueued(orders)
        try fill.close()

        let arrivals = Arrivals()
        server.onEvent { arrivals.note($0) }
        let daemon = try Self.start(program, kiosk)
        _ = try daemon.line(within: Self.firstLimit) { $0.says("A query ended.") }
        try Self.pass(Self.settling, daemon)
        let before = try ProcessFacts(of: daemon.id)
        let begin = BootClock.nanoseconds()
        try Self.pass(window, daemon)
        let end = BootClock.nanoseconds()
        let after = try ProcessFacts(of: daemon.id)
        try daemon.stop()
        guard server.violations().isEmpty else {
            throw BenchError("The sandbox saw what a correct kiosk never sends.")
        }
        let times = arrivals.times.filter { (begin...end).contains($0) }
        guard let earliest = times.min(), let latest = times.max(), latest > earliest else {
            throw BenchError("No requests of the queue came.")
        }
        return Result(
            rate: Double(times.count - 1) / (Double(latest - earliest) / 1e9),
            requests: times.count,
            before: before,
            after: after
        )
    }

    private static func start(_ program: String, _ kiosk: SandboxKiosk) throws -> DaemonProcess {
        let ready = try ReadySocket(path: kiosk.directory + "/notify.sock")
        let daemon = try DaemonProcess(
            program: program,
            configuration: kiosk.configurationFile,
            state: kiosk.stateDirectory,
            notifySocket: ready.path
        )
        _ = try ready.readyTime(within: .seconds(20))
        return daemon
    }

    /// Lets time pass and reads the log meanwhile, so that no pipe fills.
    private static func pass(_ duration: Duration, _ daemon: DaemonProcess) throws {
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: duration)
        _ = try daemon.line(within: duration + .seconds(30)) { _ in
            BootClock.nanoseconds() >= end
        }
    }

    /// When the queue's requests came: the first byte, as the stand-in read it.
    private final class Arrivals: Sendable {
        private let all = Mutex<[Int64]>([])

        var times: [Int64] { all.withLock(\.self) }

        func note(_ event: SandboxEvent) {
            switch event.kind {
            case .received(.query, let firstByte), .received(.reverse, let firstByte):
                all.withLock { $0.append(firstByte.nanoseconds) }
            default: break
            }
        }
    }
}
