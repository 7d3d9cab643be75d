/// Why an order is in the revoke queue (rule C1). The words are stored.
package enum RevokeReason: String, Hashable, Sendable, CaseIterable {
    case refused
    case expired
    case cancelled
    case notClaimed = "not-claimed"
    case undelivered
    case restart
    case storage
    /// A query said that the money is already on its way back.
    case returned
    /// Claimed, never reported, and nobody said what to do (rule D3): here for a person, not to be revoked.
    case claimedUnreported = "claimed-unreported"
    /// Found in the remains of a damaged journal (rule A6).
    case recovered
}

/// Why an order waits for a person and nothing is tried any more (rule C5). The words are stored, some with the platform's
/// code behind them.
package enum ParkedReason {
    /// The platform finally refuses the revoke and does not say that the order is paid.
    static func revokeRefused(_ code: String) -> String { "revoke-refused \(code)" }
    /// The platform finally refuses the refund, and knows of none.
    static func refundRefused(_ code: String) -> String { "refund-refused \(code)" }
    /// The refund cannot end by itself (CHANGE, REFUNDCLOSE, ABNORMAL).
    static func refundStuck(_ state: String) -> String { "refund \(state)" }
    /// Rule D3: the goods may have been released.
    static let claimedUnreported = "claimed-unreported"
    /// Paid, in a journal that may be older than what happened (rules A5, A6): the goods may have been released.
    static let paidBeforeAdoption = "paid-before-adoption"
    /// It was parked, and the journal has lost why, or how a person settled it (rule A6).
    package static let entryLost = "entry-lost"
    /// Found in the remains of a damaged journal without its amount: no reply can prove anything about it (rules A6, B1), and
    /// its goods may have left.
    package static let amountLost = "amount-lost"
    /// A person settled an order that was still being tried.
    static let byPerson = "by-person"

    /// Those where goods may have left.
    package static let aboutGoods = [
        claimedUnreported, paidBeforeAdoption, entryLost, amountLost,
    ]
}
