package import Payments

/// Something a correct client never does. The ledger shows it with its order, the server with all of them.
package struct SandboxViolation: Hashable, Sendable, CustomStringConvertible {
    package enum Rule: Hashable, Sendable {
        /// A reverse earlier after the submit's arrival than the platform allows (rule C2).
        case reverseTooEarly
        /// A submit repeated under the same number with other parameters (201 OUT_TRADE_NO_USED).
        case submitChanged
        /// A submit that arrived after a reverse of its number (rule C2).
        case submitAfterReverse
        /// A second refund number for one order, which would refund it twice (wire facts, 1.12).
        case secondRefund
        /// A refund of an order that holds no money: never paid, or reversed.
        case refundOfUnpaid
        /// `nonce_str` used before.
        case nonceRepeated
        /// A request the platform refuses for its form: the detail names the check.
        case requestRefused(String)
        /// A call that needs the client certificate came without it or with one the platform does not trust.
        case certificate(String)

        /// A stable word.
        package var word: String {
            switch self {
            case .reverseTooEarly: "reverse-too-early"
            case .submitChanged: "submit-changed"
            case .submitAfterReverse: "submit-after-reverse"
            case .secondRefund: "second-refund"
            case .refundOfUnpaid: "refund-of-unpaid"
            case .nonceRepeated: "nonce-repeated"
            case .requestRefused(let check): "request-refused \(check)"
            case .certificate(let why): "certificate \(why)"
            }
        }
    }

    package let rule: Rule
    package let operation: SandboxOperation
    package let order: String?
    package let at: BootTime

    package var description: String {
        "\(operation.rawValue)\(order.map { " of " + $0 } ?? ""): \(rule.word)"
    }
}
