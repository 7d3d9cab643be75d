import Payments
import Synchronization
import Testing

@testable import Kiosk

@Suite("The kiosk's clocks (F1)")
struct KioskClockTests {
    /// A calendar that the test sets.
    private final class Calendar: Sendable {
        let state: Mutex<(milliseconds: Int64, isSynchronised: Bool)>

        init(_ milliseconds: Int64, isSynchronised: Bool) {
            state = Mutex((milliseconds, isSynchronised))
        }

        var system: KioskClock.SystemTime {
            KioskClock.SystemTime(
                milliseconds: { self.state.withLock { $0.milliseconds } },
                isSynchronised: { self.state.withLock { $0.isSynchronised } }
            )
        }
    }

    /// After the build, whenever that was.
    private static let later = BuildDate.floor + 90 * 86_400_000

    private static func clock(_ calendar: Calendar, stored: Int64? = nil) -> KioskClock {
        KioskClock(
            bootID: BootID("b"),
            latestStored: stored.map { WallTime(milliseconds: $0, isSynchronised: true) },
            system: calendar.system
        )
    }

    @Test("A kiosk that wakes up in 1970 shows the floor, says so, and still has a boot clock")
    func nineteenSeventy() {
        let clock = Self.clock(Calendar(5_000, isSynchronised: false), stored: Self.later)
        let now = clock.now()
        #expect(now.wall == WallTime(milliseconds: Self.later, isSynchronised: false))
        #expect(!clock.isSystemTimeTrusted)
        #expect(clock.now().boot >= now.boot)
    }

    @Test("The platform's Date sets the calendar, but never below the floor")
    func learns() {
        let clock = Self.clock(Calendar(5_000, isSynchronised: false), stored: Self.later)
        clock.learn(platformSeconds: 1_000_000_000)
        #expect(!clock.now().wall.isSynchronised)
        clock.learn(platformSeconds: Self.later / 1_000 + 60)
        let wall = clock.now().wall
        #expect(wall.isSynchronised)
        #expect(abs(wall.milliseconds - (Self.later + 60_000)) < 2_000)
        // TLS reads the system's calendar, which is still in 1970.
        #expect(!clock.isSystemTimeTrusted)
    }

    @Test("A system calendar that agrees with the platform is trusted, and is the finer one")
    func agrees() {
        let calendar = Calendar(Self.later + 123, isSynchronised: false)
        let clock = Self.clock(calendar)
        clock.learn(platformSeconds: Self.later / 1_000)
        #expect(clock.now().wall.milliseconds == Self.later + 123)
        #expect(clock.isSystemTimeTrusted)
        calendar.state.withLock { $0.milliseconds += 86_400_000 }
        #expect(!clock.isSystemTimeTrusted)
        #expect(abs(clock.now().wall.milliseconds - Self.later) < 2_000)
    }

    @Test("A calendar set by the system's own time service needs nobody else")
    func synchronised() {
        let clock = Self.clock(Calendar(Self.later, isSynchronised: true))
        #expect(clock.now().wall == WallTime(milliseconds: Self.later, isSynchronised: true))
        #expect(clock.isSystemTimeTrusted)
    }

    @Test("A synchronised calendar below the floor is not believed")
    func belowFloor() {
        let clock = Self.clock(Calendar(5_000, isSynchronised: true), stored: Self.later)
        #expect(!clock.now().wall.isSynchronised)
        #expect(!clock.isSystemTimeTrusted)
    }
}
