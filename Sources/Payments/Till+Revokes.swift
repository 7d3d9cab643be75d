/// Performs and records what the revoke queue says (section C).
extension Till {
    /// Puts an order into the queue. The caller records the row at once; steps start when that is answered.
    mutating func enterQueue(
        _ attempt: AttemptRow,
        _ reason: RevokeReason,
        chargeSeen: Bool = false,
        begins: RevokeMachine.Call = .reverse,
        isRecorded: Bool = true,
        isAdopted: Bool = false,
        refundDecided: Moment? = nil,
        isRefundLost: Bool = false,
    ) -> RevokeRow {
        // Rule C2: a last byte that is not known cannot have left later than now. One that left long ago holds up nothing:
        // a payer whose time is over can type the password until the revoke arrives.
        let lastByte = underWay.lastByte(of: attempt.order) ?? now.boot
        let due = Moment(
            boot: max(now.boot, lastByte + policy.timing.revokeNotBefore),
            bootID: now.bootID,
            wall: now.wall
        )
        var row = RevokeRow(
            order: attempt.order,
            reason: reason.rawValue,
            decided: now,
            due: due,
            chargeSeen: chargeSeen,
            refundDecided: refundDecided,
            isAdopted: isAdopted
        )
        if isRefundLost { row.loseRefund() }
        revokes.enter(
            RevokeMachine(
                row: row,
                attempt: attempt,
                begins: begins,
                isSubmitOpen: underWay.isSubmitOpen(attempt.order),
                earlierQueries: underWay.queriesOut(attempt.order),
                awaitedRecord: isRecorded ? records.upcoming : nil,
                timing: policy.timing
            )
        )
        return row
    }

    // MARK: - Steps

    /// Starts what is due, within the bounds of rule C4, and arms the timers for what comes next. In maintenance the queue
    /// goes on: the door says nothing about the money. While stopping each new step would put off the end, and while our own
    /// configuration is at fault steps would only fail (rule B7).
    mutating func startDueRevokes() {
        guard service.fault == nil, !service.isStopping else {
            disarm(.revokes)
            disarm(.breaker)
            return
        }
        let rate = policy.risk.revokeRequestsPerSecond
        while let start = revokes.begin(at: now.boot, requestsPerSecond: rate) {
            switch start {
            case .step(let order, let call): perform(call, on: order)
            case .record(let order): recordBeginning(order)
            }
        }
        keep(.revokes, armedFor: revokes.wake(at: now.boot))
        keep(.breaker, armedFor: service.isProbing ? nil : revokes.probeAt(now.boot))
    }

    /// One timer, armed for what is due by now.
    mutating func keep(_ purpose: TimerPurpose, armedFor due: BootTime?) {
        guard let due else { return disarm(purpose) }
        guard timers[purpose] == nil || service.armedFor[purpose] != due else { return }
        service.armedFor[purpose] = due
        disarm(purpose)
        arm(purpose, at: due)
    }

    /// A refused attempt is being revoked from here on; its first step follows when that is answered (rules A1, A3).
    private mutating func recordBeginning(_ order: OrderNumber) {
        guard var attempt = revokes[order]?.attempt else { return }
        attempt.state = .revoking
        attempt.updated = now
        revokes.update(order) { $0.attempt = attempt }
        revokes.await(records.upcoming, order)
        record([.attempt(attempt)], isUrgent: false, after: .revokeBegun)
    }

    private mutating func perform(_ call: RevokeMachine.Call, on order: OrderNumber) {
        guard let machine = revokes[order] else { return }
        switch call {
        case .query: query(order, machine.attempt.amount)
        case .reverse: actions.append(.reverse(order))
        case .refund: actions.append(.refund(order, machine.attempt.amount))
        case .refundQuery: actions.append(.refundQuery(order, machine.attempt.amount))
        }
    }

    // MARK: - Answers

    /// A reply to one of the queue's steps; the caller has counted it (rule B7).
    ///
    /// - Parameter wasPaused: a fault was being seen to before this reply came.
    mutating func revokeStepEnded(
        _ order: OrderNumber,
        _ answer: StepAnswer,
        wasPaused: Bool,
    ) {
        let jitter = Double.random(in: 0..<1, using: &generator)
        guard let before = revokes[order] else { return }
        guard !before.isBeingSettled else {
            // Its last word may be on the disk already, so no other follows; if it is not, the step is taken again.
            revokes.update(order) { $0.failedInOutage(answer.call, at: now) }
            return
        }
        let ended = revokes.ended(
            order,
            answer,
            at: now,
            jitter: jitter,
            wasPaused: wasPaused
        )
        guard ended == .recorded else { return }
        recordStep(order, after: before)
    }

    /// Stores how an order stands after a step.
    private mutating func recordStep(_ order: OrderNumber, after before: RevokeMachine) {
        guard let machine = revokes[order] else { return }
        if machine.owesRecord { return recordEnd(order) }
        var events: [EventRow] = []
        if machine.row.needsPerson, !before.row.needsPerson {
            events.append(event(.flagged, of: machine.attempt, reason: machine.row.lastAnswer))
        }
        var rows: [Row] = [.revoke(machine.row)]
        var after = PendingRecords.After.revokeStep(order)
        if machine.attempt.state == .refunding, before.attempt.state != .refunding {
            // Rule A1: the refund leaves when this is stored, and not before.
            rows.append(.attempt(machine.attempt))
            after = .refundDecided(order)
            revokes.await(records.upcoming, order)
        } else if service.unstored.attempts[order] != nil {
            // A reader of the journal, and the next start, see that it is being undone.
            rows.append(.attempt(machine.attempt))
        }
        record(rows, events: events, isUrgent: false, after: after)
    }

