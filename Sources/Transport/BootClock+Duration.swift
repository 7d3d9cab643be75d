import Threads

extension BootClock {
    static var now: Int64 { nanoseconds() }
}

extension Duration {
    /// Whole nanoseconds, saturating at what fits (292 years).
    var nanosecondsClamped: Int64 {
        let (seconds, tooMany) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, over) = seconds.addingReportingOverflow(components.attoseconds / 1_000_000_000)
        return tooMany || over ? .max : sum
    }

    /// Whole milliseconds for libcurl: at least 1 (0 would mean its default), at most a day.
    var millisecondsForCurl: Int {
        Int(min(max(nanosecondsClamped / 1_000_000, 1), 86_400_000))
    }
}

extension Int64 {
    /// This boot time plus a duration, saturating.
    func advanced(by duration: Duration) -> Int64 {
        let (sum, over) = addingReportingOverflow(duration.nanosecondsClamped)
        return over ? .max : sum
    }
}
