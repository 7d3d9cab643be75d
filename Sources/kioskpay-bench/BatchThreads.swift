internal import Glibc

/// The stand-in shares the processor with the daemon, which the real platform does not: its threads are made batch threads
/// (sched(7)), so that one that is woken by a request waits until the writer of the request is done.
enum BatchThreads {
    /// `SCHED_BATCH` of linux/sched.h, which the C library's module leaves out.
    private static let batch: Int32 = 3

    /// Threads that `body` starts, and those they start, are batch threads.
    static func start<Value>(_ body: () throws -> Value) throws -> Value {
        try set(batch)
        let result = Result { try body() }
        try set(SCHED_OTHER)
        return try result.get()
    }

    /// For this thread; those it starts inherit it.
    private static func set(_ policy: Int32) throws {
        var parameters = sched_param()
        // The structure is a local; 0 is the calling thread.
        guard unsafe sched_setscheduler(0, policy, &parameters) == 0 else {
            throw BenchError("sched_setscheduler", code: errno)
        }
    }
}