    /// Stores that an order has ended (rules C3, C5), or that it waits for a person.
    mutating func recordEnd(_ order: OrderNumber) {
        guard let machine = revokes[order], machine.owesRecord else { return }
        var events: [EventRow] = []
        if machine.isParked {
            events.append(event(.parked, of: machine.attempt, reason: machine.row.parkedReason))
        } else if machine.row.chargeSeen {
            events.append(event(.moneyReturned, of: machine.attempt, reason: machine.row.reason))
        }
        revokes.await(records.upcoming, order)
        record(
            [.revoke(machine.row), .attempt(machine.attempt)],
            events: events,
            isUrgent: false,
            after: .revokeEnded(order)
        )
    }

    /// An order that has ended leaves the queue when that is stored; a parked one stays for its person.
    mutating func revokeEndCommitted(_ order: OrderNumber) {
        guard let machine = revokes[order], machine.owesRecord else { return }
        if machine.isParked {
            revokes.update(order) { $0.owesRecord = false }
        } else {
            leaveQueue(machine.attempt, isCharged: machine.row.chargeSeen)
        }
    }

    /// An order has ended, and that is stored. Its sale may still be active, with another code, or owed to the journal, and
    /// must not forget it.
    mutating func leaveQueue(_ attempt: AttemptRow, isCharged: Bool) {
        if isCharged, sale?.row.id == attempt.sale { sale?.returned.append(attempt) }
        if isCharged { correctOwedTruth(of: attempt.sale) }
        revokes.remove(attempt.order)
    }

    mutating func refundNotStored(_ order: OrderNumber) {
        let jitter = Double.random(in: 0..<1, using: &generator)
        revokes.update(order) { $0.takeBackRefund(at: now, jitter: jitter) }
        guard let machine = revokes[order] else { return }
        service.unstored.add(.attempt(machine.attempt))
        service.unstored.add(.revoke(machine.row))
    }

    // MARK: - The breaker (rule C4)

    /// Replies of whoever asked show that the platform can be reached, whatever the network says of itself.
    mutating func platformAnswered() {
        if revokes.platformAnswered(at: now.boot) { spreadRevokes() }
    }

    mutating func spreadRevokes() {
        revokes.spread(over: policy.timing.recoverySpread, at: now, using: &generator)
    }

    // MARK: - Money at risk (rule C7)

    /// Attempts that may hold money: those being undone, but not the refused ones, and the live one is not counted.
    package var unsettledCount: Int { revokes.numbers.countAtRisk }

    /// In smallest units.
    package var unsettledSum: Int64 { revokes.numbers.sumAtRisk }

    var isAtRiskLimit: Bool {
        unsettledCount >= policy.risk.maximumUnsettledCount
            || unsettledSum >= policy.risk.maximumUnsettledSum
            || revokes.numbers.count >= policy.risk.maximumQueued
    }

    /// 75 % of a limit is a warning (rule C7).
    package var isNearRiskLimit: Bool {
        unsettledCount * 4 >= policy.risk.maximumUnsettledCount * 3
            || unsettledSum * 4 >= policy.risk.maximumUnsettledSum * 3
            || revokes.numbers.count * 4 >= policy.risk.maximumQueued * 3
    }
}

// MARK: - What people see of the queue

extension Till {
    /// Every order in the queue, refused ones included. Looks at each: for people, not for every event.
    package var revokeQueue: RevokeQueueStatus {
        let activity: RevokeQueueStatus.Activity =
            if let fault = service.fault {
                .paused(fault)
            } else if revokes.isQueryOnly {
                .lookingOnly
            } else if revokes.breaker.isOpen {
                .waitingForNetwork
            } else {
                .running
            }
        return RevokeQueueStatus(
            count: revokes.numbers.count,
            sum: revokes.numbers.sum,
            oldest: revokes.machines.values.map(\.row.decided)
                .min { $0.wall.milliseconds < $1.wall.milliseconds },
            parked: revokes.numbers.parked,
            activity: activity
        )
    }

    /// The orders in the queue, the oldest decision first, at most `limit`.
    package func revokeEntries(limit: Int) -> [RevokeEntry] {
        revokes.machines.values.map { RevokeEntry(row: $0.row, attempt: $0.attempt) }
            .sorted {
                ($0.row.decided.wall.milliseconds, $0.row.order)
                    < ($1.row.decided.wall.milliseconds, $1.row.order)
            }
            .prefix(max(0, limit)).map(\.self)
    }

    /// The active sale, where its goods were claimed and nobody has said in time what became of them (rule D3, `ask`).
    package var unreportedSale: SaleID? {
        sale.flatMap { $0.isUnreported ? $0.row.id : nil }
    }

    /// Orders that want a person's eye: flagged or parked.
    package var flaggedOrders: [OrderNumber] {
        guard revokes.numbers.forPerson > 0 else { return [] }
        return revokes.machines.values.filter { $0.row.needsPerson || $0.isParked }
            .map(\.row.order).sorted()
    }
}
