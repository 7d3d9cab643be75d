internal import Threads

/// Starts the daemon again and again, each time with an empty journal.
struct StartRun {
    let count: Int

    /// Nanoseconds from executing the program to `READY=1`.
    func measure(_ bench: Workbench) throws -> Sample {
        var times = Sample()
        for number in 0..<count {
            let (daemon, time) = try bench.startDaemon(journal: "start-\(number)")
            times.add(time)
            // Its first round of connecting and probing is part of a start, but not of becoming ready.
            _ = try daemon.line { $0.says("The platform accepts this kiosk's keys") }
            try daemon.stop()
        }
        return times
    }
}
