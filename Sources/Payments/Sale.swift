/// The active sale: where it stands, what is being committed for it, and its live attempt.
///
/// ``Till`` moves it; the phases say more than ``SaleState`` because a state only counts once it is committed.
struct Sale {
    enum Phase {
        /// The sale's row is being committed; the caller waits. Next: `awaitingCode`, `ending`.
        case opening(RecordID)
        /// Next: `attempting`, `ending`.
        case awaitingCode
        /// One live attempt, from its record to its verdict. Next: `paying`, `declining`, `ending`.
        case attempting(Attempt)
        /// Paid is being committed. Cancelling still wins (rule B9). Next: `paid`, `ending`.
        case paying(Attempt, PaymentProof)
        /// A refusal is being committed; handing the record over was its announcement (rule B6).
        /// Next: `declined`, `ending`.
        case declining(Refusal.Advice)
        /// Takes another code from `pauseEnds` on. Next: `attempting`, `ending`.
        case declined(pauseEnds: BootTime)
        /// Paid is committed, goods are offered (rule D1). Next: `claiming`, `completing`, `ending`.
        case paid(PaymentProof)
        /// The claim is being committed. Next: `delivering`.
        case claiming(PaymentProof, RecordID)
        /// Claimed. Next: `completing`, `ending`.
        case delivering(PaymentProof)
        /// Delivered is being committed.
        case completing(RecordID)
        /// The last state is being committed.
        case ending(RecordID)
    }

    struct Attempt {
        var row: AttemptRow
        var machine: AttemptMachine
        /// Cancelled before the record was committed: the code never leaves (rules A1, B5).
        var isWithdrawn = false
        /// A query's answer was shown to a person already.
        var isFlagged = false
    }

    var row: SaleRow
    var phase: Phase
    /// Attempts made so far, live and void ones included: the live one's ordinal.
    var attemptCount = 0
    /// Those of them that never left the kiosk: they do not count against the most that a sale takes.
    var voidCount = 0
    /// The last attempt of the sale, for slips and reprints.
    var lastAttempt: AttemptRow?
    /// Attempts whose money was taken and is back already, so that the revoke queue knows them no more.
    var returned: [AttemptRow] = []
    /// Claimed before a restart, and the platform has not said since that the money is still there (rules D1, D3).
    var isClaimUnchecked = false
    /// Claimed, and the time to report what became of the goods is over: a person should look (rule D3, `ask`).
    var isUnreported = false
}

extension Sale {
    /// As others may be told: Paid counts when it is committed (rule D1).
    var storedState: SaleState {
        if case .paying = phase { return .confirming }
        return row.state
    }
}
