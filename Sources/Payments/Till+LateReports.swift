/// Reports that contradict what was decided: the decision stands, and a person hears of them (rules C1, D1).
extension Till {
    /// Goods left after a revoke was decided, paid or not: nobody keeps their price, and a person must know (interfaces, 3).
    /// Told once for each order in one run, however often the application repeats itself.
    mutating func flagLateDelivery(of sale: SaleID, _ stored: [AttemptRow]) {
        guard let attempt = undoneAttempt(of: sale, stored) else { return }
        let isParked = revokes[attempt.order]?.isParked == true
        flagLate(attempt, isParked ? "delivered-after-parked" : "delivered-after-revoke")
    }

    /// Rule C1: what counts as delivered, by the application's word or by the policy's (rule D3), is never revoked, only refunded
    /// by a person; so a person hears that the goods are said not to have left. The caller is refused when that is stored, and
    /// repeats itself until then.
    mutating func refuseUndelivered(_ request: RequestID, _ attempt: AttemptRow?) {
        let refusal = Answer.problem(.alreadyDelivered)
        if let attempt,
            flagLate(attempt, "undelivered-after-delivered", answers: [(request, refusal)])
        {
            return
        }
        answer(request, refusal)
    }

    /// Tells a person of a report that contradicts what was decided about its order.
    ///
    /// - Returns: whether it is being stored; the answers are then given with it. `false` if it was told before.
    @discardableResult
    mutating func flagLate(
        _ attempt: AttemptRow,
        _ reason: String,
        answers: [(RequestID, Answer)] = [],
    ) -> Bool {
        guard service.lateReports.count < Service.lateLimit,
            service.lateReports.insert(attempt.order).inserted
        else { return false }
        revokes.update(attempt.order) { $0.flag() }
        var rows: [Row] = []
        if let machine = revokes[attempt.order], !machine.isBeingSettled {
            rows = [.revoke(machine.row)]
            // An end that could not be stored is the order's, or nobody's: its row of the queue alone would leave it open.
            if machine.owesRecord { rows.append(.attempt(machine.attempt)) }
        }
        if var begun = revokes[attempt.order]?.attempt, begun.state == .refused {
            // From here on a person may settle it, so it says that it is being undone.
            begun.state = .revoking
            begun.updated = now
            revokes.update(attempt.order) { $0.attempt = begun }
            revokes.await(records.upcoming, attempt.order)
            rows.append(.attempt(begun))
        }
        record(
            rows,
            events: [event(.flagged, of: attempt, reason: reason)],
            answers: answers,
            after: .nothing
        )
        return true
    }

    /// Which of a sale's attempts a late report is about: the one that was charged, or else the newest that is or was in the
    /// queue; `nil` if none ever was.
    private func undoneAttempt(of sale: SaleID, _ stored: [AttemptRow]) -> AttemptRow? {
        if let charged = chargedAttempt(of: sale) { return charged }
        let queued = revokes.machines(of: sale).map(\.attempt)
        return (stored.filter(\.isBeyondPaying) + queued).max { $0.ordinal < $1.ordinal }
    }
}

extension AttemptRow {
    /// Of a sale that is not delivered: its revoke was decided. A paid one's row may be older than that decision.
    fileprivate var isBeyondPaying: Bool {
        switch state {
        case .prepared, .submitted, .polling, .void: false
        case .paid, .refused, .revoking, .refunding, .parked, .undone, .refunded, .writtenOff: true
        }
    }
}
