package import Payments

/// One thing that happened on the stand-in, in the order it happened. It never carries a payment code or a key.
package struct SandboxEvent: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// A request was read whole. `firstByte` is when its first byte was read off the connection.
        case received(SandboxOperation, firstByte: BootTime)
        /// What was answered, as `return_code`/`result_code` and the code, and what the wire did to it.
        case answered(SandboxOperation, String)
        /// Money was really taken from the payer.
        case charged(Money)
        /// Money really went back to the payer.
        case returned(Money)
        case stateChanged(SandboxOrderState)
        /// The order's refund was accepted, or has come to an end.
        case refundChanged(SandboxRefundStatus)
        case violated(SandboxViolation.Rule)
        case networkChanged(SandboxNetwork)
    }

    package let at: BootTime
    /// Milliseconds since 1970-01-01 UTC.
    package let wallMilliseconds: Int64
    /// `out_trade_no`, if the event belongs to an order.
    package let order: String?
    package let kind: Kind

    init(at time: PlatformTime, order: String?, kind: Kind) {
        at = time.boot
        wallMilliseconds = time.wallMilliseconds
        self.order = order
        self.kind = kind
    }

    package var description: String {
        (order.map { $0 + ": " } ?? "") + text
    }

    /// The event without its order, for a person.
    package var text: String {
        switch kind {
        case .received(let operation, _): "\(operation.rawValue) received"
        case .answered(let operation, let answer): "\(operation.rawValue) answered \(answer)"
        case .charged(let money): "charged \(money)"
        case .returned(let money): "returned \(money)"
        case .stateChanged(let state): "state \(state.rawValue)"
        case .refundChanged(let status): "refund \(status.rawValue)"
        case .violated(let rule): "violation \(rule.word)"
        case .networkChanged(let network): "network \(network.rawValue)"
        }
    }
}

/// What the stand-in's network does (see ``SandboxServer/setNetwork(_:)``).
package enum SandboxNetwork: String, Hashable, Sendable, CaseIterable {
    case up
    /// New connections are refused, live ones are reset.
    case cut
    /// Nothing is accepted, read or answered; bytes that arrive are kept and read when the network is up again.
    case blackhole
    /// Requests are read and done; no call is answered. The front still answers whatever is no call, `HEAD /` for instance.
    case silent
}
