package import Payments
package import WeChatPay

/// The request of the submit whose record is being stored: at most one, in memory alone, as it holds a payment code
/// (rule G1).
package struct PreparedSubmit: Sendable {
    private var kept: (order: OrderNumber, request: PlatformRequest)?

    package init() {}

    /// In the place of an earlier one.
    package mutating func keep(_ request: PlatformRequest, of order: OrderNumber) {
        kept = (order, request)
    }

    /// The request of this very order, once.
    package mutating func take(of order: OrderNumber) -> PlatformRequest? {
        guard let kept, kept.order == order else { return nil }
        self.kept = nil
        return kept.request
    }

    package mutating func forget() { kept = nil }
}
