/// After a restart: open rows go back into the machines (rules A1, B6, C6, D3).
extension Till {
    /// A till that goes on where the journal's rows say the last one stopped.
    ///
    /// - Parameters:
    ///   - rows: open rows only, as the journal hands them out.
    ///   - generator: the system's in the daemon (rule A2).
    /// - Returns: the till and the actions of its start, to be performed in order before any event.
    package static func recovering(
        _ rows: OpenRows,
        policy: Policy,
        generator: any RandomNumberGenerator & Sendable,
        at now: Moment,
    ) -> (till: Till, actions: [TillAction]) {
        var till = Till(policy: policy, generator: generator, now: now)
        till.records.startEvents(after: rows.lastEventID)
        till.recover(rows)
        till.startDueRevokes()
        till.showLights()
        return (till, till.actions)
    }

    private mutating func recover(_ rows: OpenRows) {
        rememberCodes(rows.attempts)
        resume(rows.revokes, attempts: rows.attempts)
        var changed: [Row] = []
        var events: [EventRow] = []
        var unreleased: Set<SaleID> = []
        for row in rows.sales {
            let attempts = rows.attempts.filter { $0.sale == row.id }
            let state = recover(row, attempts, &changed, &events)
            if state != .delivered { unreleased.insert(row.id) }
        }
        // What was submitted, or may have been, and has no owner yet gets one (rule C1).
        for attempt in rows.attempts where needsOwner(attempt, unreleased) {
            changed += adopt(attempt)
        }
        guard !changed.isEmpty || !events.isEmpty else { return }
        record(changed, events: events, after: .recovered)
    }

    /// Rule B8 also holds across a restart within the same boot.
    private mutating func rememberCodes(_ attempts: [AttemptRow]) {
        for attempt in attempts where attempt.state != .void {
            guard let age = attempt.prepared.age(at: now), age < SalePolicy.codeMemory else {
                continue
            }
            recentCodes.append(
                RecentCode(
                    fingerprint: attempt.fingerprint,
                    order: attempt.order,
                    shownAt: attempt.prepared.boot
                )
            )
        }
        recentCodes.sort { $0.shownAt < $1.shownAt }
    }

    private mutating func resume(_ rows: [RevokeRow], attempts: [AttemptRow]) {
        for row in rows where row.settled == nil {
            guard let attempt = attempts.first(where: { $0.order == row.order }) else { continue }
            var machine = RevokeMachine(
                row: row,
                attempt: attempt,
                begins: row.tries == 0 && row.reason == RevokeReason.refused.rawValue
                    ? .reverse : .query,
                timing: policy.timing
            )
            if row.due.bootID != now.bootID || row.tries == 0 {
                // Nobody knows how long ago the last byte left: the boot clock began anew, or the system may have gone on
                // sending what the ended process had written (rule C2).
                machine.postpone(to: now.boot + policy.timing.revokeNotBefore, at: now)
            }
            revokes[row.order] = machine
        }
    }

    /// A paid attempt whose sale is not among the open ones was delivered: it is here for its code's sake (rule B8), and
    /// its money stays (rule C1).
    private func needsOwner(_ attempt: AttemptRow, _ unreleased: Set<SaleID>) -> Bool {
        guard revokes[attempt.order] == nil, sale?.lastAttempt?.order != attempt.order else {
            return false
        }
        switch attempt.state {
        case .prepared, .submitted, .polling, .refused, .revoking:
            return true
        case .paid:
            return unreleased.contains(attempt.sale)
        case .refunding, .parked, .void, .undone, .refunded, .writtenOff:
            return false
        }
    }

    /// Rule A1: an attempt found as prepared counts as submitted: query, then revoke.
    private mutating func adopt(_ attempt: AttemptRow) -> [Row] {
        var row = attempt
        let isRefused = row.state == .refused
        let wasPaid = row.state == .paid
        row.state = .revoking
        row.updated = now
        let revoke = enterQueue(
            row,
            isRefused ? .refused : .restart,
            chargeSeen: wasPaid,
            begins: .query
        )
        return [.attempt(row), .revoke(revoke)]
    }

    /// Returns the sale's state from here on.
    private mutating func recover(
        _ row: SaleRow,
        _ attempts: [AttemptRow],
        _ changed: inout [Row],
        _ events: inout [EventRow],
    ) -> SaleState {
        var row = row
        row.updated = now
        let charged = chargedAttempt(of: row.id)
        var last = attempts.max { $0.ordinal < $1.ordinal }
        switch row.state {
        case .awaitingCode, .declined:
            row.state = .expired
            row.truth = (charged == nil ? Truth.nothingTaken : .beingReturned).word
            last = charged ?? last
        case .submitting, .confirming:
            row.state = .expired
            row.truth = last.map { Truth.notKnownYet($0.order).word } ?? Truth.nothingTaken.word
        case .cancelling:
            row.state = .cancelled
            row.truth = last.map { Truth.notKnownYet($0.order).word } ?? Truth.nothingTaken.word
        case .paid, .delivering:
            guard let last, !reopen(row, last, &events) else { return row.state }
            if countsAsDelivered(row) {
                row.state = .delivered
            } else {
                row.state = .undelivered
                row.truth = Truth.beingReturned.word
                changed += adopt(last)
            }
        case .delivered, .undelivered, .cancelled, .expired:
            return row.state
        }
        row.reason = "restart"
        changed.append(.sale(row))
        events.append(event(.saleChanged, row, order: last?.order))
        // A receipt was printed when it was paid: a second one would have to say so (rule D4).
        if row.state != .delivered, let slip = slip(for: row, attempt: last, isCopy: false) {
            actions.append(.print(slip))
        }
        return row.state
    }

    /// Rule D3 where the policy counts the goods as released; `autoDeliver` does so as soon as Paid is stored.
    private func countsAsDelivered(_ row: SaleRow) -> Bool {
        row.state == .delivering
            ? policy.sale.claimedUnreported == .keep
            : policy.sale.autoDeliver && deliveryTimeLeft(row) != nil
    }

    /// What is left of the time to claim; `nil` when it is over or was in another boot.
    private func deliveryTimeLeft(_ row: SaleRow) -> Duration? {
        guard let age = row.paid?.age(at: now), age < policy.sale.deliveryWait else { return nil }
        return policy.sale.deliveryWait - age
    }

    /// Rule D3: Paid, not claimed, and a restart: inside the window by boot id and boot clock it is offered again.
    /// Claimed: the policy decides, not chance.
    private mutating func reopen(
        _ row: SaleRow,
        _ attempt: AttemptRow,
        _ events: inout [EventRow],
    ) -> Bool {
        guard sale == nil, !countsAsDelivered(row), let transaction = row.transactionID else {
            return false
        }
        let proof = PaymentProof(
            transactionID: transaction,
            paidAtSeconds: attempt.paidAtSeconds,
            maskedPayer: nil
        )
        let phase: Sale.Phase
        if row.state == .paid {
            guard let left = deliveryTimeLeft(row) else { return false }
            phase = .paid(proof)
            arm(.deliveryWait(row.id), at: now.boot + left)
            events.append(event(.releaseOffered, row, order: attempt.order))
        } else {
            guard policy.sale.claimedUnreported == .ask else { return false }
            phase = .delivering(proof)
            events.append(event(.releaseUnreported, row, order: attempt.order))
        }
        sale = Sale(
            row: row,
            phase: phase,
            attemptCount: attempt.ordinal,
            lastAttempt: attempt
        )
        return true
    }
}
