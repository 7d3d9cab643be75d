internal import Glibc
package import Payments
internal import Synchronization
internal import Threads

/// Fires the machine's timers at or after their time on the boot clock, on a thread of its own that sleeps otherwise.
package final class TimerService: Sendable {
    private let state = Mutex(State())
    private let timer = BootTimer()
    private let wake = WakeDescriptor()
    private let thread = Mutex<OwnThread?>(nil)

    private struct State {
        var due: [TimerID: BootTime] = [:]
        var isStopping = false
    }

    package init() {}

    /// `onFire` runs on the service's thread and must not block.
    package func start(onFire: @escaping @Sendable (TimerID) -> Void) {
        thread.withLock { $0 = OwnThread(name: "timers") { self.run(onFire) } }
    }

    package func arm(_ id: TimerID, at due: BootTime) {
        state.withLock { state in
            // One armed timer per purpose: an earlier one of the same purpose has lost its meaning.
            for old in state.due.keys where old.purpose == id.purpose { state.due[old] = nil }
            state.due[id] = due
            set(state)
        }
    }

    package func disarm(_ id: TimerID) {
        state.withLock { state in
            state.due[id] = nil
            set(state)
        }
    }

    package func stop() {
        state.withLock { $0.isStopping = true }
        wake.signal()
        thread.withLock { $0 }?.waitUntilEnded(atMost: .seconds(2))
    }

    /// Under the lock, so that the descriptor always stands at the earliest time.
    private func set(_ state: borrowing State) {
        timer.set(state.due.values.min()?.nanoseconds)
    }

    private func run(_ onFire: (TimerID) -> Void) {
        while true {
            var descriptors = [
                pollfd(fd: timer.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            _ = Poll.wait(&descriptors, until: nil)
            timer.clear()
            wake.clear()
            let now = BootTime(nanoseconds: BootClock.nanoseconds())
            let fired: [TimerID]? = state.withLock { state in
                guard !state.isStopping else { return nil }
                let fired = state.due.filter { $0.value <= now }
                    .sorted { ($0.value, $0.key.serial) < ($1.value, $1.key.serial) }.map(\.key)
                for id in fired { state.due[id] = nil }
                set(state)
                return fired
            }
            guard let fired else { return }
            for id in fired { onFire(id) }
        }
    }
}
