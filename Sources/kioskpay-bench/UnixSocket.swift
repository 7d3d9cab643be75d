internal import Glibc

/// Unix sockets by path.
enum UnixSocket {
    /// Connected to whoever listens at `path`.
    static func connect(to path: String) throws -> Descriptor {
        let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = try Descriptor(socket(AF_UNIX, stream, 0), of: "socket")
        let result = try unsafe withAddress(path) { address, length in
            unsafe Glibc.connect(descriptor.number, address, length)
        }
        let code = errno
        guard result == 0 else { throw BenchError("connect to \(path)", code: code) }
        return descriptor
    }

    /// Takes datagrams at `path`, replacing what is there.
    static func receive(at path: String) throws -> Descriptor {
        let datagram = Int32(
            SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        )
        let descriptor = try Descriptor(socket(AF_UNIX, datagram, 0), of: "socket")
        // The path lives for the call; a file that is not there is as good as one removed.
        unsafe unlink(path)
        let result = try unsafe withAddress(path) { address, length in
            unsafe bind(descriptor.number, address, length)
        }
        let code = errno
        guard result == 0 else { throw BenchError("bind to \(path)", code: code) }
        return descriptor
    }

    private static func withAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32,
    ) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw BenchError("The path \(path) is too long for a socket; use --directory.")
        }
        // The path is shorter than `sun_path`, so a NUL stays behind it; the pointers live for the calls alone.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
