/// The merchant's own number of the one refund of an order (`out_refund_no`), rule C5.
///
/// Made from the order number, so that it can never change: not after a restart, a lost row or a copied journal. At most 33
/// characters, legal in every dialect.
package struct RefundNumber: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(of order: OrderNumber) { text = order.text + "-R" }

    package var description: String { text }
}

/// The verdict on a refund. An accepted one is not a finished one: only a query of the refund says that (rule C5).
package enum RefundVerdict: Hashable, Sendable {
    case accepted
    /// Verified FAIL that asks for patience: SYSTEMERROR, BIZERR_NEED_RETRY, NOTENOUGH of the merchant's funds,
    /// INVALID_REQ_TOO_MUCH. The same number again.
    case again(code: String)
    /// Verified FAIL that will not change by asking again: a person settles it.
    case refused(code: String)
    case unknown(UnknownCause)
    case configuration(ConfigurationFault)
}

/// The verdict on a query of the one refund of an order.
package enum RefundQueryVerdict: Hashable, Sendable {
    /// Verified SUCCESS of this very refund over the whole amount: the money is back.
    case refunded
    /// Under way (PROCESSING).
    case processing
    /// No such refund (REFUNDNOTEXIST): the request for it never arrived.
    case refundNotExist
    /// It cannot end by itself (CHANGE, REFUNDCLOSE, ABNORMAL, a state that no table lists): a person settles it.
    case stuck(state: String)
    case unknown(UnknownCause)
    case configuration(ConfigurationFault)
}
