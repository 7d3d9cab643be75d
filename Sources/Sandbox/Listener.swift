internal import Glibc
internal import Synchronization

/// The listening socket on 127.0.0.1. It keeps its port while it refuses connections.
final class Listener: Sendable {
    let descriptor: Int32
    let port: UInt16
    private let isListening = Mutex(false)

    init(port wanted: UInt16) throws(SandboxError) {
        guard let first = Self.bound(to: wanted) else { throw Self.taken(wanted) }
        // Linux keeps a port through `refuse` only if it was asked for by number: the system's choice is bound once more,
        // which SO_REUSEADDR allows as long as neither socket listens.
        var mine = first
        if wanted == 0 {
            defer { close(first.descriptor) }
            guard let second = Self.bound(to: first.port) else { throw Self.taken(first.port) }
            mine = second
        }
        descriptor = mine.descriptor
        port = mine.port
        try open()
    }

    private static func taken(_ port: UInt16) -> SandboxError {
        SandboxError("Port \(port) on 127.0.0.1 is taken: choose another, or 0 for a free one.")
    }

    private static func bound(to wanted: UInt16) -> (descriptor: Int32, port: UInt16)? {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var one: Int32 = 1
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = wanted.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // All pointers are to locals of the sizes given; sockaddr_in begins as every sockaddr does.
        unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_REUSEADDR,
            &one,
            socklen_t(MemoryLayout<Int32>.size)
        )
        let isBound = unsafe withUnsafeMutableBytes(of: &address) { bytes in
            guard let start = unsafe bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else {
                return false
            }
            return unsafe bind(descriptor, start, size) == 0
                && getsockname(descriptor, start, &size) == 0
        }
        guard isBound else {
            close(descriptor)
            return nil
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    /// Accepts connections (again).
    func open() throws(SandboxError) {
        let isOpen = isListening.withLock { isListening in
            if !isListening { isListening = listen(descriptor, 128) == 0 }
            return isListening
        }
        guard isOpen else {
            throw SandboxError(
                "The stand-in could not listen on port \(port): another program does; choose another port."
            )
        }
    }

    /// Refuses connections: those not accepted yet are reset. The port stays ours.
    func refuse() {
        isListening.withLock { isListening in
            if isListening { shutdown(descriptor, Int32(SHUT_RDWR)) }
            isListening = false
        }
    }

    var isOpen: Bool { isListening.withLock { $0 } }

    /// A connected socket, non-blocking; `nil` if none waits.
    func accept() -> Int32? {
        let socket = Glibc.accept(descriptor, nil, nil)
        guard socket >= 0 else { return nil }
        var one: Int32 = 1
        // Replies are single small writes: no waiting for more (Nagle). The option is a local of the size given.
        unsafe setsockopt(
            socket,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &one,
            socklen_t(MemoryLayout<Int32>.size)
        )
        guard fcntl(socket, F_SETFL, O_NONBLOCK) == 0, fcntl(socket, F_SETFD, FD_CLOEXEC) == 0
        else {
            close(socket)
            return nil
        }
        return socket
    }
}
