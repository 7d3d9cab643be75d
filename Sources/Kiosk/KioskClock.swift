internal import Glibc
package import Payments
internal import Synchronization
internal import Threads

/// Both clocks of the kiosk (rule F1): decisions use the boot clock; the calendar is the system's if that was set by
/// somebody who knows, else what the platform's verified replies say, and never before the floor.
package final class KioskClock: Sendable {
    private let bootID: BootID
    /// Milliseconds since 1970: the later of build date and last stored time.
    private let floor: Int64
    private let learned = Mutex(Learned())
    private let system: SystemTime

    private struct Learned {
        /// Calendar minus boot clock, in milliseconds, from a `Date` over verified TLS.
        var offset: Int64?
    }

    /// How far the system's calendar may be from the platform's to be believed.
    private static let tolerance: Int64 = 3_600_000

    /// Where systemd-timesyncd says that it has set the calendar in this boot.
    private static let synchronisedMark = "/run/systemd/timesync/synchronized"

    /// The system's calendar, and whether somebody vouches for it.
    package struct SystemTime: Sendable {
        package let milliseconds: @Sendable () -> Int64
        package let isSynchronised: @Sendable () -> Bool

        package init(
            milliseconds: @escaping @Sendable () -> Int64,
            isSynchronised: @escaping @Sendable () -> Bool
        ) {
            self.milliseconds = milliseconds
            self.isSynchronised = isSynchronised
        }

        package static let kernel = SystemTime(
            milliseconds: { SystemClock.milliseconds() },
            // The path outlives the call.
            isSynchronised: { unsafe access(KioskClock.synchronisedMark, F_OK) == 0 }
        )
    }

    package init(bootID: BootID, latestStored: WallTime?, system: SystemTime = .kernel) {
        self.bootID = bootID
        self.system = system
        floor = max(BuildDate.floor, latestStored?.milliseconds ?? 0)
    }

    package func now() -> Moment {
        let boot = BootClock.nanoseconds()
        return Moment(
            boot: BootTime(nanoseconds: boot),
            bootID: bootID,
            wall: wall(atBoot: boot / 1_000_000)
        )
    }

    private func wall(atBoot boot: Int64) -> WallTime {
        let system = self.system.milliseconds()
        if let offset = learned.withLock({ $0.offset }) {
            let told = offset + boot
            // The platform's seconds are coarse; a system clock that agrees is the finer one.
            let best = abs(system - told) <= Self.tolerance ? system : told
            return WallTime(milliseconds: max(floor, best), isSynchronised: true)
        }
        return WallTime(
            milliseconds: max(floor, system),
            isSynchronised: system >= floor && self.system.isSynchronised()
        )
    }

    /// The `Date` of a reply over TLS whose chain and name were verified.
    package func learn(platformSeconds: Int64) {
        let milliseconds = platformSeconds * 1_000
        guard milliseconds >= floor else { return }
        let boot = BootClock.nanoseconds() / 1_000_000
        learned.withLock { $0.offset = milliseconds - boot }
    }

    /// Whether TLS may look at validity dates: only with a system calendar that somebody vouches for, since that is
    /// the one the TLS library reads.
    package var isSystemTimeTrusted: Bool {
        let system = self.system.milliseconds()
        guard system >= floor else { return false }
        let boot = BootClock.nanoseconds() / 1_000_000
        if let offset = learned.withLock({ $0.offset }) {
            return abs(system - (offset + boot)) <= Self.tolerance
        }
        return self.system.isSynchronised()
    }
}
