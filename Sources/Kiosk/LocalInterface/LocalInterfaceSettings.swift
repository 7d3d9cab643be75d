/// What the local interface needs to know, from the configuration's `api`.
package struct LocalInterfaceSettings: Sendable {
    /// The Unix socket, at most ``SocketFile/maximumPathBytes`` long; its folder must exist.
    package let socketPath: String
    /// Who may use the socket beside its owner; `nil` leaves the process's own group.
    package let socketGroup: String?
    /// Where the display and applications with a token connect; `nil` for no TCP at all.
    package let listen: LoopbackAddress?
    /// Without it, TCP serves only what changes nothing.
    package let token: AccessToken?
    package let limits: LocalInterfaceLimits

    package init(
        socketPath: String,
        socketGroup: String?,
        listen: LoopbackAddress?,
        token: AccessToken?,
        limits: LocalInterfaceLimits = LocalInterfaceLimits(),
    ) {
        self.socketPath = socketPath
        self.socketGroup = socketGroup
        self.listen = listen
        self.token = token
        self.limits = limits
    }
}

/// Every bound of the local interface in one place. The defaults are the product's; tests make them shorter.
package struct LocalInterfaceLimits: Sendable {
    /// Clients over both listeners.
    package var clients = 64
    /// Connections that the kernel holds until they are taken or refused.
    package var backlog = 256
    package var bodyBytes = 65_536
    package var headerBytes = 16_384
    package var headerCount = 64
    /// What the kernel keeps for a client that is slow to read.
    package var sendBufferBytes = 65_536
    /// To send a whole request: from connecting, or from the request's head on a kept-alive connection.
    package var request = Duration.seconds(10)
    /// Until a kept-alive connection sends its next request.
    package var keepAlive = Duration.seconds(60)
    /// For a slow client to take half of what waits for it in our memory (64 KiB).
    package var stall = Duration.seconds(10)
    /// Until TCP that could not be listened on is tried again; doubles up to the longest.
    package var reopen = Duration.seconds(1)
    package var longestReopen = Duration.seconds(60)
    /// Between two comments on an event stream.
    package var ping = Duration.seconds(15)

    package init() {}
}
