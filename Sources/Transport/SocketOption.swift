import Glibc

/// What this room asks of its TCP sockets.
enum SocketOption {
    /// Probes an idle connection, and ends one whose bytes stay unacknowledged as long.
    static func keepAlive(_ settings: HTTPSConfiguration.KeepAlive, on descriptor: Int32) {
        // A refused option leaves the kernel's default; requests have their own time-outs.
        let tcp = Int32(IPPROTO_TCP)
        _ = set(1, SOL_SOCKET, SO_KEEPALIVE, on: descriptor)
        _ = set(settings.idleSeconds, tcp, TCP_KEEPIDLE, on: descriptor)
        _ = set(settings.intervalSeconds, tcp, TCP_KEEPINTVL, on: descriptor)
        _ = set(settings.count, tcp, TCP_KEEPCNT, on: descriptor)
        _ = set(settings.userTimeoutMilliseconds, tcp, TCP_USER_TIMEOUT, on: descriptor)
    }

    /// Whether closing the socket drops unsent bytes and resets the connection (rule C2).
    @discardableResult
    static func abortive(_ on: Bool, on descriptor: Int32) -> Bool {
        set(linger(l_onoff: on ? 1 : 0, l_linger: 0), SOL_SOCKET, SO_LINGER, on: descriptor)
    }

    /// Whether the peer's kernel has every byte; `false` where that is unknown.
    static func everythingIsAcknowledged(on descriptor: Int32) -> Bool {
        var count: Int32 = 0
        // The call stores one int; it lives for the call.
        guard unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 else { return false }
        return count == 0
    }

    /// Whether the connection is open and nothing waits to be read.
    static func isQuiet(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        // Looks at one byte at most, and does not block.
        let count = unsafe recv(
            descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count < 0 && (errno == EAGAIN || errno == EINTR)
    }

    /// Takes what waits, 64 KiB at most, and ends the connection in both directions.
    static func drainAndShutDown(_ descriptor: Int32) {
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
        var bytes = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<16 {
            // Reads at most what the array holds, and does not block.
            guard unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0
            else { return }
        }
    }

    private static func set<Value: BitwiseCopyable>(
        _ value: Value, _ level: Int32, _ option: Int32, on descriptor: Int32
    ) -> Bool {
        // The kernel copies a value of that size; it lives for the call.
        unsafe withUnsafeBytes(of: value) { bytes in
            unsafe setsockopt(
                descriptor, level, option, bytes.baseAddress, socklen_t(bytes.count)) == 0
        }
    }
}
