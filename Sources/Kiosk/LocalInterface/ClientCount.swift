import Synchronization

/// How many clients are connected, over both listeners.
final class ClientCount: Sendable {
    let maximum: Int
    private let count = Mutex(0)

    init(maximum: Int) { self.maximum = maximum }

    /// Takes a place; `false` if all are taken.
    func enter() -> Bool {
        count.withLock { count in
            guard count < maximum else { return false }
            count += 1
            return true
        }
    }

    /// Gives back a place that ``enter()`` gave.
    func leave() { count.withLock { $0 -= 1 } }
}
