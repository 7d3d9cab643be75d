internal import Threads

/// Leaves the daemon alone and counts what it does all the same.
struct IdleRun {
    let duration: Duration

    struct Result {
        let seconds: Double
        let switches: Int64
        let processorNanoseconds: Int64
        /// Wake-ups by the threads' names, most first.
        let byThread: [(name: String, switches: Int64)]

        var switchesPerSecond: Double { Double(switches) / seconds }
        var processorShare: Double { Double(processorNanoseconds) / (seconds * 1e9) }
    }

    func measure(_ daemon: DaemonProcess) throws -> Result {
        let start = BootClock.nanoseconds()
        let before = try ProcessFacts(of: daemon.id)
        pause(duration)
        let after = try ProcessFacts(of: daemon.id)
        let end = BootClock.nanoseconds()
        var byName: [String: Int64] = [:]
        var switches: Int64 = 0
        var processor: Int64 = 0
        for (id, thread) in after.threads {
            let old = before.threads[id]
            let woken = thread.voluntarySwitches - (old?.voluntarySwitches ?? 0)
            switches += woken
            processor += thread.processorNanoseconds - (old?.processorNanoseconds ?? 0)
            byName[thread.name, default: 0] += woken
        }
        return Result(
            seconds: Double(end - start) / 1e9,
            switches: switches,
            processorNanoseconds: processor,
            byThread: byName.filter { $0.value > 0 }
                .sorted { ($0.value, $1.key) > ($1.value, $0.key) }
                .map { (name: $0.key, switches: $0.value) }
        )
    }
}
