internal import Glibc
internal import Payments

/// The boot clock: never steps, counts suspend (rule F1).
enum BootClock {
    static func now() -> BootTime {
        var time = timespec()
        // The kernel fills in one structure; this clock exists on every Linux that the daemon runs on.
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return BootTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
