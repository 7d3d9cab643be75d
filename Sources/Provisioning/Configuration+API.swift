extension Configuration {
    /// Where the local interface listens.
    package struct API: Hashable, Sendable {
        /// An address of this machine alone, and a port; 0 takes any free port.
        package struct Listener: Hashable, Sendable {
            /// `127.0.0.1` or `::1`.
            package let host: String
            package let port: UInt16
        }

        /// The Unix socket's absolute path; at most 99 bytes: the listener's library takes 103, and the daemon makes the
        /// socket under a name that is 4 longer.
        package let socket: String
        /// The group that may use the socket (rule G2); `nil` to leave it as it is made.
        package let socketGroup: String?
        /// TCP on loopback; `nil` for none.
        package let listen: Listener?
        /// Holds the token for calls that change something over TCP; `nil` refuses those calls.
        package let tokenFile: SecretFile?

        init(_ section: Section) {
            socket = section.path("socket", default: "/run/kioskpay/kioskpay.sock")
            section.require(
                socket.utf8.count <= 99,
                "socket",
                "is longer than 99 bytes as a whole path, which is all that the socket can have; shorten it",
            )
            socketGroup =
                section.mentions("socketGroup")
                ? section.optionalString("socketGroup", bytes: 1...32) : "kioskpay-app"
            let listens = section.optionalParsed(
                "listen",
                bytes: 3...64,
                "must be 127.0.0.1:PORT or [::1]:PORT, or null; the interface is for this machine alone",
                Self.listener,
            )
            listen =
                section.mentions("listen") ? listens : Listener(host: "127.0.0.1", port: 8090)
            tokenFile = section.optionalFile("tokenFile")
        }

        private static func listener(_ text: String) -> Listener? {
            guard let (host, port) = HostURL.hostAndPort(text[...]), let port else { return nil }
            // No other address of 127.0.0.0/8: a browser's Host is checked against these two.
            return ["127.0.0.1", "::1"].contains(host) ? Listener(host: host, port: port) : nil
        }
    }
}
