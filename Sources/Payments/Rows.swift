/// The rows that are stored. `Journal` keeps them as they are; recovery reads them back into the machines.

/// What an application or the fixed-price mode asked for, with the sale's course so far.
package struct SaleRow: Hashable, Sendable {
    package let id: SaleID
    package let amount: Money
    /// At most 127 bytes of UTF-8; may be empty.
    package let description: String
    /// The application's own reference, returned unchanged; at most 64 bytes.
    package let reference: String?
    /// The `Idempotency-Key` of the call that asked, and a hash of its body.
    package let idempotencyKey: String?
    package let bodyHash: String?
    package let created: Moment
    package var state: SaleState
    package var updated: Moment
    /// The truth last told to the payer, as ``Truth/word``; `nil` before any.
    package var truth: String?
    /// Why it is in this state: ``Refusal/Advice``'s word, `code-wait-over`, `restart`, …; `nil` where the state says it.
    package var reason: String?
    /// The claim's key (rule D1); `nil` before a claim.
    package var claimKey: String?
    package var paid: Moment?
    package var transactionID: String?

    package init(
        id: SaleID,
        amount: Money,
        description: String,
        reference: String?,
        idempotencyKey: String?,
        bodyHash: String?,
        created: Moment,
        state: SaleState,
        updated: Moment,
        truth: String? = nil,
        reason: String? = nil,
        claimKey: String? = nil,
        paid: Moment? = nil,
        transactionID: String? = nil,
    ) {
        self.id = id
        self.amount = amount
        self.description = description
        self.reference = reference
        self.idempotencyKey = idempotencyKey
        self.bodyHash = bodyHash
        self.created = created
        self.state = state
        self.updated = updated
        self.truth = truth
        self.reason = reason
        self.claimKey = claimKey
        self.paid = paid
        self.transactionID = transactionID
    }
}

/// One order number with one payment code under one sale.
package struct AttemptRow: Hashable, Sendable {
    package let order: OrderNumber
    package let sale: SaleID
    /// 1 for the sale's first attempt.
    package let ordinal: Int
    package let amount: Money
    /// Never the code itself (rule G1).
    package let fingerprint: CodeFingerprint
    /// When the intent was made; committed before any byte of the submit (rule A1).
    package let prepared: Moment
    package var state: AttemptState
    package var updated: Moment
    /// When the first byte may have left; `nil` before that is known.
    package var submitted: Moment?
    /// The last verdict as a stable word with the platform's code, such as `refused NOTENOUGH`.
    package var verdict: String?
    package var transactionID: String?
    /// Seconds since 1970 at which the platform says it was paid.
    package var paidAtSeconds: Int64?
    /// How it ended, for `undone` and `refunded`: ``nothingCharged``, ``returned`` or ``nothingKept`` (rule C3); for
    /// `written_off` that word.
    package var outcome: String?

    /// Proven: the platform says that the order never was, or that its payment failed; or a person says so.
    package static let nothingCharged = "nothing-charged"
    package static let returned = "returned"
    /// Undone by a revoke, and no reply said whether it had been charged before: anything taken has gone back.
    package static let nothingKept = "nothing-kept"

    package init(
        order: OrderNumber,
        sale: SaleID,
        ordinal: Int,
        amount: Money,
        fingerprint: CodeFingerprint,
        prepared: Moment,
        state: AttemptState,
        updated: Moment,
        submitted: Moment? = nil,
        verdict: String? = nil,
        transactionID: String? = nil,
        paidAtSeconds: Int64? = nil,
        outcome: String? = nil,
    ) {
        self.order = order
        self.sale = sale
        self.ordinal = ordinal
        self.amount = amount
        self.fingerprint = fingerprint
        self.prepared = prepared
        self.state = state
        self.updated = updated
        self.submitted = submitted
        self.verdict = verdict
        self.transactionID = transactionID
        self.paidAtSeconds = paidAtSeconds
        self.outcome = outcome
    }
}

