import Glibc

/// Plain blocking sockets on 127.0.0.1 for the tests' servers.
enum TestSocket {
    /// A listening socket on a free port.
    static func listening(backlog: Int32 = 64) -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // sockaddr_in is what AF_INET calls take; it lives for the calls.
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe bind(descriptor, pointer, length)
                _ = unsafe getsockname(descriptor, pointer, &length)
            }
        }
        _ = listen(descriptor, backlog)
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// A connection to the port, or -1.
    static func connected(to port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port: port)
        // As above.
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code != 0 { close(descriptor) }
        return code == 0 ? descriptor : -1
    }

    static func accepted(from listener: Int32) -> Int32 { accept(listener, nil, nil) }

    /// Small writes are not held back for acknowledgements.
    static func sendAtOnce(_ descriptor: Int32) {
        var on: Int32 = 1
        // Copied by the kernel.
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    /// A port on which nothing listens.
    static func closedPort() -> UInt16 {
        let (descriptor, port) = listening()
        close(descriptor)
        return port
    }

    /// Closes with a reset.
    static func reset(_ descriptor: Int32) {
        var value = linger(l_onoff: 1, l_linger: 0)
        // Copied by the kernel.
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    /// Cuts or restores the link: while cut, the kernel drops every segment that arrives for this
    /// socket, as a dead line would, and the peer's kernel goes on repeating them.
    static func cut(_ isCut: Bool, _ descriptor: Int32) {
        // struct sock_filter: BPF_RET | BPF_K, return 0 bytes of the packet. See socket(7).
        var drop: UInt64 = 0x06
        let attach: Int32 = 26
        let detach: Int32 = 27
        if isCut {
            unsafe withUnsafePointer(to: &drop) { filter in
                // struct sock_fprog: the number of instructions and where they are.
                var program = unsafe (UInt(1), filter)
                _ = unsafe setsockopt(descriptor, SOL_SOCKET, attach, &program, 16)
            }
        } else {
            var none: Int32 = 0
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, detach, &none, 4)
        }
    }

    /// The error that the connection ended with; 0 without one.
    static func error(of descriptor: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(4)
        // The kernel stores one int.
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length)
        return value
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

/// A thread for blocking work of a test's server.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    // The thread takes the reference back.
    let argument = unsafe Unmanaged.passRetained(Work(body)).toOpaque()
    let code = unsafe pthread_create(
        &thread, nil,
        { argument in
            if let argument = unsafe argument {
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
            }
            return nil
        }, argument)
    guard code == 0 else { abort() }
    pthread_detach(thread)
}
