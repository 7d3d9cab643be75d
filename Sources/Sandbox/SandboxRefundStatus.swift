/// How a refund stands; the words are `refund_status_n`'s (wire facts, 1.12).
package enum SandboxRefundStatus: String, Hashable, Sendable, CaseIterable {
    case processing = "PROCESSING"
    case success = "SUCCESS"
    /// The payer's card is dead: the merchant must act by hand, and nothing went back.
    case change = "CHANGE"
}
