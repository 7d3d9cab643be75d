/// One entry of the revoke queue: an attempt that must be undone, and how far that has come (section C).
package struct RevokeRow: Hashable, Sendable {
    package let order: OrderNumber
    /// Why it is here: a word of ``RevokeReason``.
    package let reason: String
    package let decided: Moment
    /// Steps taken so far, but for those that failed while the breaker was open; never reset by a restart.
    package var tries: Int
    /// Answers that brought the order no nearer to its end, since the last that did; six flag a person (rule C4).
    package var unknownAnswers: Int
    /// When the next step is due, on the boot clock of ``Moment/bootID``.
    package var due: Moment
    /// The last answer as a stable word; `nil` before any.
    package var lastAnswer: String?
    /// When a verified revoke SUCCESS without recall came (rule C3); `nil` before.
    package var accepted: Moment?
    /// The first verified answer after ``accepted`` that settles only if said again (ORDERNOTEXIST or PAYERROR); REFUND, without
    /// a time, where the journal may have lost that a refund was decided, see ``isRefundLost``, and where the order has shown
    /// REFUND since ``refundDecided``.
    package var toConfirm: String?
    package var toConfirmSince: Moment?
    /// Whether any verified reply ever said that money moved.
    package var chargeSeen: Bool
    package var needsPerson: Bool
    package var settled: Moment?
    /// The code of the final refusal that stands: of the revoke, and once ``refundDecided`` is there of the refund (rule C5).
    package var refusal: String?
    /// When the refund was decided; stored before it is asked for (rules A1, C5).
    package var refundDecided: Moment?
    /// Since when it waits for a person, and why; `nil` while it is being tried.
    package var parked: Moment?
    package var parkedReason: String?
    /// Taken over from a journal that may be older than what happened (rules A5, A6): nothing is sent back before a query
    /// has said that it is not paid, and a paid one goes to a person.
    package var isAdopted: Bool

    package init(
        order: OrderNumber,
        reason: String,
        decided: Moment,
        tries: Int = 0,
        unknownAnswers: Int = 0,
        due: Moment,
        lastAnswer: String? = nil,
        accepted: Moment? = nil,
        toConfirm: String? = nil,
        toConfirmSince: Moment? = nil,
        chargeSeen: Bool = false,
        needsPerson: Bool = false,
        settled: Moment? = nil,
        refusal: String? = nil,
        refundDecided: Moment? = nil,
        parked: Moment? = nil,
        parkedReason: String? = nil,
        isAdopted: Bool = false,
    ) {
        self.order = order
        self.reason = reason
        self.decided = decided
        self.tries = tries
        self.unknownAnswers = unknownAnswers
        self.due = due
        self.lastAnswer = lastAnswer
        self.accepted = accepted
        self.toConfirm = toConfirm
        self.toConfirmSince = toConfirmSince
        self.chargeSeen = chargeSeen
        self.needsPerson = needsPerson
        self.settled = settled
        self.refusal = refusal
        self.refundDecided = refundDecided
        self.parked = parked
        self.parkedReason = parkedReason
        self.isAdopted = isAdopted
    }

    /// How the order ended that its last answer settles (rule C3): ``AttemptRow/outcome``. A reply that says REVOKED or CLOSED
    /// need not name a payment that was taken before (wire facts, 1.9), so it proves that nothing is kept, and no more.
    package var outcome: String {
        guard !chargeSeen else { return AttemptRow.returned }
        switch lastAnswer {
        case QueryVerdict.orderNotExist.word, TradeState.payError.rawValue:
            return AttemptRow.nothingCharged
        default: return AttemptRow.nothingKept
        }
    }

    /// How an attempt stands whose row of the queue this is, until that is settled.
    package var attemptState: AttemptState {
        parked != nil ? .parked : refundDecided != nil ? .refunding : .revoking
    }

    /// Rows of it may be lost, the decision to refund it among them (rules A5, A6): the state REFUND is not its end before the
    /// query of its refund says so (rule C5).
    var isRefundLost: Bool { refundDecided == nil && toConfirm == TradeState.refund.rawValue }

    /// It is settled, and its attempt is open: the two were found apart (rule A6), and the platform is asked again. One that
    /// was parked then was settled by a person, whose word is lost.
    mutating func reopen(at now: Moment) {
        settled = nil
        guard parked != nil else { return }
        needsPerson = true
        parked = now
        parkedReason = ParkedReason.entryLost
    }

    /// Rows that may be lost with the decision to refund are taken over: ``isRefundLost`` until a verified answer says more.
    mutating func loseRefund() {
        guard refundDecided == nil else { return }
        toConfirm = TradeState.refund.rawValue
        toConfirmSince = nil
    }
}

/// An order of the revoke queue as people see it.
package struct RevokeEntry: Hashable, Sendable {
    package let row: RevokeRow
    package let attempt: AttemptRow

    package init(row: RevokeRow, attempt: AttemptRow) {
        self.row = row
        self.attempt = attempt
    }
}
