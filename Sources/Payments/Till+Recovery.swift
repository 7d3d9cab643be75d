/// After a restart: open rows go back into the machines (rules A1, B6, C6, D3).
extension Till {
    /// A till that goes on where the journal's rows say the last one stopped.
    ///
    /// - Parameters:
    ///   - rows: open rows only, as the journal hands them out; none of a damaged journal.
    ///   - generator: the system's in the daemon (rule A2).
    ///   - custody: whose the journal is (rules A5, A6).
    ///   - returnsTold: orders whose payers were told in this boot that their money goes back, when no row could say so.
    /// - Returns: the till and the actions of its start, to be performed in order before any event.
    package static func recovering(
        _ rows: OpenRows,
        policy: Policy,
        generator: any RandomNumberGenerator & Sendable,
        at now: Moment,
        custody: JournalCustody = .own,
        returnsTold: Set<OrderNumber> = [],
    ) -> (till: Till, actions: [TillAction]) {
        var till = Till(policy: policy, generator: generator, now: now)
        till.custody = custody
        till.returnsTold = returnsTold
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
        let bySale = Dictionary(grouping: rows.attempts, by: \.sale)
        var changed = resume(rows.revokes, attempts: rows.attempts, isAdopted: isAdopted)
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
        // The end of an adoption is stored also where nothing was open: what comes later is not adopted.
        guard isAdopted || !changed.isEmpty || !events.isEmpty else { return }
        record(changed, events: events, endsAdoption: isAdopted, after: .recovered)
    }

    /// A sale as the journal has it.
    private struct Found {
        let row: SaleRow
        let attempts: [AttemptRow]
        let isAdopted: Bool

        var wasPaid: Bool { row.state == .paid || row.state == .delivering }
    }

