internal import Threads

/// Starts the daemon with a journal of many years and with an empty one in turn, so that whatever else the machine does meets
/// both.
struct FullStartRun {
    /// Of each.
    let starts: Int
    /// Delivered sales in the full journal.
    let sales: Int

    struct Result {
        var full = Sample()
        var empty = Sample()
        var fillSeconds = 0
        var journalBytes: Int64 = 0
    }

    private static let full = "years"
    private static let empty = "first-day"

    func measure(_ bench: Workbench) throws -> Result {
        // Each has been started once: neither makes its tables when it counts.
        for journal in [Self.full, Self.empty] { _ = try Self.start(bench, journal) }
        var result = Result()
        let begun = BootClock.nanoseconds()
        let state = "\(bench.directory)/\(Self.full)"
        let fill = try JournalFill(state: state)
        try fill.addDelivered(sales)
        try fill.close()
        result.fillSeconds = Int((BootClock.nanoseconds() - begun) / 1_000_000_000)
        result.journalBytes = try ProcFile.size(of: state + "/journal.db")
        for number in 0..<starts {
            // Either goes first as often.
            let isFullFirst = number.isMultiple(of: 2)
            for isFull in [isFullFirst, !isFullFirst] {
                let time = try Self.start(bench, isFull ? Self.full : Self.empty)
                if isFull { result.full.add(time) } else { result.empty.add(time) }
            }
        }
        return result
    }

    private static func start(_ bench: Workbench, _ journal: String) throws -> Int64 {
        let (daemon, time) = try bench.startDaemon(journal: journal)
        _ = try daemon.line { $0.says("The platform accepts this kiosk's keys") }
        try daemon.stop()
        return time
    }
}
