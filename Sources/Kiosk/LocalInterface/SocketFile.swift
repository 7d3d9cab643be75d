import Glibc
import Threads

/// The Unix socket's file: never taken from a living daemon, and never there with wrong permissions.
///
/// The listener binds a name beside the final one. When owner, group and mode are right the file is renamed into place,
/// so nobody can connect in between, and a stale file of a killed daemon is replaced in the same step.
struct SocketFile: Sendable {
    private static let suffix = ".new"
    /// The listener's library takes 103 bytes, less than the 107 of unix(7); the name bound first is a little longer.
    static let maximumPathBytes = 103 - suffix.utf8.count

    let path: String
    let group: String?

    var bindPath: String { path + Self.suffix }

    /// What there is to say about a file that was put in place all the same.
    enum GroupTrouble: Hashable, Sendable {
        case missing(String)
        case refused(String, reason: String)
    }

    /// The listener goes on without the group, for its own user alone.
    var isGroupMissing: Bool { group.map { Self.groupID($0) == nil } ?? false }

    /// Makes sure that the place is free: nothing there, or a socket on which nobody listens.
    func checkPlace() throws(LocalInterfaceError) {
        guard path.utf8.count <= Self.maximumPathBytes else {
            throw .pathTooLong(path, maximum: Self.maximumPathBytes)
        }
        let facts: FileFacts
        do {
            facts = try FileFacts(of: path)
        } catch {
            guard error.code == ENOENT else {
                throw .cannotListen(path, reason: SystemCall.reason(error.code))
            }
            guard folderExists else { throw .folderMissing(path) }
            return
        }
        guard facts.isSocket else { throw .notASocket(path) }
        guard !isListenedTo else { throw .inUse(path) }
    }

    /// Gives the bound file its owner and mode, and its name. The texts handed to the system live for the calls alone.
    func publish() throws(LocalInterfaceError) -> (identity: FileFacts, trouble: GroupTrouble?) {
        var trouble: GroupTrouble?
        if let group {
            if let id = Self.groupID(group) {
                if unsafe chown(bindPath, uid_t.max, id) != 0 {
                    trouble = .refused(group, reason: SystemCall.reason(errno))
                }
            } else {
                trouble = .missing(group)
            }
        }
        guard unsafe chmod(bindPath, 0o660) == 0, let identity = try? FileFacts(of: bindPath),
            unsafe rename(bindPath, path) == 0
        else { throw .cannotPublish(path, reason: SystemCall.reason(errno)) }
        return (identity, trouble)
    }

    /// Removes the file, unless another daemon has put its own there meanwhile.
    func remove(_ identity: FileFacts) {
        if (try? FileFacts(of: path)) == identity { unsafe unlink(path) }
    }

    // MARK: - Inside

    private var folderExists: Bool {
        guard let slash = path.lastIndex(of: "/") else { return true }
        let folder = String(path[..<slash])
        // The path outlives the call.
        return unsafe access(folder.isEmpty ? "/" : folder, F_OK) == 0
    }

    /// Connecting to a Unix socket never waits on a non-blocking descriptor: it is accepted, refused, or the queue is
    /// full, which also means that somebody listens.
    private var isListenedTo: Bool {
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
                | Int32(SOCK_CLOEXEC.rawValue),
            0,
        )
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // The path is shorter than `sun_path`, so a NUL stays behind it; the pointers live for the calls alone.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 || errno == EAGAIN || errno == EINPROGRESS
    }

    private static func groupID(_ name: String) -> gid_t? {
        var entry = unsafe Glibc.group()
        var buffer = [CChar](repeating: 0, count: 16_384)
        var found: UnsafeMutablePointer<Glibc.group>?
        // All three outlive the call; of the result only a number is kept.
        let code = unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &found)
        guard code == 0, unsafe found != nil else { return nil }
        return unsafe entry.gr_gid
    }
}

/// What the system says of a failed call.
enum SystemCall {
    static func reason(_ code: Int32) -> String {
        // strerror returns a NUL-terminated text that is copied at once.
        unsafe String(cString: strerror(code))
    }
}