    /// Rule B8 also holds across a restart within the same boot.
    private mutating func rememberCodes(_ attempts: [AttemptRow]) {
        for attempt in attempts where attempt.state != .void {
            guard let age = attempt.prepared.age(at: now), age < policy.timing.codeMemory
            else { continue }
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

    /// - Returns: attempts that are being undone and do not say so yet: storage failed just then; and rows of the queue to which
    ///   the adoption adds what may be lost of them.
    private mutating func resume(
        _ rows: [RevokeRow],
        attempts: [AttemptRow],
        isAdopted: Bool,
    ) -> [Row] {
        let attempts = Dictionary(attempts.map { ($0.order, $0) }) { first, _ in first }
        var changed: [Row] = []
        for var row in rows {
            guard var attempt = attempts[row.order], !attempt.state.isFinal else { continue }
            if row.settled != nil {
                row.reopen(at: now)
                changed.append(.revoke(row))
            }
            if attempt.state == .refunding, row.refundDecided == nil {
                // The attempt is the later of the two, and it was decided when it came to say so (rule A6).
                row.refundDecided = attempt.updated
                row.chargeSeen = true
                changed.append(.revoke(row))
            }
            let state = row.attemptState
            // A refused one stays so until its first step.
            if attempt.state != state, attempt.state != .refused || state != .revoking {
                attempt.state = state
                attempt.updated = now
                changed.append(.attempt(attempt))
            }
            if isAdopted, row.refundDecided == nil {
                row.loseRefund()
                changed.append(.revoke(row))
            }
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
        return changed
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
        // That it is to be refunded was decided, and is not decided anew: it goes on where the refund stands (rule C5).
        let isRefunding = row.state == .refunding
        row.state = isRefunding ? .refunding : .revoking
        row.updated = now
        // Of its own payer's return the kiosk knows, whatever else became of the journal (rule A3).
        let isReturnTold = returnsTold.contains(attempt.order)
        let revoke = enterQueue(
            row,
            isRefused ? .refused : .restart,
            chargeSeen: attempt.state == .paid || isRefunding || isReturnTold,
            begins: isRefunding ? .refundQuery : .query,
            isAdopted: isAdopted && !isRefused && !isReturnTold,
            refundDecided: isRefunding ? attempt.updated : nil,
            isRefundLost: isAdopted && !isRefunding
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
        var last = attempts.max { $0.ordinal < $1.ordinal }
        switch row.state {
        case .awaitingCode, .declined:
            row.state = .expired
            row.truth = chargedTruth(found, &last)?.word
        case .submitting, .confirming, .cancelling:
            row.state = row.state == .cancelling ? .cancelled : .expired
            row.truth = openTruth(found, &last)?.word
        case .paid, .delivering:
            guard let last, last.state == .paid, revokes[last.order] == nil,
                !returnsTold.contains(last.order)
            else {
                // What became of the money was decided before the restart, and could not be stored of the sale.
                endUndone(&row, last, isAdopted: found.isAdopted)
                break
            }
            if found.isAdopted {
                // The goods may have left since this journal was copied (rule A5).
                return park(row, last, .restart, &changed, &events)
            }
            guard !reopen(found.row, last, &events) else { return row.state }
            if countsAsDelivered(found.row) {
                row.state = .delivered
            } else if mayBeReleased(found.row) {
                return park(row, last, .claimedUnreported, &changed, &events)
            } else {
                row.state = .undelivered
                row.truth = Truth.beingReturned.word
                changed += adopt(last)
            }
        case .delivered, .undelivered, .cancelled, .expired:
            return row.state
        }
        // Attempts that came later may be missing from such a journal, if none was paid: nothing confirms that nothing was
        // taken, or that nothing is kept; and what is found paid goes to a person, not back by itself (rules A5, A6, G3).
        let isUndone = found.isAdopted && !found.wasPaid && last?.state.isFinal == true
        if found.isAdopted, !found.wasPaid, row.truth != Truth.beingReturned.word {
            row.truth = nil
        }
        changed.append(.sale(row))
        events.append(event(.saleChanged, toldLater(row), order: last?.order))
        // A receipt was printed when it was paid: a second one would have to say so (rule D4).
        if row.truth != Truth.paid.word, !isUndone { printSlip(of: row, last) }
        return row.state
    }

    /// Whether a verified reply ever said that money moved.
    private func wasCharged(_ attempt: AttemptRow) -> Bool {
        attempt.state == .refunded || attempt.outcome == AttemptRow.returned
            || revokes[attempt.order]?.row.chargeSeen == true || returnsTold.contains(attempt.order)
    }

    /// Whether the money of an attempt that was charged is on its way back, or back. Not where a person decides about it, or has
    /// decided that it stays; and an adopted order goes to a person as soon as a query finds it paid (rules A5, A6).
    private func isReturning(_ attempt: AttemptRow, isAdopted: Bool) -> Bool {
        if returnsTold.contains(attempt.order), !attempt.state.isFinal { return true }
        if let machine = revokes[attempt.order] {
            return !machine.isAboutGoods && !machine.row.isAdopted
        }
        return switch attempt.state {
        case .writtenOff, .parked: false
        case .refunded: true
        case .undone: !isAdopted || attempt.outcome == AttemptRow.returned
        case .prepared, .submitted, .polling, .paid, .refused, .revoking, .refunding, .void:
            !isAdopted
        }
    }

    /// What the payer is told of attempts that nobody has to ask about any more (rule G3), and of which of them; `nil` where the
    /// money of one does not go back by itself.
    private func chargedTruth(_ found: Found, _ last: inout AttemptRow?) -> Truth? {
        let charged = found.attempts.filter { wasCharged($0) || $0.state == .writtenOff }
        guard let first = charged.firstToTell else { return .nothingTaken }
        if let kept = charged.first(where: { !isReturning($0, isAdopted: found.isAdopted) }) {
            last = kept
            return nil
        }
        last = first
        return .beingReturned
    }

    /// What the payer of a sale is told that was found without a verdict (rule G3), and of which attempt.
    private func openTruth(_ found: Found, _ last: inout AttemptRow?) -> Truth? {
        let open = found.attempts.filter { attempt in
            guard !wasCharged(attempt) else { return false }
            return switch attempt.state {
            case .void, .refused, .undone, .refunded, .writtenOff: false
            case .prepared, .submitted, .polling, .paid, .revoking, .refunding, .parked:
                revokes[attempt.order]?.holdsMoney ?? true
            }
        }
        // What nobody knows yet comes before what is known to be on its way back, or back: its money may be taken.
        if let unknown = open.max(by: { $0.ordinal < $1.ordinal }) {
            last = unknown
            // Of one that goes to a person when it is found paid, or is with one, no return may be promised (rule A6).
            let machine = revokes[unknown.order]
            let isForPerson = machine.map { $0.isParked || $0.row.isAdopted } ?? false
            return isForPerson ? nil : .notKnownYet(unknown.order)
        }
        let truth = chargedTruth(found, &last)
        // Undone meanwhile, and nothing proves that it was not charged before.
        guard truth == .nothingTaken,
            let kept = found.attempts.last(where: { $0.outcome == AttemptRow.nothingKept })
        else { return truth }
        last = kept
        return .notKnownYet(kept.order)
    }

    /// Paid once, and its attempt is being undone, has been, or waits for a person.
    private func endUndone(_ row: inout SaleRow, _ attempt: AttemptRow?, isAdopted: Bool) {
        row.state = .undelivered
        if let attempt, let machine = revokes[attempt.order], machine.isAboutGoods {
            row.reason = machine.row.parkedReason
            return
        }
        let isReturning = attempt.map { self.isReturning($0, isAdopted: isAdopted) } ?? !isAdopted
        row.truth = isReturning ? Truth.beingReturned.word : nil
    }

    private mutating func park(
        _ row: SaleRow,
        _ attempt: AttemptRow,
        _ reason: RevokeReason,
        _ changed: inout [Row],
        _ events: inout [EventRow],
    ) -> SaleState {
        var row = row
        row.state = .undelivered
        let parkedReason =
            reason == .claimedUnreported
            ? ParkedReason.claimedUnreported : ParkedReason.paidBeforeAdoption
        row.reason = parkedReason
        let parked = park(attempt, reason, because: parkedReason)
        changed += [.sale(row), .attempt(parked.attempt), .revoke(parked.row)]
        // The row keeps what its payer was told; whether the money is still there nobody knows, so nothing is told now (rule G3).
        var told = row
        told.truth = nil
        events.append(event(.saleChanged, told, order: attempt.order))
        events.append(event(.parked, of: parked.attempt, reason: parked.row.parkedReason))
        return row.state
    }

    /// `autoDeliver` counts the goods as released as soon as Paid is stored.
    private func countsAsDelivered(_ row: SaleRow) -> Bool {
        row.state == .paid && policy.sale.autoDeliver && deliveryTimeLeft(row) != nil
    }

    /// Rule D3: the goods were claimed, and the policy does not send the money back.
    private func mayBeReleased(_ row: SaleRow) -> Bool {
        row.state == .delivering && policy.sale.claimedUnreported != .refund
    }

    /// What is left of the time to claim; `nil` when it is over or was in another boot.
    private func deliveryTimeLeft(_ row: SaleRow) -> Duration? {
        guard let age = row.paid?.age(at: now), age < policy.sale.deliveryWait else { return nil }
        return policy.sale.deliveryWait - age
    }

    /// Rule D3: Paid, not claimed, and a restart: inside the window by boot id and boot clock it is offered again.
    /// Claimed: the policy decides, not chance, once the platform has said that the money is still there.
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
            guard mayBeReleased(row) else { return false }
            phase = .delivering(proof)
            beginClaimCheck(of: row.id)
            if policy.sale.claimedUnreported == .ask {
                arm(.unreportedWait(row.id), at: parkTime(of: row))
                // Nothing is said of the money before the platform has.
                var unchecked = row
                unchecked.truth = nil
                events.append(event(.releaseUnreported, unchecked, order: attempt.order))
            } else {
                // It waits for the platform's word alone, and not for ever.
                arm(.unreportedWait(row.id), at: now.boot + policy.sale.unreportedPark)
            }
        }
        sale = Sale(
            row: row,
            phase: phase,
            attemptCount: attempt.ordinal,
            lastAttempt: attempt,
            isClaimUnchecked: row.state == .delivering,
            isUnreported: row.state == .delivering && policy.sale.claimedUnreported == .ask
        )
        return true
    }
}
