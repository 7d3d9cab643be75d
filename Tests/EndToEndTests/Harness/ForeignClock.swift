import Glibc

/// A library that shows one program another calendar: setting the machine's own needs rights and disturbs everybody. The
/// boot clock and the monotonic clock stay.
struct ForeignClock {
    private let shift: Int
    private let isForEverybody: Bool

    /// The program wakes up in 1970.
    static var nineteenSeventy: ForeignClock {
        ForeignClock(shift: 60 - time(nil), isForEverybody: true)
    }

    /// Only `time`, which the TLS library asks, is thirty years ahead; the kiosk's own calendar is right.
    static let aheadForTLS = ForeignClock(shift: 30 * 31_557_600, isForEverybody: false)

    /// Builds the library in `folder`; what a program must be started with.
    func environment(in folder: String) throws -> [String: String] {
        let flags = ["-DSHIFT=(\(shift))"] + (isForEverybody ? ["-DEVERYBODY"] : [])
        return ["LD_PRELOAD": try Preload.build("clock", Self.source, flags, in: folder)]
    }

    private static let source = """
        #define _GNU_SOURCE
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static struct timespec shown(void) {
            struct timespec now;
            syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
            now.tv_sec += SHIFT;
            return now;
        }

        time_t time(time_t *out) {
            struct timespec now = shown();
            if (out) *out = now.tv_sec;
            return now.tv_sec;
        }

        #ifdef EVERYBODY
        int clock_gettime(clockid_t clock, struct timespec *out) {
            if (clock != CLOCK_REALTIME) return (int)syscall(SYS_clock_gettime, clock, out);
            *out = shown();
            return 0;
        }

        int gettimeofday(struct timeval *out, void *zone) {
            struct timespec now = shown();
            out->tv_sec = now.tv_sec;
            out->tv_usec = now.tv_nsec / 1000;
            return 0;
        }
        #endif

        """
}
