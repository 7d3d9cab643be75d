internal import Glibc
internal import Payments
internal import Synchronization
internal import Threads

/// Something that lights can be shown on. It shows ``LightLevels/safe`` once it is open.
protocol LightDriver: Sendable {
    /// Whether that worked.
    func set(_ levels: LightLevels) -> Bool
    func close()
}

/// Plays the patterns on a thread of its own, at absolute times of the boot clock, asleep while
/// nothing changes.
final class PlayedLights: StatusLights {
    typealias Opener = @Sendable () throws(LightsError) -> any LightDriver

    private let wake: WakeDescriptor
    private let control: ControlBox
    private let thread: OwnThread

    private struct Control {
        var score: LightScore
        var state = LightsState.failed(
            LightsError(description: "The lights have not been opened yet; wait a moment.")
        )
        var isStopping = false
    }

    private final class ControlBox: Sendable {
        let value: Mutex<Control>
        init() { value = Mutex(Control(score: LightScore(at: BootClock.now()))) }
    }

    /// - Parameter open: called on the lights' thread, again and again until it works.
    init(onState: @escaping @Sendable (LightsState) -> Void, open: @escaping Opener) {
        let wake = WakeDescriptor()
        let control = ControlBox()
        self.wake = wake
        self.control = control
        thread = OwnThread(name: "lights") {
            var held = HeldLights(open: open) { state in
                control.value.withLock { $0.state = state }
                onState(state)
            }
            Self.run(&held, wake: wake, control: control)
            held.release()
        }
    }

    var state: LightsState { control.value.withLock { $0.state } }

    func show(_ display: LightDisplay) {
        control.value.withLock { $0.score.displayChanged(to: display, at: BootClock.now()) }
        wake.signal()
    }

    func stop() {
        control.value.withLock { $0.isStopping = true }
        wake.signal()
        thread.waitUntilEnded(atMost: .seconds(2))
    }

    private static func run(
        _ held: inout HeldLights,
        wake: WakeDescriptor,
        control: ControlBox,
    ) {
        while true {
            let now = BootClock.now()
            let (wanted, next, isStopping) = control.value.withLock { control in
                control.score.timePassed(to: now)
                let score = control.score
                return (score.levels(at: now), score.nextChange(after: now), control.isStopping)
            }
            if isStopping { return }
            let again = held.show(wanted, at: now)
            let deadline = [next, again].compactMap(\.self).min()
            var descriptors = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
            if Poll.wait(&descriptors, until: deadline) { wake.clear() }
        }
    }
}
