internal import Payments
internal import Synchronization

/// What all threads of a server must know: the network's state, whether to stop, and who is connected.
final class NetworkControl: Sendable {
    struct Condition: Hashable, Sendable {
        var network = SandboxNetwork.up
        var isStopping = false

        var acceptsConnections: Bool { network == .up || network == .silent }
    }

    private struct State {
        var condition = Condition()
        var threads: [Int: Wakeup] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())
    private let threadsChanged: Wakeup

    init() throws(SandboxError) { threadsChanged = try Wakeup() }

    var condition: Condition { state.withLock { $0.condition } }

    /// How many threads are registered, the listener's included.
    var threadCount: Int { state.withLock { $0.threads.count } }

    /// A thread that must hear of changes; `leave` ends that.
    func join(with wakeup: Wakeup) -> Int {
        state.withLock { state in
            state.nextID += 1
            state.threads[state.nextID] = wakeup
            return state.nextID
        }
    }

    func leave(_ id: Int) {
        // Everybody else hears of it: the listener may have been waiting for a free place.
        let others = state.withLock { state in
            state.threads[id] = nil
            return Array(state.threads.values)
        }
        threadsChanged.signal()
        for wakeup in others { wakeup.signal() }
    }

    func set(_ change: (inout Condition) -> Void) {
        let wakeups = state.withLock { state in
            change(&state.condition)
            return Array(state.threads.values)
        }
        for wakeup in wakeups { wakeup.signal() }
    }

    /// Waits until at most `count` threads are left, at most `limit`; whether that came true.
    func awaitThreads(atMost count: Int, within limit: Duration) -> Bool {
        let deadline = PlatformTime.now.boot + limit
        while threadCount > count {
            let now = PlatformTime.now.boot
            guard now < deadline else { return false }
            // Two waiters share one descriptor: the short slice bounds what the other can miss.
            threadsChanged.wait(until: min(deadline, now + .milliseconds(20)))
        }
        return true
    }
}
