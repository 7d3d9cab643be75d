internal import Glibc

/// Starts detached threads of our own, so that nothing ever blocks Swift's cooperative pool.
enum WorkerThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// SIGPIPE is blocked in the thread: writing to a closed connection is an error there, not a signal.
    static func start(_ run: @escaping @Sendable () -> Void) throws(SandboxError) {
        let body = unsafe Unmanaged.passRetained(Body(run))
        var thread = pthread_t()
        // The retained body is released exactly once: by the thread, or below if there is none.
        let status = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                WorkerThread.blockPipeSignal()
                body.run()
                return nil
            },
            unsafe body.toOpaque()
        )
        guard status == 0 else {
            unsafe body.release()
            throw SandboxError("The stand-in could not start a thread: error \(status).")
        }
        pthread_detach(thread)
    }

    private static func blockPipeSignal() {
        var signals = sigset_t()
        // Both calls only touch the local set.
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
