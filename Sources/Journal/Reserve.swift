import Glibc
import Synchronization

/// Room on the disk for all rows of one sale, kept for the moment the disk is full (rule A3).
final class Reserve: Sendable {
    private let directory: Directory
    private let bytes: Int
    private let isHeldState: Atomic<Bool>
    /// Held while the file is made or removed, which storage that hangs can make long.
    private let changing = Mutex(())

    init(in directory: Directory, bytes: Int) {
        self.directory = directory
        self.bytes = bytes
        isHeldState = Atomic(Directory.size(of: directory.reserve) >= bytes)
    }

    /// Never blocks.
    var isHeld: Bool { isHeldState.load(ordering: .acquiring) }

    /// Removes the file, so that its room can be used. False if there is none to give up.
    func giveUp() -> Bool {
        changing.withLock { _ in
            guard unsafe unlink(directory.reserve) == 0 else { return false }
            isHeldState.store(false, ordering: .releasing)
            // The room is free at once; if the directory cannot be synced, the commit that follows
            // says so.
            try? directory.sync()
            return true
        }
    }

    /// Makes the file again if there is room for it twice, so that the room just given up is not
    /// taken back at once.
    func restore() {
        changing.withLock { _ in
            guard !isHeld, freeBytes() >= 2 * bytes else { return }
            let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
            let descriptor = unsafe open(directory.reserve, flags, 0o600)
            guard descriptor >= 0 else { return }
            defer { close(descriptor) }
            guard posix_fallocate(descriptor, 0, bytes) == 0, fsync(descriptor) == 0,
                (try? directory.sync()) != nil
            else {
                // A part of a reserve is none, and takes room.
                _ = unsafe unlink(directory.reserve)
                return
            }
            isHeldState.store(true, ordering: .releasing)
        }
    }

    private func freeBytes() -> Int {
        var status = statvfs()
        guard unsafe statvfs(directory.path, &status) == 0 else { return 0 }
        return Int(clamping: status.f_bavail).multipliedReportingOverflow(
            by: Int(clamping: status.f_frsize)
        ).partialValue
    }
}
