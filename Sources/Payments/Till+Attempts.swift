/// Submits and verdicts of the live attempt (rules B1 to B7, B9).
extension Till {

    // MARK: - Replies

    mutating func submitStarted(_ order: OrderNumber) {
        guard case .attempting(var attempt) = sale?.phase, attempt.row.order == order else {
            return
        }
        if attempt.row.state == .prepared { attempt.row.state = .submitted }
        attempt.row.submitted = attempt.row.submitted ?? now
        store(attempt)
        apply(to: order) { machine, now in machine.submitStarted(at: now.boot) }
    }

    mutating func submitEnded(_ order: OrderNumber, _ outcome: SubmitOutcome) {
        underWay.submitEnded(order, outcome)
        if case .ended(let verdict, _) = outcome {
            count(ReplyArrival(verdict))
            if case .configuration(.orderNumberUsed(let code)) = verdict {
                flag(order, reason: "order-numbers-repeat \(code)")
            }
        }
        if revokes[order] != nil {
            revokes.update(order) { $0.submitEnded(outcome, at: now) }
            if case .ended(.configuration, _) = outcome { suspect() }
        } else {
            apply(to: order) { machine, now in machine.submitEnded(outcome, at: now.boot) }
        }
    }

    mutating func queryEnded(_ order: OrderNumber, _ verdict: QueryVerdict) {
        underWay.queryEnded(order)
        let wasPaused = service.fault != nil
        count(ReplyArrival(verdict))
        flagOnce(order, verdict)
        if claimCheckEnded(order, verdict) { return }
        if let machine = revokes[order] {
            if machine.state == .stepping(.query) {
                revokeStepEnded(order, .query(verdict), wasPaused: wasPaused)
            } else {
                revokes.update(order) { $0.lateVerdict(verdict) }
            }
        } else {
            apply(to: order) { machine, now in machine.queryEnded(verdict, at: now.boot) }
        }
    }

    // MARK: - A person's eye

    /// Rule A2 is broken, or somebody else uses our numbers: no probe and no payer can put that right.
    private mutating func flag(_ order: OrderNumber, reason: String) {
        guard let row = liveAttempt(order)?.row ?? revokes[order]?.attempt else { return }
        record(
            [],
            events: [event(.flagged, of: row, reason: reason)],
            isUrgent: false,
            after: .nothing
        )
    }

    /// One word is enough for a whole attempt, however often the platform says it. What it says of an order that is being
    /// undone is the queue's business.
    private mutating func flagOnce(_ order: OrderNumber, _ verdict: QueryVerdict) {
        guard let fault = verdict.suspicion, var attempt = liveAttempt(order), !attempt.isFlagged
        else { return }
        attempt.isFlagged = true
        store(attempt)
        flag(order, reason: fault.text)
    }

    mutating func attemptTimerFired(_ order: OrderNumber, _ timer: AttemptMachine.Timer) {
        apply(to: order) { machine, now in machine.timerFired(timer, at: now.boot) }
    }

    // MARK: - Steps of the attempt's machine

    func liveAttempt(_ order: OrderNumber) -> Sale.Attempt? {
        guard case .attempting(let attempt) = sale?.phase, attempt.row.order == order else {
            return nil
        }
        return attempt
    }

    private mutating func store(_ attempt: Sale.Attempt) {
        sale?.phase = .attempting(attempt)
        sale?.lastAttempt = attempt.row
    }

    mutating func apply(
        to order: OrderNumber,
        _ body: (inout AttemptMachine, Moment) -> [AttemptMachine.Step],
    ) {
        guard var attempt = liveAttempt(order) else { return }
        let steps = body(&attempt.machine, now)
        store(attempt)
        for step in steps { perform(step, order) }
    }

    private mutating func perform(_ step: AttemptMachine.Step, _ order: OrderNumber) {
        guard let sale else { return }
        switch step {
        case .submit(let code):
            underWay.submitSent(order)
            actions.append(
                .submit(order, code, sale.row.amount, description: sale.row.description)
            )
        case .query:
            query(order, sale.row.amount)
        case .arm(let timer, let due):
            arm(purpose(timer, order), at: due)
        case .disarm(let timer):
            disarm(purpose(timer, order))
        case .abandonSubmit:
            actions.append(.abandonSubmit(order))
        case .confirm:
            confirm()
        case .suspect:
            suspect()
        case .decide(let decision):
            decide(decision)
        }
    }

