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

    /// Whether there is a C compiler.
    static let isAvailable = (try? tryOut()) != nil

    private static func tryOut() throws {
        let folder = try Files.makeTemporaryFolder()
        defer { Files.removeTree(folder) }
        _ = try aheadForTLS.environment(in: folder)
    }

    /// Builds the library in `folder`; what a program must be started with.
    func environment(in folder: String) throws -> [String: String] {
        let (source, library) = (folder + "/clock.c", folder + "/clock.so")
        try Files.write(Self.source, to: source)
        var words = ["cc", "-shared", "-fPIC", "-DSHIFT=(\(shift))", "-o", library, source]
        if isForEverybody { words.append("-DEVERYBODY") }
        try Self.run(words)
        return ["LD_PRELOAD": library]
    }

    private static func run(_ words: [String]) throws {
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        // Every string lives until here.
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid = pid_t()
        let result = unsafe posix_spawnp(&pid, words[0], nil, nil, &arguments, environ)
        guard result == 0 else { throw HarnessError("\(words[0]) did not start: \(result)") }
        var status: Int32 = 0
        // Ends by itself: one file of a few lines. The kernel writes one int.
        guard unsafe waitpid(pid, &status, 0) == pid, status == 0 else {
            throw HarnessError("\(words[0]) failed.")
        }
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
