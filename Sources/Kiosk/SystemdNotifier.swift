internal import Glibc

/// Tells systemd how the daemon is (`sd_notify`): one datagram a message, never blocking; silent where nobody supervises.
package struct SystemdNotifier: Sendable {
    private let address: [UInt8]?

    /// - Parameter socket: the value of `NOTIFY_SOCKET`: a path, or an abstract name after `@`; `nil` if unset.
    package init(socket: String? = Self.environmentSocket) {
        guard let socket, let first = socket.utf8.first, socket.utf8.count < 108,
            first == UInt8(ascii: "/") || first == UInt8(ascii: "@")
        else {
            address = nil
            return
        }
        var bytes = Array(socket.utf8)
        // An abstract name begins with NUL and ends with its last byte; a path ends with NUL.
        if first == UInt8(ascii: "@") { bytes[0] = 0 } else { bytes.append(0) }
        address = bytes
    }

    package static var environmentSocket: String? {
        // The string is copied at once; nobody here changes the environment.
        unsafe getenv("NOTIFY_SOCKET").map { unsafe String(cString: $0) }
    }

    /// Start-up is finished: journal recovered, local interface listening.
    package func ready(status: String) { send("READY=1\nSTATUS=\(status)") }

    package func stopping() { send("STOPPING=1\nSTATUS=Draining.") }

    private func send(_ message: String) {
        guard let address else { return }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(message.utf8)
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        // The path is shorter than `sun_path` (checked in `init`); all buffers outlive the call. A full queue loses
        // the message rather than stalling a payment.
        unsafe withUnsafeMutableBytes(of: &name) { raw in
            unsafe raw[offset..<(offset + address.count)].copyBytes(from: address)
            unsafe raw.withMemoryRebound(to: sockaddr.self) { pointer in
                _ = unsafe sendto(
                    descriptor,
                    bytes,
                    bytes.count,
                    Int32(MSG_NOSIGNAL),
                    pointer.baseAddress,
                    socklen_t(offset + address.count)
                )
            }
        }
    }
}
