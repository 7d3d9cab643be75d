internal import Glibc
internal import Threads

/// One connection to a Unix socket.
struct LocalConnection: ~Copyable {
    private let descriptor: Int32

    init(_ path: String) throws(LocalCallError) {
        let made = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard made >= 0 else { throw LocalCallError("The system refuses a socket.") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room else {
            close(made)
            throw LocalCallError("The path \(path) is too long for a socket.")
        }
        // The path is shorter than its field, so a NUL stays behind it; the pointers live for the calls alone.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(made, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            close(made)
            throw LocalCallError("Nobody listens at \(path).")
        }
        descriptor = made
    }

    deinit { close(descriptor) }

    /// Requests are far smaller than the socket's buffer, so this does not wait.
    func send(_ bytes: [UInt8]) throws(LocalCallError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The slice's storage lives through the call, with its own count.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 || (count < 0 && errno == EINTR) else {
                throw LocalCallError("The daemon closed the connection.")
            }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// What has arrived, empty at the connection's end; `nil` when the time is over or `wake` was signalled.
    func receive(
        until nanoseconds: Int64,
        wake: WakeDescriptor? = nil,
    ) throws(LocalCallError) -> [UInt8]? {
        while BootClock.nanoseconds() < nanoseconds {
            var descriptors = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            guard Poll.wait(&descriptors, until: nanoseconds) else { continue }
            if descriptors[1].revents != 0 { return nil }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            // The buffer outlives the call and has the length passed.
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw LocalCallError("The daemon cut the connection.") }
            return Array(buffer[..<count])
        }
        return nil
    }
}
