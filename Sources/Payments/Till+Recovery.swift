/// After a restart: open rows go back into the machines (rules A1, B6, C6, D3).
extension Till {
    /// A till that goes on where the journal's rows say the last one stopped.
    ///
    /// - Parameters:
    ///   - rows: open rows only, as the journal hands them out; none of a damaged journal.
    ///   - generator: the system's in the daemon (rule A2).
    ///   - custody: whose the journal is (rules A5, A6).
    /// - Returns: the till and the actions of its start, to be performed in order before any event.
    package static func recovering(
        _ rows: OpenRows,
        policy: Policy,
        generator: any RandomNumberGenerator & Sendable,
        at now: Moment,
        custody: JournalCustody = .own,
    ) -> (till: Till, actions: [TillAction]) {
        var till = Till(policy: policy, generator: generator, now: now)
        till.custody = custody
        till.records.startEvents(after: rows.lastEventID)
        switch custody {
        case .own: till.recover(rows)
        case .foreign, .damaged: till.hold(rows)
        }
        till.startDueRevokes()
        till.showLights()
        return (till, till.actions)
    }

    /// - Parameter isAdopted: the rows are of a journal that may be older than what happened (rule A5).
    mutating func recover(_ rows: OpenRows, isAdopted: Bool = false) {
        rememberCodes(rows.attempts)
        resume(rows.revokes, attempts: rows.attempts)
        let bySale = Dictionary(grouping: rows.attempts, by: \.sale)
        var changed: [Row] = []
        var events: [EventRow] = []
        var unreleased: Set<SaleID> = []
        for row in rows.sales {
            let found = Found(row: row, attempts: bySale[row.id] ?? [], isAdopted: isAdopted)
            let state = recover(found, &changed, &events)
            if state != .delivered { unreleased.insert(row.id) }
        }
        // What was submitted, or may have been, and has no owner yet gets one (rule C1).
        for attempt in rows.attempts where needsOwner(attempt, unreleased) {
            changed += adopt(attempt, isAdopted: isAdopted)
        }
        guard !changed.isEmpty || !events.isEmpty else { return }
        record(changed, events: events, after: .recovered)
    }

    /// A sale as the journal has it.
    private struct Found {
        let row: SaleRow
        let attempts: [AttemptRow]
        let isAdopted: Bool
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
        let attempts = Dictionary(attempts.map { ($0.order, $0) }) { first, _ in first }
        for row in rows where row.settled == nil {
            guard let attempt = attempts[row.order] else { continue }
            var machine = RevokeMachine(
                stored: row,
                attempt: attempt,
                earlierQueries: underWay.queriesOut(row.order),
                timing: policy.timing
            )
            if row.due.bootID != now.bootID || row.tries == 0 {
                // Nobody knows how long ago the last byte left: the boot clock began anew, or the system may have gone on
                // sending what the ended process had written (rule C2).
                machine.postpone(to: now.boot + policy.timing.revokeNotBefore, at: now)
            }
            revokes.enter(machine)
        }
    }

    /// A paid attempt whose sale is not among the open ones was delivered: it is here for its code's sake (rule B8), and
    /// its money stays (rule C1).
    private func needsOwner(_ attempt: AttemptRow, _ unreleased: Set<SaleID>) -> Bool {
        guard revokes[attempt.order] == nil, sale?.lastAttempt?.order != attempt.order else {
            return false
        }
        switch attempt.state {
        case .prepared, .submitted, .polling, .refused, .revoking, .refunding, .parked:
            return true
        case .paid:
            return unreleased.contains(attempt.sale)
        case .void, .undone, .refunded, .writtenOff:
            return false
        }
    }

    /// Rule A1: an attempt found as prepared counts as submitted: query, then revoke. So does one whose row of the queue is
    /// gone, whatever it was: what was asked for before does no harm twice.
    private mutating func adopt(_ attempt: AttemptRow, isAdopted: Bool = false) -> [Row] {
        if attempt.state == .parked {
            let parked = park(attempt, .recovered, because: ParkedReason.entryLost)
            return [.attempt(parked.attempt), .revoke(parked.row)]
        }
        var row = attempt
        let isRefused = row.state == .refused
        let wasPaid = row.state == .paid
        row.state = .revoking
        row.updated = now
        let revoke = enterQueue(
            row,
            isRefused ? .refused : .restart,
            chargeSeen: wasPaid,
            begins: .query,
            isAdopted: isAdopted && !isRefused
        )
        return [.attempt(row), .revoke(revoke)]
    }

    /// Returns the sale's state from here on.
    private mutating func recover(
        _ found: Found,
        _ changed: inout [Row],
        _ events: inout [EventRow],
    ) -> SaleState {
        var row = found.row
        let attempts = found.attempts
        row.updated = now
        row.reason = "restart"
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
            guard let last else { return row.state }
            if found.isAdopted {
                // The goods may have left since this journal was copied (rule A5).
                return park(row, last, &changed, &events)
            }
            guard !reopen(found.row, last, &events) else { return row.state }
            if countsAsDelivered(found.row) {
                row.state = .delivered
            } else {
                row.state = .undelivered
                row.truth = Truth.beingReturned.word
                changed += adopt(last)
            }
        case .delivered, .undelivered, .cancelled, .expired:
            return row.state
        }
        changed.append(.sale(row))
        events.append(event(.saleChanged, row, order: last?.order))
        // A receipt was printed when it was paid: a second one would have to say so (rule D4).
        if row.state != .delivered, let slip = slip(for: row, attempt: last, isCopy: false) {
            actions.append(.print(slip))
        }
        return row.state
    }

    private mutating func park(
        _ row: SaleRow,
        _ attempt: AttemptRow,
        _ changed: inout [Row],
        _ events: inout [EventRow],
    ) -> SaleState {
        var row = row
        row.state = .undelivered
        row.reason = ParkedReason.paidBeforeAdoption
        let parked = park(attempt, .restart, because: ParkedReason.paidBeforeAdoption)
        changed += [.sale(row), .attempt(parked.attempt), .revoke(parked.row)]
        events.append(event(.saleChanged, row, order: attempt.order))
        events.append(event(.parked, of: parked.attempt, reason: parked.row.parkedReason))
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
            arm(.unreportedWait(row.id), at: parkTime(of: row))
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
