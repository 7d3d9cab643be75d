import Glibc

/// A counting semaphore for threads of ours. Never waited on from Swift's cooperative pool.
///
/// Time-outs run on the monotonic clock: a kiosk's calendar jumps decades when the network comes
/// (rule F1), and the C library's own semaphores can wait on nothing else in the part of it that
/// Swift sees.
@safe final class Semaphore: Sendable {
    // The C library's own types count as unsafe; they are used by address only, in place.
    @unsafe private struct State {
        var mutex = unsafe pthread_mutex_t()
        var condition = pthread_cond_t()
        var count = 0
    }

    // Safe to share: `count` is touched only with `mutex` held, mutex and condition are made for
    // several threads, the address never changes, and it is freed only when nobody holds this
    // object any more.
    private nonisolated(unsafe) let state: UnsafeMutablePointer<State>

    init() {
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: unsafe State())
        var attributes = pthread_condattr_t()
        // None of these can fail on Linux with these arguments (pthread_condattr_setclock(3)).
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(&state.pointee.condition, &attributes)
        unsafe pthread_mutex_init(&state.pointee.mutex, nil)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(&state.pointee.condition)
        unsafe pthread_mutex_destroy(&state.pointee.mutex)
        unsafe state.deallocate()
    }

    func signal() {
        unsafe pthread_mutex_lock(&state.pointee.mutex)
        unsafe state.pointee.count += 1
        unsafe pthread_mutex_unlock(&state.pointee.mutex)
        // After the unlock, so that the thread it wakes does not run straight into the lock.
        unsafe pthread_cond_signal(&state.pointee.condition)
    }

    func wait() {
        unsafe pthread_mutex_lock(&state.pointee.mutex)
        while unsafe state.pointee.count == 0 {
            unsafe pthread_cond_wait(&state.pointee.condition, &state.pointee.mutex)
        }
        unsafe state.pointee.count -= 1
        unsafe pthread_mutex_unlock(&state.pointee.mutex)
    }

    /// Whether a signal came within `limit`.
    func wait(atMost limit: Duration) -> Bool {
        var deadline = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
        let (seconds, attoseconds) = limit.components
        let nanoseconds = deadline.tv_nsec + Int(attoseconds / 1_000_000_000)
        deadline.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        unsafe pthread_mutex_lock(&state.pointee.mutex)
        defer { unsafe pthread_mutex_unlock(&state.pointee.mutex) }
        while unsafe state.pointee.count == 0 {
            let result = unsafe pthread_cond_timedwait(
                &state.pointee.condition,
                &state.pointee.mutex,
                &deadline
            )
            guard result == 0 else { return false }
        }
        unsafe state.pointee.count -= 1
        return true
    }
}
