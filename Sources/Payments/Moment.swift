/// Nanoseconds on the boot clock, which never steps and counts suspend (rule F1).
///
/// Values of two boots cannot be compared; ``Moment`` carries the boot they belong to.
package struct BootTime: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The time `duration` later. Windows here are seconds to days; the sum cannot overflow in 292 years of uptime.
    package static func + (left: Self, right: Duration) -> Self {
        Self(nanoseconds: left.nanoseconds + right.wholeNanoseconds)
    }

    package static func - (left: Self, right: Self) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }
}

extension Duration {
    /// The duration in nanoseconds, fractions of a nanosecond dropped.
    package var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}

/// Which boot of the machine a ``BootTime`` belongs to: the kernel's random boot id.
package struct BootID: Hashable, Sendable {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// Calendar time, with the word whether anything vouched for it (rule F1).
package struct WallTime: Hashable, Sendable {
    /// Milliseconds since 1970-01-01 UTC.
    package let milliseconds: Int64
    package let isSynchronised: Bool

    package init(milliseconds: Int64, isSynchronised: Bool) {
        self.milliseconds = milliseconds
        self.isSynchronised = isSynchronised
    }
}

/// One instant on both clocks: decisions use the boot clock, people read the calendar.
package struct Moment: Hashable, Sendable {
    package let boot: BootTime
    package let bootID: BootID
    package let wall: WallTime

    package init(boot: BootTime, bootID: BootID, wall: WallTime) {
        self.boot = boot
        self.bootID = bootID
        self.wall = wall
    }

    /// How long ago this was, if it was in the same boot as `now`; `nil` where nobody can know.
    package func age(at now: Moment) -> Duration? {
        bootID == now.bootID ? now.boot - boot : nil
    }
}
