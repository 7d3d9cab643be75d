/// Where and how an ``HTTPSClient`` connects.
package struct HTTPSConfiguration: Sendable {
    /// The host that is used while it works: `https://host` or `https://host:port`, nothing more.
    package var primary: String
    /// The host that takes over when the primary cannot be reached, does not answer or answers 5xx.
    package var standby: String?
    /// PEM file of the certificate shown for requests with `usesClientCertificate`.
    package var clientCertificateFile: String?
    /// PEM file of that certificate's private key, not encrypted.
    package var clientKeyFile: String?
    /// PEM file of the authorities that may vouch for the hosts; `nil` for the system's.
    package var caFile: String?
    /// A proxy such as `http://host:port`; `nil` for a direct connection, whatever the
    /// environment says.
    package var proxy: String?
    /// The bound for resolving, connecting and the TLS handshake together, per host. What openings take of it is bounded.
    package var connectTimeout: Duration = .seconds(5)
    /// The bound for a whole request, from sending to the reply's last byte, fail over included.
    package var requestTimeout: Duration = .seconds(30)
    /// A longer reply body is refused as ``TransportFailure/oversized``.
    package var maximumReplyBytes = 256 * 1024
    /// The value of the `User-Agent` header.
    package var userAgent = "kioskpay"
    /// Whether validity dates of certificates are checked from the first connection on (rule F1);
    /// changed later by ``HTTPSClient/setValidityDatesChecked(_:)``.
    package var checksValidityDates = true
    package var keepAlive = KeepAlive()
    package var openingPace = OpeningPace()
    /// How long the standby is preferred after the primary failed, before the primary is tried
    /// again.
    package var standbyPreference: Duration = .seconds(60)

    /// How long a request stays without an answer before the host is counted on no longer: one that may be sent twice moves to
    /// the other host. A query is answered within a second or two; ten are left of a payer's window for the other host.
    var patience: Duration { min(requestTimeout / 3, .seconds(10)) }

    /// The same on a primary that left requests unanswered before: a payer may be waiting for this one.
    let trialPatience = Duration.seconds(2)

    /// How long an opening waits for a request under way to the same host, which will leave a connection if it ends well.
    var openingHold: Duration { min(patience, .seconds(4)) }

    /// The bound for an opening on one host, its reply included. However long requests may connect, a connection that died is
    /// noticed (``KeepAlive``) and openings on all hosts have ended within the 60 s of rule B10.
    var openingTimeout: Duration {
        let left = Duration.seconds(59) - keepAlive.timeout - openingHold
        return min(connectTimeout * 2, max(left / (standby == nil ? 1 : 2), .seconds(1)))
    }

    package init(primary: String, standby: String? = nil) {
        self.primary = primary
        self.standby = standby
    }

    /// Whether a client can be made of it. Reads the files that it names; connects to nobody.
    ///
    /// - Throws: one sentence naming the value or file that cannot be used.
    package func check() throws(TransportSetupError) { _ = try TransferSetup(self) }

    /// TCP keep-alive of idle connections. With the defaults a peer that vanished is noticed after
    /// 35 s, within the 60 s of rule B10.
    package struct KeepAlive: Sendable {
        /// Silence before the first probe, in whole seconds.
        package var idleSeconds: Int32 = 15
        /// Time between probes, in whole seconds.
        package var intervalSeconds: Int32 = 5
        /// Unanswered probes before the connection counts as dead.
        package var count: Int32 = 4

        package init() {}

        /// When unacknowledged bytes or probes end a connection, in milliseconds.
        var userTimeoutMilliseconds: Int32 { (idleSeconds + intervalSeconds * count) * 1000 }

        /// The same.
        var timeout: Duration { .milliseconds(userTimeoutMilliseconds) }
    }

    /// How often connections are opened ahead of a request (rule B10).
    package struct OpeningPace: Sendable {
        /// Openings that may follow one another at once when the host keeps closing the connection.
        package var burst = 3
        /// Time after which one more such opening is allowed.
        package var refill: Duration = .seconds(20)
        /// First pause after no host could be reached; doubles with each further failure.
        package var firstBackOff: Duration = .seconds(1)
        /// The longest such pause.
        package var longestBackOff: Duration = .seconds(10)

        package init() {}
    }
}
