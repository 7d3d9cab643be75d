/// The calls of API v2 that the stand-in serves (wire facts, 1.2).
package enum SandboxOperation: String, Hashable, Sendable, CaseIterable {
    case submit
    case query
    case reverse
    case refund
    case refundQuery = "refund-query"

    /// The path on the wire.
    package var path: String {
        switch self {
        case .submit: "/pay/micropay"
        case .query: "/pay/orderquery"
        case .reverse: "/secapi/pay/reverse"
        case .refund: "/secapi/pay/refund"
        case .refundQuery: "/pay/refundquery"
        }
    }

    /// Whether the merchant's client certificate is required.
    var needsCertificate: Bool { self == .reverse || self == .refund }

    init?(path: String) {
        guard let operation = Self.allCases.first(where: { $0.path == path }) else { return nil }
        self = operation
    }
}
