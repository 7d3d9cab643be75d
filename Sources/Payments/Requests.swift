/// What applications ask and what they are answered; the local interface turns these into HTTP.

/// Names one call between the local interface and the machine.
package struct RequestID: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

/// A wish to sell, as far as its form goes already checked.
package struct SaleRequest: Hashable, Sendable {
    package let amount: Money
    package let description: String
    package let reference: String?
    package let idempotencyKey: String?
    /// A hash of the call's body; there whenever the key is.
    package let bodyHash: String?

    package init(
        amount: Money,
        description: String,
        reference: String?,
        idempotencyKey: String?,
        bodyHash: String?,
    ) {
        self.amount = amount
        self.description = description
        self.reference = reference
        self.idempotencyKey = idempotencyKey
        self.bodyHash = bodyHash
    }
}

/// A call about one sale.
package enum SaleCall: Hashable, Sendable {
    case cancel
    /// The claim of rule D1 with its key.
    case claim(key: String)
    case delivered
    case undelivered
    /// Print the slip again, marked as a copy (rule D4).
    case receipt
}

extension SaleCall {
    /// Whether it says, or asks, what becomes of the goods.
    var isAboutGoods: Bool {
        switch self {
        case .claim, .delivered, .undelivered: true
        case .cancel, .receipt: false
        }
    }
}

/// A call about one order of the revoke queue.
package enum RevokeCall: Hashable, Sendable {
    /// Try it now; a parked one again.
    case retry
    /// A person settles it (rule C5). `note` has 1 to 500 bytes; `by` says who.
    case settle(SettlementOutcome, note: String, by: String)
}

/// The machine's answer to a call.
package enum Answer: Hashable, Sendable {
    /// The order as it stands now.
    case revoke(RevokeEntry)
    /// Done and committed, or already so.
    case sale(SaleRow)
    /// A new sale was made (201).
    case created(SaleRow)
    /// Under way; an event will follow (202).
    case accepted(SaleRow)
    case problem(Problem)
}

/// Why a call was refused. The words are the stable part of the problem's `type`.
package enum Problem: Hashable, Sendable {
    case saleActive(SaleID)
    case notReady([OutOfServiceReason])
    case amountTooHigh(maximum: Int64)
    case wrongCurrency(Currency)
    case keyReused
    case notFound
    /// Cancelling is refused from Paid on (rule B9).
    case cannotCancel(SaleState)
    case notPaid(SaleState)
    case alreadyClaimed
    /// Claimed before a restart: the platform is asked whether the money is still there; asked again, the claim is answered.
    case claimUnchecked
    /// A revoke was decided: nothing may be released any more (rule D1).
    case releaseWithdrawn
    case alreadyDelivered
    /// Nothing was taken, and no slip says so.
    case nothingToPrint
    /// Nobody knows yet, or any more, what became of the money: nothing is printed (rule G3).
    case outcomeOpen
    /// No order of this number is in the revoke queue.
    case noSuchRevoke
    /// It has ended already.
    case alreadySettled(AttemptState)
    /// The kiosk still tries, and no person is asked yet.
    case notParked
    /// Goods may have left: report the sale, or settle the order (rules A5, D3).
    case needsReport
    /// Nothing may be done about an order before the journal is adopted (rule A5).
    case journalNotAdopted
    /// The journal was damaged and is set aside: its orders wait for `kioskpay journal recover` (rule A6).
    case journalDamaged
    /// A person must settle it: nobody knows whether the goods left (rule D3).
    case releaseParked
    case storageFailed

    package var word: String {
        switch self {
        case .saleActive: "sale-active"
        case .notReady: "not-ready"
        case .amountTooHigh: "amount-too-high"
        case .wrongCurrency: "wrong-currency"
        case .keyReused: "idempotency-key-reused"
        case .notFound: "not-found"
        case .cannotCancel: "cannot-cancel"
        case .notPaid: "not-paid"
        case .alreadyClaimed: "already-claimed"
        case .claimUnchecked: "claim-unchecked"
        case .releaseWithdrawn: "release-withdrawn"
        case .alreadyDelivered: "already-delivered"
        case .nothingToPrint: "nothing-to-print"
        case .outcomeOpen: "outcome-open"
        case .noSuchRevoke: "no-such-revoke"
        case .alreadySettled: "already-settled"
        case .notParked: "not-parked"
        case .needsReport: "needs-report"
        case .journalNotAdopted: "journal-not-adopted"
        case .journalDamaged: "journal-damaged"
        case .releaseParked: "release-parked"
        case .storageFailed: "storage-failed"
        }
    }
}
