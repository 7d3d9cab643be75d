import CLinux
import Glibc
import Synchronization

/// The one thread of a client. It ends when its loop does, and owns the loop until then.
final class TransportThread: Sendable {
    private let ended: EventDescriptor
    private let identity: Mutex<pthread_t?> = Mutex(nil)

    /// Starts the thread; it owns `loop` from here on.
    init(running loop: sending TransportLoop) throws {
        ended = try EventDescriptor()
        let work = ThreadWork(loop: loop, ended: ended)
        // The thread takes the reference back.
        let argument = unsafe Unmanaged.passRetained(work).toOpaque()
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, threadMain, argument)
        guard code == 0 else {
            unsafe Unmanaged<ThreadWork>.fromOpaque(argument).release()
            throw TransportSetupError("The HTTPS thread could not be started (error \(code)).")
        }
        _ = pthread_detach(thread)
        identity.withLock { $0 = thread }
    }

    /// Waits until the thread has ended; `false` when it has not in time, or is the caller itself.
    func waitForEnd(milliseconds: Int32) -> Bool {
        let isCaller = identity.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } }
        return isCaller == true ? false : ended.wait(milliseconds: milliseconds)
    }
}

/// What the new thread takes over from the one that started it.
private final class ThreadWork: Sendable {
    private let loop: Mutex<TransportLoop?>
    private let ended: EventDescriptor

    init(loop: sending TransportLoop, ended: EventDescriptor) {
        self.loop = Mutex(loop)
        self.ended = ended
    }

    func run() {
        loop.withLock { slot in
            slot?.run()
            // Frees libcurl's handles here, on the thread they belong to.
            slot = nil
        }
        ended.signal()
    }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    // Signals belong to the threads that wait for them; a broken pipe is an error code here.
    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
    unsafe pthread_setname_np(pthread_self(), "transport")
    unsafe Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