    mutating func query(_ order: OrderNumber, _ amount: Money) {
        underWay.querySent(order)
        actions.append(.query(order, amount))
    }

    func purpose(_ timer: AttemptMachine.Timer, _ order: OrderNumber) -> TimerPurpose {
        switch timer {
        case .silence: .silence(order)
        case .poll: .poll(order)
        case .window: .window(order)
        case .refusalCheck: .refusalCheck(order)
        case .lastQuery: .lastQuery(order)
        }
    }

    /// Recorded for the reader's sake; the query does not wait for it, since asking changes nothing.
    private mutating func confirm() {
        guard var sale, case .attempting(var attempt) = sale.phase else { return }
        attempt.row.state = .polling
        attempt.row.updated = now
        sale.row.state = .confirming
        sale.row.updated = now
        self.sale = sale
        store(attempt)
        record(
            [.sale(sale.row), .attempt(attempt.row)],
            events: [event(.saleChanged, sale.row, order: attempt.row.order)],
            isUrgent: false,
            after: .nothing
        )
    }

    // MARK: - Verdicts

    private mutating func decide(_ decision: AttemptMachine.Decision) {
        guard case .attempting(let attempt) = sale?.phase else { return }
        switch decision {
        case .paid(let proof): pay(attempt, proof)
        case .refused(let refusal): decline(attempt, refusal)
        case .unsettled: expire(attempt)
        case .returned: expire(attempt, isReturned: true)
        case .void: voidAttempt(attempt, ends: .declined)
        }
    }

    /// Rule B1. Goods are offered when this is committed (rule D1).
    private mutating func pay(_ attempt: Sale.Attempt, _ proof: PaymentProof) {
        guard var sale else { return }
        var row = attempt.row
        row.state = .paid
        row.updated = now
        row.verdict = "paid"
        row.transactionID = proof.transactionID
        row.paidAtSeconds = proof.paidAtSeconds
        sale.row.state = .paid
        sale.row.updated = now
        sale.row.paid = now
        sale.row.truth = Truth.paid.word
        sale.row.transactionID = proof.transactionID
        sale.lastAttempt = row
        var paying = attempt
        paying.row = row
        sale.phase = .paying(paying, proof)
        self.sale = sale
        record(
            [.attempt(row), .sale(sale.row)],
            events: [event(.saleChanged, sale.row, order: row.order)],
            after: .paid
        )
    }

    mutating func paidCommitted() {
        guard var sale, case .paying(_, let proof) = sale.phase else { return }
        sale.phase = .paid(proof)
        self.sale = sale
        showResult(.approved)
        let slip = slip(
            for: sale.row,
            attempt: sale.lastAttempt,
            payer: proof.maskedPayer,
            isCopy: false
        )
        if let slip { actions.append(.print(slip)) }
        if policy.sale.autoDeliver {
            complete(answering: nil)
        } else {
            // A record of its own: had a cancel won while Paid was being committed, there would be no offer.
            let offer = event(.releaseOffered, sale.row, order: sale.lastAttempt?.order)
            record([], events: [offer], after: .nothing)
            arm(.deliveryWait(sale.row.id), at: now.boot + policy.sale.deliveryWait)
        }
    }

    /// Rule B4: confirmed by a query, so nothing was taken; undone in the background all the same (rule C1).
    private mutating func decline(_ attempt: Sale.Attempt, _ refusal: Refusal) {
        guard var sale else { return }
        var row = attempt.row
        row.state = .refused
        row.updated = now
        row.verdict = "refused \(refusal.code)"
        let revoke = enterQueue(row, .refused)
        sale.lastAttempt = row
        self.sale = sale
        let rows: [Row] = [.attempt(row), .revoke(revoke)]
        finishDeclining(refusal.advice, rows: rows, order: row.order)
    }

    private mutating func finishDeclining(
        _ advice: Refusal.Advice,
        rows: [Row],
        order: OrderNumber,
    ) {
        guard var sale else { return }
        let isCharged = chargedAttempt(of: sale.row.id) != nil
        sale.row.truth = (isCharged ? Truth.beingReturned : .nothingTaken).word
        sale.row.reason = advice.rawValue
        sale.row.state = .declined
        sale.row.updated = now
        sale.phase = .declining(advice)
        self.sale = sale
        showResult(.declined)
        record(
            rows + [.sale(sale.row)],
            events: [event(.saleChanged, sale.row, order: order)],
            after: .declined
        )
    }

