package import Payments
package import WeChatPay

/// The request of the submit whose record is being stored: at most one, in memory alone, as it holds a payment code
/// (rule G1).
package struct PreparedSubmit: Sendable {
    private var expected: OrderNumber?
    private var kept: PlatformRequest?

    package init() {}

    /// The submit of this order may follow; what was kept for another is forgotten.
    package mutating func expect(_ order: OrderNumber) {
        expected = order
        kept = nil
    }

    /// Too late for an order that is not expected any more.
    package mutating func keep(_ request: PlatformRequest, of order: OrderNumber) {
        if expected == order { kept = request }
    }

    /// The request of this very order, once; `nil` if it is not ready.
    package mutating func take(of order: OrderNumber) -> PlatformRequest? {
        guard expected == order else { return nil }
        defer { (expected, kept) = (nil, nil) }
        return kept
    }

    /// Whether a submit was expected and has not come.
    package mutating func forget() -> Bool {
        defer { (expected, kept) = (nil, nil) }
        return expected != nil
    }
}
