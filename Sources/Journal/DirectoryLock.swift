import Glibc
import Synchronization

/// Holds a directory for one journal. The kernel lets go by itself when the process ends, however
/// it ends.
final class DirectoryLock: Sendable {
    private let held: Mutex<CInt?>

    init(_ directory: Directory) throws(JournalError) {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe open(directory.lock, flags, 0o600)
        guard descriptor >= 0 else { throw .system(directory.lock, errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let error = errno
            if error == EINTR { continue }
            close(descriptor)
            throw error == EWOULDBLOCK ? .inUse(directory.path) : .system(directory.lock, error)
        }
        held = Mutex(descriptor)
    }

    deinit { release() }

    func release() {
        held.withLock { descriptor in
            if let open = descriptor { close(open) }
            descriptor = nil
        }
    }
}
