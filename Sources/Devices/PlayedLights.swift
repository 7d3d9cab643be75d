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
    private let wake: WakeDescriptor
    private let control: ControlBox
    private let thread: OwnThread

    private struct Control {
        var score: LightScore
        var isStopping = false
    }

    private final class ControlBox: Sendable {
        let value: Mutex<Control>
        init() { value = Mutex(Control(score: LightScore(at: BootClock.now()))) }
    }

    init(driver: any LightDriver, onState: @escaping @Sendable (DeviceState) -> Void) {
        let wake = WakeDescriptor()
        let control = ControlBox()
        self.wake = wake
        self.control = control
        thread = OwnThread(name: "lights") {
            Self.run(driver: driver, wake: wake, control: control, onState: onState)
        }
    }

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
        driver: any LightDriver,
        wake: WakeDescriptor,
        control: ControlBox,
        onState: @Sendable (DeviceState) -> Void,
    ) {
        var limit = FlashLimit(shown: .safe)
        var works = true
        while true {
            let now = BootClock.now()
            let (wanted, next, isStopping) = control.value.withLock { control in
                control.score.timePassed(to: now)
                let score = control.score
                return (score.levels(at: now), score.nextChange(after: now), control.isStopping)
            }
            if isStopping { break }
            let before = limit.shown
            let again = limit.changed(to: wanted, at: now)
            if limit.shown != before {
                let worked = driver.set(limit.shown)
                if worked != works { onState(worked ? .ready : .absent(.inputOutputError)) }
                works = worked
            }
            let deadline = [next, again].compactMap(\.self).min()
            var descriptors = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
            if Poll.wait(&descriptors, until: deadline) { wake.clear() }
        }
        _ = driver.set(.safe)
        driver.close()
    }
}
