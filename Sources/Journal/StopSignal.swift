import Synchronization

/// Tells a thread that pauses between pieces of work to stop.
final class StopSignal: Sendable {
    private let isStopped = Mutex(false)
    private let semaphore = Semaphore()

    func stop() {
        isStopped.withLock { $0 = true }
        semaphore.signal()
    }

    var isSet: Bool { isStopped.withLock(\.self) }

    /// Sleeps for `pause`, less if stopped. Whether to go on.
    func allowsMore(after pause: Duration) -> Bool {
        if isSet { return false }
        _ = semaphore.wait(atMost: pause)
        return !isSet
    }
}
