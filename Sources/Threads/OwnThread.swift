internal import Glibc

/// A thread of our own, for work that may block: it must never block Swift's cooperative pool.
///
/// Signals are blocked in it: they belong to the thread that waits for them, and a broken pipe is an error code here.
package final class OwnThread: Sendable {
    package enum Priority: Sendable {
        case normal
        /// Lowest CPU weight and idle I/O class: gives way to everything else on the machine.
        case background
    }

    private let ended = WakeDescriptor()

    /// Starts at once. A machine that cannot start a thread cannot run a kiosk: that ends the process.
    package init(name: StaticString, _ run: @escaping @Sendable () -> Void) {
        let ended = self.ended
        let isStarted = Self.start(name: name) {
            run()
            ended.signal()
        }
        guard isStarted else { fatalError("The system refuses a thread.") }
    }

    /// Waits until the thread has ended, at most `limit`: a call that hangs must not hang the process's end.
    /// Returns whether it ended.
    @discardableResult
    package func waitUntilEnded(atMost limit: Duration) -> Bool { ended.wait(atMost: limit) }

    /// Runs `body` once on a new thread named `name` (at most 15 bytes). False if the system allows no more threads.
    package static func start(
        name: StaticString,
        priority: Priority = .normal,
        _ body: sending @escaping () -> Void,
    ) -> Bool {
        let context = unsafe Unmanaged.passRetained(Body(name, priority, body))
        var thread = pthread_t()
        // The new thread takes over the retained context and releases it; if there is none, we do.
        let result = unsafe pthread_create(
            &thread,
            nil,
            { pointer in
                guard let pointer = unsafe pointer else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        guard result == 0 else {
            unsafe context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private final class Body {
        private let name: StaticString
        private let priority: Priority
        private let body: () -> Void

        init(_ name: StaticString, _ priority: Priority, _ body: @escaping () -> Void) {
            self.name = name
            self.priority = priority
            self.body = body
        }

        func run() {
            var all = sigset_t()
            // Both calls only touch the local set.
            unsafe sigfillset(&all)
            unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
            setName()
            if priority == .background {
                // SCHED_IDLE (sched(7)) is 5; thread 0 is the calling one. Refusal does no harm.
                var parameters = sched_param()
                _ = unsafe sched_setscheduler(0, 5, &parameters)
            }
            body()
        }

        /// The name that `ps -T` and a core dump show. Without one the thread works just as well.
        private func setName() {
            let descriptor = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return }
            // A StaticString made from a literal lives as long as the program.
            _ = unsafe write(descriptor, name.utf8Start, name.utf8CodeUnitCount)
            close(descriptor)
        }
    }
}
