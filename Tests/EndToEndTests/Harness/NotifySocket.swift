import Glibc
import Threads

/// The supervisor's end of `sd_notify`.
final class NotifySocket {
    let path: String
    private let descriptor: Int32

    struct Datagram {
        let message: String
    }

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        precondition(bytes.count < 108, "The socket's path is too long for the tests.")
        // The address lives through the call; the path is shorter than its place.
        let result = unsafe withUnsafeMutableBytes(of: &name) { raw in
            let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
            unsafe raw[offset..<(offset + bytes.count)].copyBytes(from: bytes)
            return unsafe raw.withMemoryRebound(to: sockaddr.self) { pointer in
                unsafe bind(
                    descriptor,
                    pointer.baseAddress,
                    socklen_t(MemoryLayout<sockaddr_un>.size)
                )
            }
        }
        guard result == 0 else { throw HarnessError("\(path): \(errno)") }
    }

    deinit { close(descriptor) }

    /// The next message; `nil` if none comes in time.
    func receive(atMost limit: Duration = .seconds(20)) -> Datagram? {
        var waited = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: limit)
        guard Poll.wait(&waited, until: end) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        // The buffer outlives the call and has the length passed.
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return Datagram(message: String(decoding: buffer[..<count], as: UTF8.self))
    }
}
