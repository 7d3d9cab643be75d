import Glibc
import Synchronization
import Threads

/// The one thread of a client. It ends when its loop does, and owns the loop until then.
final class TransportThread: Sendable {
    private let ended = WakeDescriptor()
    private let work: ThreadWork

    /// Starts the thread; it owns `loop` from here on.
    init(running loop: sending TransportLoop) throws {
        let work = ThreadWork(loop: loop, ended: ended)
        self.work = work
        guard OwnThread.start(name: "transport", { work.run() }) else {
            throw TransportSetupError("The HTTPS thread could not be started.")
        }
    }

    /// Waits until the thread has ended; `false` when it has not in time, or is the caller itself.
    func waitForEnd(atMost limit: Duration) -> Bool {
        work.isCaller ? false : ended.wait(atMost: limit)
    }
}

/// What the new thread takes over from the one that started it.
private final class ThreadWork: Sendable {
    private let loop: Mutex<TransportLoop?>
    private let ended: WakeDescriptor
    private let identity: Mutex<pthread_t?> = Mutex(nil)

    /// Whether the calling thread is the one that runs the loop.
    var isCaller: Bool {
        identity.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } } ?? false
    }

    init(loop: sending TransportLoop, ended: WakeDescriptor) {
        self.loop = Mutex(loop)
        self.ended = ended
    }

    func run() {
        identity.withLock { $0 = pthread_self() }
        loop.withLock { slot in
            slot?.run()
            // Frees libcurl's handles here, on the thread they belong to.
            slot = nil
        }
        ended.signal()
    }
}
