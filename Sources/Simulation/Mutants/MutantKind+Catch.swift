/// What must catch each mutant. Another promise of the same rule is not enough: it may be broken by chance.
extension MutantKind {
    package func isCaught(by violation: Violation) -> Bool {
        violation.rule == rule && violation.sentence.contains(words)
    }

    package var rule: String { promise.rule }

    /// What the sentence of the invariant says.
    package var words: String { promise.words }

    private var promise: (rule: String, words: String) {
        switch self {
        case .releaseBeforeCommit: ("A1", "goods are offered before Paid is stored")
        case .submitBeforeCommit: ("A1", "is submitted before its row is stored")
        case .commitFailureIgnored: ("A1", "though the disk refused")
        case .refundBeforeCommit: ("A1", "is refunded before the decision is stored")
        case .sentTakenAsVoid: ("B5", "is void, and bytes of it had left")
        case .settledReopened: ("interfaces 3", "goes from undone to revoking")
        case .toldTwice: ("events", "is told after")
        case .answeredTwice: ("answers", "is answered twice")
        case .returnMisnamed: ("balance", "is told as")
        case .parkedTooSoon: ("C5", "is parked, and nothing happened that needs a person")
        case .returnForgotten: ("A3", "was told that the money goes back")
        case .orderNumberReused: ("A2", "is used a second time")
        case .paidUnverified: ("B1", "is recorded as paid and no verified reply said so")
        case .refusalUnconfirmed: ("B4", "is announced as refused and no query confirmed it")
        case .secondAttempt: ("B6", "is submitted while")
        case .codeAgain: ("B8", "submits a code that")
        case .cancelAfterPaid: ("B9", "is taken though Paid is committed")
        case .neverWithdrawn: ("end", "after faults stopped")
        case .revokeForgotten: ("C1", "ends as revoking")
        case .deliveredRevoked: ("C1", "of its attempts are paid")
        case .saleForgotten: ("C1", "is charged and belongs to nobody")
        case .revokeTooEarly: ("C2", "ms after its last byte")
        case .settledOnAcceptance: ("C3", "is stored as undone and nothing proves it")
        case .saidOnceIsEnough: ("C3", "on an answer that was not said again in time")
        case .refundedOnAcceptance: ("C3", "is stored as refunded and nothing proves it")
        case .queueRush: ("C4", "requests of the queue within")
        case .breakerIgnored: ("C4", "leaves while nothing gets through")
        case .backOffIgnored: ("C4", "pauses after an unclear answer are next to nothing")
        case .riskIgnored: ("C7", "orders may hold money")
        case .riskSumIgnored: ("C7", "may be held in all")
        case .queueUnbounded: ("C7", "orders are in the queue")
        case .chargeGuessed: ("C3", "is stored as nothing charged, and was charged")
        case .copyUnnoticed: ("A5", "before anybody adopted the journal")
        case .adoptedAsOwn: ("D3", "its goods left on an acknowledged claim")
        case .adoptionForgotten: ("A5", "is not stored as taken over")
        case .claimedByTwo: ("D1", "is acknowledged and not stored")
        case .claimedRefunded: ("D3", "its goods left on an acknowledged claim")
        case .receiptWithoutPaid: ("D4", "which is not paid")
        case .copyUnmarked: ("D4", "that is not marked as a copy")
        case .nothingTaken: ("G3", "told that nothing was taken")
        case .returnPromised: ("G3", "and a person is to decide about it")
        }
    }
}
