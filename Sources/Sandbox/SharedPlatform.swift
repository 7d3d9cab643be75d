internal import Payments
internal import Synchronization

/// The platform behind a lock, for all connections, with its events handed out in order.
final class SharedPlatform: Sendable {
    private struct State {
        var platform: Platform
        var waiting: [SandboxEvent] = []
        /// Whether a thread is handing events out; it takes those of the others along.
        var isDelivering = false
    }

    private let state: Mutex<State>
    private let listener = Mutex<(@Sendable (SandboxEvent) -> Void)?>(nil)
    /// Signalled when something will happen by itself sooner than was known.
    let clock: Wakeup

    init(_ platform: Platform) throws(SandboxError) {
        state = Mutex(State(platform: platform))
        clock = try Wakeup()
    }

    /// Called for every event from now on, one at a time and in order, on the thread that caused it or a later one.
    func listen(_ listener: (@Sendable (SandboxEvent) -> Void)?) {
        self.listener.withLock { $0 = listener }
    }

    /// Works on the platform as it is now, then hands the events out without the lock.
    func with<Result: Sendable>(
        _ work: (inout Platform, PlatformTime) -> Result
    ) -> Result {
        let (result, isSooner) = state.withLock { state in
            let due = state.platform.nextDue
            let now = PlatformTime.now
            state.platform.advance(to: now)
            let result = work(&state.platform, now)
            state.waiting += state.platform.takeEvents()
            return (result, state.platform.nextDue.map { $0 < due ?? $0 + .seconds(1) } ?? false)
        }
        if isSooner { clock.signal() }
        deliver()
        return result
    }

    private func deliver() {
        var isMine = false
        while true {
            let events: [SandboxEvent] = state.withLock { state in
                if state.isDelivering, !isMine { return [] }
                defer { state.waiting = [] }
                isMine = !state.waiting.isEmpty
                state.isDelivering = isMine
                return state.waiting
            }
            if events.isEmpty { return }
            let listener = listener.withLock { $0 }
            for event in events { listener?(event) }
        }
    }
}
