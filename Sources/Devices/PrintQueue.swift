internal import Payments
internal import Synchronization
internal import Threads

/// Slips that wait for the printer's thread, and the wish to stop.
final class PrintQueue: Sendable {
    /// How many slips may wait.
    static let capacity = 8

    struct Job: Sendable {
        let slip: Slip
        let expires: BootTime
        let completion: @Sendable (PrintResult) -> Void
    }

    let wake = WakeDescriptor()
    private let content = Mutex(Content())

    private struct Content {
        var jobs: [Job] = []
        /// The slip that was taken out is being printed.
        var isPrinting = false
        var isStopping = false
    }

    private let ended = WakeDescriptor()

    /// `nil` if the slip was taken, else why not.
    func append(_ job: Job) -> PrintFailure? {
        let refusal: PrintFailure? = content.withLock { content in
            if content.isStopping { return .device(.stopped) }
            if content.jobs.count >= Self.capacity { return .queueFull }
            content.jobs.append(job)
            return nil
        }
        wake.signal()
        return refusal
    }

    func stop() {
        content.withLock { $0.isStopping = true }
        wake.signal()
    }

    var isStopping: Bool { content.withLock { $0.isStopping } }
    var isEmpty: Bool { content.withLock { $0.jobs.isEmpty } }

    /// When the first waiting slip expires; `nil` if none waits. Slips wait equally long, so the
    /// first expires first.
    var nextExpiry: BootTime? { content.withLock { $0.jobs.first?.expires } }

    /// The slip to print now; ``printed()`` says that its end has come.
    func removeFirst() -> Job? {
        content.withLock { content in
            guard !content.jobs.isEmpty else { return nil }
            content.isPrinting = true
            return content.jobs.removeFirst()
        }
    }

    func printed() {
        content.withLock { $0.isPrinting = false }
        ended.signal()
    }

    /// Waits until no slip waits or is being printed, at most `limit`, and no longer than `canPrint`.
    /// For one caller at a time.
    func waitUntilIdle(atMost limit: Duration, while canPrint: () -> Bool) {
        let end = BootClock.now() + limit
        while BootClock.now() < end, canPrint() {
            if content.withLock({ $0.jobs.isEmpty && !$0.isPrinting }) { return }
            // The slice bounds how late a printer that can no longer print is noticed.
            ended.wait(until: min(end, BootClock.now() + .milliseconds(200)))
            ended.clear()
        }
    }

    /// Ends the slips whose time is over.
    func expire(at now: BootTime, for trouble: DeviceTrouble) {
        fail(for: trouble) { $0.expires <= now }
    }

    /// Ends all slips.
    func failAll(for trouble: DeviceTrouble) {
        fail(for: trouble) { _ in true }
    }

    private func fail(for trouble: DeviceTrouble, _ isOver: (Job) -> Bool) {
        let over = content.withLock { content in
            let over = content.jobs.filter(isOver)
            content.jobs.removeAll(where: isOver)
            return over
        }
        for job in over { job.completion(.failed(.device(trouble))) }
    }
}