/// One line of the event stream, durable and replayable (interfaces, 3: `GET /v1/events`).
package struct EventRow: Hashable, Sendable {
    /// 1, 2, 3, … without gaps in commit order: the stream's `id:`.
    package var id: Int64
    package let kind: EventKind
    package let at: Moment
    package let sale: SaleID?
    package let order: OrderNumber?
    /// The sale's state after the event.
    package let state: SaleState?
    package let amount: Money?
    /// ``Truth/word`` of what the payer is told now, if anything.
    package var truth: String?
    /// A stable word for why, if there is one to give.
    package let reason: String?

    package init(
        id: Int64,
        kind: EventKind,
        at: Moment,
        sale: SaleID? = nil,
        order: OrderNumber? = nil,
        state: SaleState? = nil,
        amount: Money? = nil,
        truth: String? = nil,
        reason: String? = nil,
    ) {
        self.id = id
        self.kind = kind
        self.at = at
        self.sale = sale
        self.order = order
        self.state = state
        self.amount = amount
        self.truth = truth
        self.reason = reason
    }

    func isSameCall(as other: Self) -> Bool {
        (kind, sale, order, reason) == (other.kind, other.sale, other.order, other.reason)
    }
}

/// Kinds of durable events; the words are the stream's `event:` names.
package enum EventKind: String, Hashable, Sendable, CaseIterable {
    /// A sale changed its state: the event carries the new one.
    case saleChanged = "sale"
    /// Goods may be released (rule D1): Paid is committed.
    case releaseOffered = "release"
    /// A claimed release was never reported (rule D3).
    case releaseUnreported = "release-unreported"
    /// The money of an earlier sale is back with the payer.
    case moneyReturned = "money-returned"
    /// A person must settle an order.
    case parked
    /// An order wants a person's eye, see the reason; trying goes on (rule C4).
    case flagged

    /// Whether it asks for a person, and no row says so as well: told later if it cannot be stored now.
    var isCall: Bool { self == .flagged || self == .releaseUnreported }
}

/// One row of a ``Record``; storing it replaces the row with the same key.
package enum Row: Hashable, Sendable {
    case sale(SaleRow)
    case attempt(AttemptRow)
    case revoke(RevokeRow)
    /// Stored once for an order; a second one with the same key is refused.
    case settlement(SettlementRow)
    case event(EventRow)

    /// Whether it is stored in the same place: the later of the two stands.
    func isSameRow(as other: Row) -> Bool {
        switch (self, other) {
        case (.sale(let one), .sale(let other)): one.id == other.id
        case (.attempt(let one), .attempt(let other)): one.order == other.order
        case (.revoke(let one), .revoke(let other)): one.order == other.order
        case (.settlement(let one), .settlement(let other)): one.order == other.order
        case (.event(let one), .event(let other)): one.id == other.id
        case (.sale, _), (.attempt, _), (.revoke, _), (.settlement, _), (.event, _): false
        }
    }
}

/// Names a record between the machine and the shell; ascending, unique within one run of the daemon.
package struct RecordID: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

/// Rows that are committed together or not at all.
package struct Record: Hashable, Sendable {
    package let id: RecordID
    /// In the order they are to be stored. Empty in a record that only asks whether storage can be written (``ShellContract``,
    /// rule 3), or only ends an adoption: it must be answered by a real write all the same.
    package let rows: [Row]
    /// Whether somebody's money waits on this commit: such a record never waits behind more than one other.
    package let isUrgent: Bool
    /// With it everything that an adoption took over is stored (rules A5, A6). Until such a record is, each start takes the
    /// open rows over as adopted ones again, whatever else was stored meanwhile.
    package let endsAdoption: Bool

    package init(id: RecordID, rows: [Row], isUrgent: Bool, endsAdoption: Bool = false) {
        self.id = id
        self.rows = rows
        self.isUrgent = isUrgent
        self.endsAdoption = endsAdoption
    }
}

/// What the journal hands to ``Till`` at start-up: open rows only, in the order they were first stored.
package struct OpenRows: Hashable, Sendable {
    /// Sales that are not final, and those of open attempts.
    package var sales: [SaleRow]
    /// Attempts that are not final, except `paid` ones of delivered sales; every attempt of a sale that is not final, which
    /// say what its payer is to be told (rule G3); and every attempt of this boot that was prepared within
    /// ``Timing/codeMemory``, whose fingerprints rule B8 needs.
    package var attempts: [AttemptRow]
    /// Revokes not settled, and those of attempts that are open all the same: what was stored together may have been found
    /// apart in the remains of a damaged journal (rule A6).
    package var revokes: [RevokeRow]
    /// The highest event id ever stored; 0 in an empty journal.
    package var lastEventID: Int64

    package init(
        sales: [SaleRow] = [],
        attempts: [AttemptRow] = [],
        revokes: [RevokeRow] = [],
        lastEventID: Int64 = 0,
    ) {
        self.sales = sales
        self.attempts = attempts
        self.revokes = revokes
        self.lastEventID = lastEventID
    }
}
