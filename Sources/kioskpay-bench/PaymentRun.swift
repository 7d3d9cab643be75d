internal import Threads

/// Payments one after another, each beside a passage of the floor.
struct PaymentRun {
    /// After so many payments memory is looked at, and again at the end.
    static let warmUp = 100
    private static let readyLimit = Duration.seconds(15)

    let count: Int

    struct Result {
        var scanToWire = Sample()
        var floor = Sample()
        var floorDisk = Sample()
        /// Scans that had to be shown twice.
        var repeatedScans = 0
        /// Before the first payment, after ``PaymentRun/warmUp``, halfway from there to the end, and after the last one.
        var before: ProcessFacts
        var warm: ProcessFacts
        var halfway: ProcessFacts
        var after: ProcessFacts
    }

    func measure(_ bench: Workbench, _ daemon: DaemonProcess) throws -> Result {
        var floor = try Floor(
            file: bench.directory + "/floor",
            port: bench.port,
            authorityFile: bench.authorityFile
        )
        _ = try floor.measure()
        let before = try ProcessFacts(of: daemon.id)
        var result = Result(before: before, warm: before, halfway: before, after: before)
        for number in 1...count {
            // Either goes first as often, so that none always finds the caches as the other left them.
            if number.isMultiple(of: 2) { try measure(&floor, &result) }
            try pay(bench, daemon, &result)
            if !number.isMultiple(of: 2) { try measure(&floor, &result) }
            if number == Self.warmUp { result.warm = try ProcessFacts(of: daemon.id) }
            if number == (Self.warmUp + count) / 2 {
                result.halfway = try ProcessFacts(of: daemon.id)
            }
        }
        result.after = try ProcessFacts(of: daemon.id)
        return result
    }

    private func measure(_ floor: inout Floor, _ result: inout Result) throws {
        pause(.milliseconds(20))
        let (disk, both) = try floor.measure()
        result.floorDisk.add(disk)
        result.floor.add(both)
    }

    private func pay(
        _ bench: Workbench,
        _ daemon: DaemonProcess,
        _ result: inout Result,
    ) throws {
        let sale = try open(bench)
        // Scans from before the sale are dropped; a person needs longer than that.
        pause(.milliseconds(20))
        bench.scan()
        var progress = Progress(sale: sale, awaitsSlip: bench.hasPrinter)
        do {
            _ = try daemon.line(within: .seconds(3)) { progress.isTaken(after: $0) }
        } catch {
            result.repeatedScans += 1
            bench.scan()
        }
        if !progress.isComplete { _ = try daemon.line { progress.isComplete(after: $0) } }
        guard let time = progress.scanToWire else { throw BenchError("The log gives no time.") }
        result.scanToWire.add(time)
    }

    /// Asks for a sale until the daemon is ready for it.
    private func open(_ bench: Workbench) throws -> String {
        let client = LocalClient(socket: bench.socket)
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: Self.readyLimit)
        while true {
            switch try client.openSale(amount: 200) {
            case .sale(let sale): return sale
            case .notNow(let reply):
                guard BootClock.nanoseconds() < end else {
                    throw BenchError("The daemon takes no sale: \(reply)")
                }
                pause(.milliseconds(50))
            }
        }
    }

    /// What the log has told of one payment; its lines come in no fixed order.
    private struct Progress {
        let sale: String
        private(set) var scanToWire: Int64?
        private var isDelivered = false
        private var isPrinted: Bool

        init(sale: String, awaitsSlip: Bool) {
            self.sale = sale
            isPrinted = !awaitsSlip
        }

        var isComplete: Bool { scanToWire != nil && isDelivered && isPrinted }

        mutating func isComplete(after line: LogLine) -> Bool {
            note(line)
            return isComplete
        }

        /// Whether the scan was taken.
        mutating func isTaken(after line: LogLine) -> Bool {
            note(line)
            return scanToWire != nil
        }

        private mutating func note(_ line: LogLine) {
            if let time = line.scanToWire { scanToWire = time }
            if line.saysDelivered(sale) { isDelivered = true }
            if line.says("The slip was printed.") { isPrinted = true }
        }
    }
}
