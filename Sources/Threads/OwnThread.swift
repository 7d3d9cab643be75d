internal import Glibc

/// A thread of our own, for work that may block: it must never block Swift's cooperative pool.
package final class OwnThread: Sendable {
    private let ended = WakeDescriptor()

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts at once. A machine that cannot start a thread cannot run a kiosk: that ends the process.
    package init(_ run: @escaping @Sendable () -> Void) {
        let ended = self.ended
        let body = Body {
            run()
            ended.signal()
        }
        var thread = pthread_t()
        // The thread takes over the one reference that `passRetained` adds, and nobody else uses the pointer.
        let result = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            Unmanaged.passRetained(body).toOpaque(),
        )
        guard result == 0 else { fatalError("The system refuses a thread.") }
        pthread_detach(thread)
    }

    /// Waits until the thread has ended, at most `limit`: a call that hangs must not hang the process's end.
    /// Returns whether it ended.
    @discardableResult
    package func waitUntilEnded(atMost limit: Duration) -> Bool { ended.wait(atMost: limit) }
}
