import Payments

/// A deliberately broken machine: the real one, with something wrong between it and the world.
protocol Mutant {
    /// What the machine hears instead of this.
    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent]
    /// What is done instead of this.
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction]
}

extension Mutant {
    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] { [event] }
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] { actions }
}

/// The mutants by name. A simulation that does not catch every one of them proves nothing.
package enum MutantKind: String, CaseIterable, Hashable, Sendable {
    case releaseBeforeCommit = "release-before-commit"
    case submitBeforeCommit = "submit-before-commit"
    case revokeTooEarly = "revoke-too-early"
    case orderNumberReused = "order-number-reused"
    case revokeForgotten = "revoke-forgotten-after-restart"
    case settledOnAcceptance = "settled-on-revoke-success-alone"
    case saidOnceIsEnough = "settled-on-one-order-not-exist"
    case refundedOnAcceptance = "refunded-on-refund-success-alone"
    case refundBeforeCommit = "refund-before-commit"
    case copyUnmarked = "reprint-not-marked-as-a-copy"
    case paidUnverified = "paid-on-unverified-reply"
    case secondAttempt = "second-attempt-while-one-is-live"
    case receiptWithoutPaid = "receipt-before-paid"
    case deliveredRevoked = "delivered-one-revoked"
    case claimedByTwo = "claim-accepted-with-another-key"
    case commitFailureIgnored = "commit-failure-ignored"
    case neverWithdrawn = "goods-never-withdrawn"
    case cancelAfterPaid = "cancel-accepted-after-paid"
    case nothingTaken = "unknown-told-as-nothing-taken"
    case codeAgain = "same-code-submitted-again"
    case riskIgnored = "money-at-risk-without-bound"
    case riskSumIgnored = "money-at-risk-without-bound-on-the-sum"
    case queueUnbounded = "queue-without-bound"
    case chargeGuessed = "undone-told-as-nothing-charged"
    case queueRush = "queue-without-pace"
    case breakerIgnored = "queue-without-breaker"
    case backOffIgnored = "queue-without-back-off"
    case claimedRefunded = "claimed-goods-refunded"
    case refusalUnconfirmed = "refusal-announced-without-its-query"
    case copyUnnoticed = "copy-of-the-journal-unnoticed"
    case adoptedAsOwn = "adopted-journal-taken-for-the-newest"
    case adoptionForgotten = "adoption-forgotten-on-the-next-record"
    case returnForgotten = "told-return-forgotten-after-a-restart"
    case sentTakenAsVoid = "unknown-taken-as-never-sent"
    case settledReopened = "settled-order-opened-again"
    case toldTwice = "event-told-twice"
    case answeredTwice = "caller-answered-twice"
    case returnMisnamed = "returned-order-told-as-nothing-kept"
    case parkedTooSoon = "claimed-release-parked-at-once"
    case saleForgotten = "open-sale-forgotten-after-restart"
    case returnPromised = "return-promised-of-what-waits-for-a-person"

    func made() -> (any Mutant)? {
        switch self {
        case .releaseBeforeCommit: ReleaseBeforeCommit()
        case .submitBeforeCommit: SubmitBeforeCommit()
        case .revokeTooEarly: RevokeTooEarly()
        case .settledOnAcceptance: SettledOnAcceptance()
        case .refundedOnAcceptance: RefundedOnAcceptance()
        case .refundBeforeCommit: RefundBeforeCommit()
        case .copyUnmarked: CopyUnmarked()
        case .paidUnverified: PaidUnverified()
        case .secondAttempt: SecondAttempt()
        case .receiptWithoutPaid: ReceiptWithoutPaid()
        case .deliveredRevoked: DeliveredRevoked()
        case .claimedByTwo: ClaimedByTwo()
        case .commitFailureIgnored: CommitFailureIgnored()
        case .neverWithdrawn: NeverWithdrawn()
        case .cancelAfterPaid: CancelAfterPaid()
        case .nothingTaken: NothingTaken()
        case .codeAgain: CodeAgain()
        case .breakerIgnored: BreakerIgnored()
        case .refusalUnconfirmed: RefusalUnconfirmed()
        case .chargeGuessed:
            OutcomeMisnamed(outcome: AttemptRow.nothingKept, told: AttemptRow.nothingCharged)
        case .adoptionForgotten: AdoptionForgotten()
        case .returnPromised: ReturnPromised()
        case .sentTakenAsVoid: SentTakenAsVoid()
        case .settledReopened: SettledReopened()
        case .toldTwice: Twice(what: .event)
        case .answeredTwice: Twice(what: .answer)
        case .returnMisnamed:
            OutcomeMisnamed(outcome: AttemptRow.returned, told: AttemptRow.nothingKept)
        case .orderNumberReused, .revokeForgotten, .saidOnceIsEnough, .riskIgnored, .riskSumIgnored,
            .queueUnbounded, .queueRush, .backOffIgnored, .claimedRefunded, .copyUnnoticed,
            .adoptedAsOwn, .returnForgotten, .parkedTooSoon, .saleForgotten:
            nil
        }
    }

    /// What the machine recovers from instead of this.
    func rows(_ rows: OpenRows) -> OpenRows {
        var rows = rows
        switch self {
        case .revokeForgotten:
            rows.attempts.removeAll { $0.state == .revoking || $0.state == .refused }
            rows.revokes = []
        case .saleForgotten:
            let mine = Set(rows.sales.map(\.id))
            rows.sales = []
            rows.attempts.removeAll { mine.contains($0.sale) }
        default: break
        }
        return rows
    }

    /// What the machine is told of the journal instead of this.
    func custody(_ custody: Custody) -> JournalCustody {
        switch (self, custody) {
        case (.copyUnnoticed, .copy), (.adoptedAsOwn, .adopted): .own
        default: custody.word
        }
    }

    func policy(_ policy: Policy) -> Policy {
        var policy = policy
        switch self {
        case .saidOnceIsEnough: policy.timing.confirmAgain = .seconds(1)
        case .riskIgnored: policy.risk.maximumUnsettledCount = 1_000_000
        case .riskSumIgnored: policy.risk.maximumUnsettledSum = .max / 8
        case .queueUnbounded: policy.risk.maximumQueued = 1_000_000
        case .queueRush: policy.risk.revokeRequestsPerSecond = 1_000
        case .backOffIgnored:
            policy.timing.retryBase = .milliseconds(1)
            policy.timing.retryCap = .milliseconds(1)
        case .parkedTooSoon: policy.sale.unreportedPark = .seconds(1)
        case .claimedRefunded: policy.sale.claimedUnreported = .refund
        default: break
        }
        return policy
    }
}
