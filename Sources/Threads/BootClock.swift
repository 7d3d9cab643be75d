internal import CLinux

/// The boot clock: never steps, counts suspend (rule F1).
package enum BootClock {
    package static func nanoseconds() -> Int64 { kioskpay_boottime_nanoseconds() }

    /// A duration in nanoseconds, fractions of one dropped.
    package static func nanoseconds(of duration: Duration) -> Int64 {
        duration.components.seconds * 1_000_000_000
            + duration.components.attoseconds / 1_000_000_000
    }
}
