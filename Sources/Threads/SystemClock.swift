internal import Glibc

/// The system's calendar, which may be wrong and may step (rule F1).
package enum SystemClock {
    /// Since 1970-01-01 UTC.
    package static func milliseconds() -> Int64 {
        var time = timespec()
        // The kernel fills in one structure.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
