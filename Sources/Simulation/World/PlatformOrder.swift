import Payments

/// One order as the platform has it (wire facts, 1.8 to 1.10).
struct PlatformOrder {
    enum State {
        case notPay
        case userPaying
        case accept
        case success
        case payError
        case closed
        case revoked
        case refund
    }

    /// What will become of the order by itself.
    enum Act {
        case pays
        case closesPassword
        /// The refund that was asked for is done.
        case refunded
        /// The platform's own end, 45 s after it was created (wire facts, 3.1).
        case ownEnd
    }

    var state: State
    let created: Int64
    let amount: Money
    let code: String
    var refusal: Refusal?
    /// Every revoke of this order is refused for good (TRADE_ERROR, wire facts, 2.3).
    var refusesReverse = false
    /// So many of its revokes and refunds are answered as if the client certificate were refused, and no other order's.
    var poison = 0
    var refund: Refund?
    var charged: Int64?
    var returned: Int64?
    /// Whether a revoke that is done on a paid order shows as REFUND, on an unpaid one as CLOSED; else as REVOKED.
    let showsOtherState: Bool
    /// Whether a query still names the payment of an order that is undone: it need not (wire facts, 1.9).
    let namesUndonePayment: Bool
    /// Refused before it became an order: a query does not find it.
    var isAbsent = false

    /// Where the one refund of the order stands.
    enum Refund {
        case processing
        case done
        /// CHANGE: the payer's card is dead, and a person must act (wire facts, 1.12).
        case stuck
    }

    var isOpen: Bool { state == .notPay || state == .userPaying || state == .accept }

    /// From a refund that is taken to one that is done.
    static let longestRefund: Int64 = 10 * Span.minute
    static let ownEnd: Int64 = 45 * Span.second
    /// Later the platform refuses to revoke (REVERSE_EXPIRE).
    static let longestReverse: Int64 = 7 * Span.day
    /// A submit that has left can be worked on this much later. Longer than the minute between the two queries of rule
    /// C3 nobody but the bill could notice (wire facts, 3.3, rule 5).
    static let longestDelay: Int64 = 60 * Span.second
}

/// What stands behind a payment code.
struct Wallet {
    enum Course {
        case pays(after: Int64)
        case typesPassword(after: Int64)
        case closesPassword(after: Int64)
        case ignoresPassword
        case accepted(after: Int64)
        /// `leaves`: the state of the order that a refusal leaves behind; `nil` leaves none.
        case refused(Refusal, leaves: PlatformOrder.State?)
    }

    let course: Course
    /// A code lives one minute (wire facts, 1.16).
    let expires: Int64
    var isUsed = false

    static let life: Int64 = 60 * Span.second
}

extension Refusal {
    static let expired = Refusal(advice: .newCode, code: "AUTHCODEEXPIRE")
    static let used = Refusal(advice: .newCode, code: "AUTH_CODE_INVALID")
    static let notEnough = Refusal(advice: .otherCard, code: "NOTENOUGH")
    static let cardKind = Refusal(advice: .otherCard, code: "NOTSUPORTCARD")
    static let trade = Refusal(advice: .otherWallet, code: "TRADE_ERROR")
    static let reversed = Refusal(advice: .newCode, code: "ORDERREVERSED")
    static let closed = Refusal(advice: .newCode, code: "ORDERCLOSED")
}
