/// A claim found after a restart (rules D1, D3).
///
/// The journal may say "claimed" of a sale whose money is back: the kiosk withdrew it and could not store that, or a claim whose
/// commit failed was stored after all. So nothing is acknowledged or counted on such a claim before the platform has said that
/// the order is still paid. The application's own word, delivered or undelivered, needs no such check.
extension Till {
    /// The first query waits until no request of the ended process can arrive any more, as a revoke does (rule C2): the system
    /// may have gone on sending what it had written, and it may have written a revoke.
    mutating func beginClaimCheck(of sale: SaleID) {
        arm(.claimCheck(sale), at: now.boot + policy.timing.revokeNotBefore)
    }

    mutating func checkClaim() {
        guard let attempt = uncheckedClaim else { return }
        query(attempt.order, attempt.amount)
    }

    /// The attempt of a claim that waits for the platform's word.
    private var uncheckedClaim: AttemptRow? {
        guard let sale, sale.isClaimUnchecked, case .delivering = sale.phase else { return nil }
        return sale.lastAttempt
    }

    /// - Returns: whether the query was a claim's check.
    mutating func claimCheckEnded(_ order: OrderNumber, _ verdict: QueryVerdict) -> Bool {
        guard let sale, uncheckedClaim?.order == order else { return false }
        switch verdict {
        case .paid:
            self.sale?.isClaimUnchecked = false
            if policy.sale.claimedUnreported == .keep { complete(answering: nil) }
        case .notPaid(.refund, _), .notPaid(.revoked, _), .notPaid(.closed, _):
            withdraw(reason: .returned, answering: nil)
        case .notPaid, .orderNotExist, .unknown, .configuration:
            // No word on the money: asked again, until the sale goes to a person.
            arm(.claimCheck(sale.row.id), at: now.boot + policy.timing.poll)
        }
        return true
    }
}
