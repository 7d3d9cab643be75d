package import Payments

/// How a ``SandboxServer`` runs. It only ever listens on 127.0.0.1.
package struct SandboxOptions: Hashable, Sendable {
    /// 0 lets the system choose a free port.
    package var port: UInt16
    package var timings: SandboxTimings
    /// The merchant's only currency; a request without `fee_type` means CNY.
    package var currency: Currency
    /// Connections served at once; further ones wait in the system's backlog.
    package var maxConnections: Int
    package var certificateRefusal: CertificateRefusal

    /// How the front refuses a client certificate, or the lack of one, where it is needed (wire facts, 1.3).
    package enum CertificateRefusal: Hashable, Sendable, CaseIterable {
        /// HTTP 400 with a page.
        case page
        /// The request is read, the connection ends without a byte.
        case drop
        /// A TLS alert during the handshake, for a certificate of another authority; the lack of one gets the page.
        case alert
    }

    package init(
        port: UInt16 = 0,
        timings: SandboxTimings = SandboxTimings(),
        currency: Currency = .cny,
        maxConnections: Int = 64,
        certificateRefusal: CertificateRefusal = .page,
    ) {
        self.port = port
        self.timings = timings
        self.currency = currency
        self.maxConnections = maxConnections
        self.certificateRefusal = certificateRefusal
    }
}
