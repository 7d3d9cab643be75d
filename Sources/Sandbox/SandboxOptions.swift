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

    package init(
        port: UInt16 = 0,
        timings: SandboxTimings = SandboxTimings(),
        currency: Currency = .cny,
        maxConnections: Int = 64,
    ) {
        self.port = port
        self.timings = timings
        self.currency = currency
        self.maxConnections = maxConnections
    }
}
