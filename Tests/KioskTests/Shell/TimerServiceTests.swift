import Kiosk
import Payments
import Synchronization
import Testing
import Threads

@Suite("Timers on the boot clock")
struct TimerServiceTests {
    private final class Fired: Sendable {
        let ids = Mutex<[TimerID]>([])
        let times = Mutex<[Int64]>([])
        let all = WakeDescriptor()
        let count: Int

        init(_ count: Int) { self.count = count }

        func note(_ id: TimerID) {
            times.withLock { $0.append(BootClock.nanoseconds()) }
            let isLast = ids.withLock {
                $0.append(id)
                return $0.count == count
            }
            if isLast { all.signal() }
        }
    }

    private static func due(_ milliseconds: Int64) -> BootTime {
        BootTime(nanoseconds: BootClock.nanoseconds() + milliseconds * 1_000_000)
    }

    @Test("Fires in order of time, never early, once per arming; a past time fires at once")
    func order() {
        let service = TimerService()
        let fired = Fired(3)
        service.start { fired.note($0) }
        let late = TimerID(purpose: .probe, serial: 1)
        let soon = TimerID(purpose: .storage, serial: 2)
        let past = TimerID(purpose: .revokes, serial: 3)
        let dueLate = Self.due(60)
        service.arm(late, at: dueLate)
        service.arm(soon, at: Self.due(30))
        service.arm(past, at: BootTime(nanoseconds: 1))
        #expect(fired.all.wait(atMost: .seconds(5)))
        service.stop()
        #expect(fired.ids.withLock { $0 } == [past, soon, late])
        #expect(fired.times.withLock { $0 }.last ?? 0 >= dueLate.nanoseconds)
    }

    @Test("A disarmed timer does not fire; a new arming of the same purpose replaces the old")
    func replaced() {
        let service = TimerService()
        let fired = Fired(1)
        service.start { fired.note($0) }
        let gone = TimerID(purpose: .storage, serial: 1)
        service.arm(gone, at: Self.due(20))
        service.disarm(gone)
        service.arm(TimerID(purpose: .probe, serial: 2), at: Self.due(10))
        let replacement = TimerID(purpose: .probe, serial: 3)
        service.arm(replacement, at: Self.due(40))
        #expect(fired.all.wait(atMost: .seconds(5)))
        service.stop()
        #expect(fired.ids.withLock { $0 } == [replacement])
    }
}
