/// What is wanted of a kiosk that has sold for years, or was cut off for long.
extension Bounds {
    /// Slower than with an empty journal.
    static let fullStart: Int64 = 50_000_000
    /// Off the configured rate, in millionths of it.
    static let rateError: Int64 = 50_000
}

extension Report {
    mutating func add(fullStarts result: FullStartRun.Result, of sales: Int) {
        guard let full = result.full.median, let empty = result.empty.median,
            let slowFull = result.full.p99, let slowEmpty = result.empty.p99
        else { return }
        rows.append(
            Row(
                name: "start to ready, started before",
                unit: .nanoseconds,
                median: empty,
                p99: slowEmpty
            )
        )
        rows.append(
            Row(
                name: "start to ready, \(sales) settled sales",
                unit: .nanoseconds,
                median: full,
                p99: slowFull
            )
        )
        rows.append(
            Row(
                name: "start to ready: what the settled sales cost",
                unit: .nanoseconds,
                median: full - empty,
                medianBound: Bounds.fullStart
            )
        )
        notes.append(
            "a journal of \(sales) sales: \(result.journalBytes / Bounds.mebibyte) MiB, filled in \(result.fillSeconds) s"
        )
    }

    mutating func add(queue result: QueueRun.Result, of orders: Int) {
        let wanted = Double(QueueRun.requestsPerSecond)
        rows.append(
            Row(
                name: "revoke queue of \(orders): requests",
                unit: .perSecond,
                median: Int64(result.rate * 1e6)
            )
        )
        rows.append(
            Row(
                name: "revoke queue: off the configured \(QueueRun.requestsPerSecond) /s",
                unit: .share,
                median: Int64((result.rate - wanted).magnitude / wanted * 1e6),
                medianBound: Bounds.rateError
            )
        )
        rows.append(
            Row(
                name: "revoke queue: RSS",
                unit: .bytes,
                median: result.after.residentBytes
            )
        )
        rows.append(
            Row(
                name: "revoke queue: RSS growth meanwhile",
                unit: .bytes,
                median: result.after.residentBytes - result.before.residentBytes,
                medianBound: Bounds.growth
            )
        )
        notes.append("\(result.requests) requests of the queue within the window")
    }
}