    mutating func declinedCommitted() {
        guard var sale, case .declining = sale.phase else { return }
        let pauseEnds = now.boot + policy.timing.retryPause
        sale.phase = .declined(pauseEnds: pauseEnds)
        self.sale = sale
        if sale.attemptCount - sale.voidCount >= policy.sale.maximumAttempts {
            endSale(.expired, truth: .nothingTaken, reason: "too-many-attempts")
        } else if service.isStopping {
            stopAsked()
        } else if policy.sale.fixedItem != nil {
            // Nobody asked for this sale: the next scan buys anew.
            endSale(.expired, truth: .nothingTaken, reason: sale.row.reason)
        } else {
            // The payer gets the whole time again; `maxAttempts` bounds it.
            arm(.codeWait(sale.row.id), at: pauseEnds + policy.sale.codeWait)
        }
    }

    /// The window is over (rule B2), or the money is already on its way back.
    private mutating func expire(_ attempt: Sale.Attempt, isReturned: Bool = false) {
        let reason: RevokeReason = isReturned ? .returned : .expired
        undo(attempt, reason, chargeSeen: isReturned) { till, rows, order in
            till.endSale(
                .expired,
                truth: isReturned ? .beingReturned : .notKnownYet(order),
                reason: isReturned ? "returned" : "no-verdict",
                rows: rows,
                order: order
            )
        }
    }

    /// Rule B9: the sale is cancelled when the revoke is committed.
    mutating func cancelAttempt(_ attempt: Sale.Attempt) {
        if case .recording = attempt.machine.state {
            // Nothing has left and nothing will: the commit under way is answered by a void.
            var attempt = attempt
            attempt.isWithdrawn = true
            sale?.row.state = .cancelling
            store(attempt)
            return
        }
        undo(attempt, .cancelled, chargeSeen: false) { till, rows, order in
            till.endSale(
                .cancelled,
                truth: .notKnownYet(order),
                reason: nil,
                rows: rows,
                order: order
            )
        }
    }

    /// Rule B9: Paid is being committed, the cancel wins, the money goes back.
    mutating func cancelPaying(_ attempt: Sale.Attempt, _ proof: PaymentProof) {
        undo(attempt, .cancelled, chargeSeen: true) { till, rows, order in
            till.endSale(
                .cancelled,
                truth: .beingReturned,
                reason: nil,
                rows: rows,
                order: order
            )
        }
    }

    /// Quietens the attempt, puts it into the revoke queue and hands its rows to `finish`, which records them.
    private mutating func undo(
        _ attempt: Sale.Attempt,
        _ reason: RevokeReason,
        chargeSeen: Bool,
        finish: (inout Till, [Row], OrderNumber) -> Void,
    ) {
        var attempt = attempt
        let order = attempt.row.order
        for step in attempt.machine.abandoned() { perform(step, order) }
        var row = attempt.row
        row.state = .revoking
        row.updated = now
        if row.verdict == nil { row.verdict = "unknown" }
        let revoke = enterQueue(row, reason, chargeSeen: chargeSeen)
        sale?.lastAttempt = row
        finish(&self, [.attempt(row), .revoke(revoke)], order)
    }

    /// Rule B5: nothing left the kiosk. The same code may be shown again (rule B8).
    mutating func voidAttempt(_ attempt: Sale.Attempt, ends state: SaleState) {
        var row = attempt.row
        row.state = .void
        row.updated = now
        row.verdict = "void"
        recentCodes.removeAll { $0.order == row.order }
        sale?.lastAttempt = row
        if state == .cancelled {
            endSale(.cancelled, truth: .nothingTaken, reason: nil, rows: [.attempt(row)])
        } else {
            sale?.voidCount += 1
            finishDeclining(.sameCode, rows: [.attempt(row)], order: row.order)
        }
    }

    /// Paid, but no goods will be released: the money goes back (rules C1, D2).
    mutating func withdraw(reason: RevokeReason, answering request: RequestID?) {
        guard let attempt = sale?.lastAttempt else { return }
        var row = attempt
        row.state = .revoking
        row.updated = now
        let revoke = enterQueue(row, reason, chargeSeen: true)
        sale?.lastAttempt = row
        endSale(
            .undelivered,
            truth: .beingReturned,
            reason: reason.rawValue,
            rows: [.attempt(row), .revoke(revoke)],
            order: row.order,
            answering: request
        )
    }
}
