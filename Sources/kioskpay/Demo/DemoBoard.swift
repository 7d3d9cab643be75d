import Sandbox
import Synchronization
import Threads

/// What is known of the kiosk from outside: its events and its lights. Whoever learns something new signals ``changed``.
final class DemoBoard: Sendable {
    /// Events kept; a demo makes far fewer.
    private static let mostEvents = 10_000

    private struct State {
        var events: [KioskEvent] = []
        var trace: LightTrace
        var problems: [String] = []
    }

    private let state: Mutex<State>
    /// Signalled by everything that may be worth a look.
    let changed = WakeDescriptor()

    init(lightsFile: String) { state = Mutex(State(trace: LightTrace(file: lightsFile))) }

    var events: [KioskEvent] { state.withLock { $0.events } }
    /// What should never happen, such as JSON that cannot be read.
    var problems: [String] { state.withLock { $0.problems } }

    func add(_ event: KioskEvent) {
        state.withLock { if $0.events.count < Self.mostEvents { $0.events.append(event) } }
        changed.signal()
    }

    func add(problem: String) {
        state.withLock { if $0.problems.count < 100 { $0.problems.append(problem) } }
        changed.signal()
    }

    /// The lights' trace up to now.
    func lights() -> LightTrace {
        state.withLock { state in
            _ = state.trace.update()
            return state.trace
        }
    }

    /// Waits until the condition holds, at most `limit`; whether it does. The trace file and the calls of a condition
    /// announce nothing, so it is asked again every 50 ms.
    func wait(
        atMost limit: Duration,
        until condition: () throws -> Bool,
    ) rethrows -> Bool {
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: limit)
        while true {
            changed.clear()
            if try condition() { return true }
            let left = end - BootClock.nanoseconds()
            guard left > 0 else { return false }
            _ = changed.wait(atMost: min(.milliseconds(50), .nanoseconds(left)))
        }
    }
}
