import ArgumentParser
import Glibc

/// Measures the real daemon against the stand-in.
@main
struct KioskpayBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kioskpay-bench",
        abstract: "Measures the kioskpayd beside it; exits 1 if a bound is missed."
    )

    @Option(help: "The daemon to measure; by default the kioskpayd beside this program.")
    var daemon: String?

    @Option(help: "An empty folder for journals and devices, on the disk that is to be measured.")
    var directory: String

    @Option(help: "Payments to make.")
    var payments: Int?

    @Option(help: "Starts to time.")
    var starts: Int?

    @Option(help: "Seconds to leave the daemon alone.")
    var idle: Int?

    @Option(help: "Delivered sales in the journal that is started beside an empty one; 0 for none.")
    var settled: Int?

    @Option(help: "Orders in the revoke queue that is looked at; 0 for none.")
    var queue: Int?

    @Option(help: "Seconds to look at it.")
    var queueSeconds = 120

    @Flag(help: "A short look: 120 payments, 5 starts, 10 s idle, no full journal and no queue.")
    var quick = false

    @Flag(help: "Leave the printer out; a payment with a slip takes half a second longer.")
    var noPrinter = false

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func validate() throws {
        for value in [payments, starts, idle] {
            guard (1...100_000).contains(value ?? 1) else {
                throw ValidationError("--payments, --starts and --idle are 1 to 100000.")
            }
        }
        guard (0...10_000_000).contains(settled ?? 0), (0...10_000).contains(queue ?? 0),
            (10...86_400).contains(queueSeconds)
        else {
            throw ValidationError(
                "--settled is 0 to 10000000, --queue 0 to 10000, --queue-seconds 10 to 86400."
            )
        }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let bench = try Workbench(
            directory: directory,
            program: daemon ?? Self.daemonBeside(),
            hasPrinter: !noPrinter
        )
        defer { bench.close() }
        var report = Report()
        let load = try ProcFile.text("/proc/loadavg").prefix { $0 != "\n" }
        try measure(bench, &report)
        let loadAfter = try ProcFile.text("/proc/loadavg").prefix { $0 != "\n" }
        report.notes.append(
            "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, load before \(load), after \(loadAfter)"
        )
        print(json ? report.json : report.markdown)
        guard report.isGood else { throw ExitCode(1) }
    }

    private func measure(_ bench: Workbench, _ report: inout Report) throws {
        say("timing starts")
        report.add(starts: try StartRun(count: starts ?? (quick ? 5 : 20)).measure(bench))
        let (process, _) = try bench.startDaemon(journal: "journal")
        _ = try process.line { $0.says("The platform accepts this kiosk's keys") }
        say("making payments")
        let count = payments ?? (quick ? 120 : 500)
        report.add(payments: try PaymentRun(count: count).measure(bench, process))
        guard bench.charged == count, !bench.hasViolations else {
            throw BenchError(
                "The sandbox's ledger does not agree: \(bench.charged) of \(count) charged."
            )
        }
        // The lights show the last result for three seconds.
        pause(.seconds(5))
        say("idle")
        let duration = Duration.seconds(idle ?? (quick ? 10 : 60))
        report.add(idle: try IdleRun(duration: duration).measure(process))
        try process.stop()
        try measureFullJournals(bench, &report)
    }

    /// Numbers of a kiosk that has sold for years, or was cut off for long.
    private func measureFullJournals(_ bench: Workbench, _ report: inout Report) throws {
        let sales = settled ?? (quick ? 0 : 1_000_000)
        if sales > 0 {
            say("filling a journal with \(sales) sales, and timing starts with it")
            let run = FullStartRun(starts: starts ?? (quick ? 5 : 20), sales: sales)
            report.add(fullStarts: try run.measure(bench), of: sales)
        }
        let orders = queue ?? (quick ? 0 : 10_000)
        if orders > 0 {
            say("looking at a queue of \(orders) orders for \(queueSeconds) s")
            let run = QueueRun(orders: orders, window: .seconds(queueSeconds))
            let program = try daemon ?? Self.daemonBeside()
            report.add(queue: try run.measure(program, in: directory + "/queue"), of: orders)
        }
    }

    private static func daemonBeside() throws -> String {
        var path = [CChar](repeating: 0, count: 4_096)
        // The array outlives the call and has the length passed.
        let count = unsafe readlink("/proc/self/exe", &path, path.count)
        guard count > 0 else { throw BenchError("readlink /proc/self/exe", code: errno) }
        let text = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = text.lastIndex(of: "/") else { throw BenchError("No folder: \(text)") }
        return text[...slash] + "kioskpayd"
    }

    private func say(_ text: String) {
        // The array outlives the call and has the length passed.
        let bytes = Array("kioskpay-bench: \(text)\n".utf8)
        _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
    }
}
