/// The revoke queue (section C): which orders wait, which step is next, what their answers mean.
extension Till {
    /// Puts an order into the queue. The caller records the row at once; steps start when that is answered.
    mutating func enterQueue(
        _ attempt: AttemptRow,
        _ reason: RevokeReason,
        chargeSeen: Bool = false,
        begins: RevokeMachine.Call = .reverse,
        isRecorded: Bool = true,
    ) -> RevokeRow {
        // Rule C2: a last byte that is not known cannot have left later than now. One that left long ago holds up nothing:
        // a payer whose time is over can type the password until the revoke arrives.
        let lastByte = underWay.lastByte(of: attempt.order) ?? now.boot
        let due = Moment(
            boot: max(now.boot, lastByte + policy.timing.revokeNotBefore),
            bootID: now.bootID,
            wall: now.wall
        )
        let row = RevokeRow(
            order: attempt.order,
            reason: reason.rawValue,
            decided: now,
            due: due,
            chargeSeen: chargeSeen
        )
        revokes[attempt.order] = RevokeMachine(
            row: row,
            attempt: attempt,
            begins: begins,
            isSubmitOpen: underWay.isSubmitOpen(attempt.order),
            earlierQueries: underWay.queriesOut(attempt.order),
            awaitedRecord: isRecorded ? records.upcoming : nil,
            timing: policy.timing
        )
        return row
    }

    /// Orders by due time, then by number: the order of steps never depends on hashing.
    private var queue: [OrderNumber] {
        revokes.values
            .filter(\.canWait)
            .sorted { ($0.row.due.boot, $0.row.order) < ($1.row.due.boot, $1.row.order) }
            .map(\.row.order)
    }

    private var stepsInFlight: Int {
        revokes.values.count { if case .stepping = $0.state { true } else { false } }
    }

    /// Starts what is due, within the bounds of rule C4, and arms the timer for what is due next.
    mutating func startDueRevokes() {
        guard !revokes.isEmpty else {
            disarm(.revokes)
            return
        }
        // While the network is away or our own configuration is at fault, steps would only fail (rule C4). While stopping,
        // each new step would put off the end.
        guard service.isReachable, service.fault == nil, !service.isStopping else {
            disarm(.revokes)
            return
        }
        var free = RiskLimits.maximumInFlight - stepsInFlight
        for order in queue {
            guard free > 0, revokes[order]?.isDue(at: now.boot) == true else { break }
            guard now.boot >= service.nextRevokeStep else { break }
            free -= 1
            let gap = Duration.seconds(1) / policy.risk.revokeRequestsPerSecond
            service.nextRevokeStep = now.boot + gap
            startStep(order)
        }
        guard stepsInFlight < RiskLimits.maximumInFlight, let first = queue.first,
            let due = revokes[first]?.row.due.boot
        else {
            // The answer of a step under way looks again.
            disarm(.revokes)
            return
        }
        armIfChanged(.revokes, at: max(due, service.nextRevokeStep, now.boot))
    }

    private mutating func armIfChanged(_ purpose: TimerPurpose, at due: BootTime) {
        guard timers[purpose] == nil || service.revokesArmedFor != due else { return }
        service.revokesArmedFor = due
        disarm(purpose)
        arm(purpose, at: due)
    }

    private mutating func startStep(_ order: OrderNumber) {
        guard var machine = revokes[order], let call = machine.begin(at: now.boot) else { return }
        if machine.attempt.state == .revoking {
            revokes[order] = machine
            perform(call, on: order)
        } else {
            // A refused attempt is being revoked from here on; recorded before the first revoke leaves (rule A1).
            machine.attempt.state = .revoking
            machine.attempt.updated = now
            revokes[order] = machine
            record([.attempt(machine.attempt)], isUrgent: false, after: .revokeBegun(order, call))
        }
    }

    mutating func perform(_ call: RevokeMachine.Call, on order: OrderNumber) {
        guard let machine = revokes[order] else { return }
        switch call {
        case .query: query(order, machine.attempt.amount)
        case .reverse: actions.append(.reverse(order))
        }
    }

    mutating func reverseEnded(_ order: OrderNumber, _ verdict: ReverseVerdict) {
        countReply(verdict)
        let jitter = Double.random(in: 0..<1, using: &generator)
        guard revokes[order]?.reverseEnded(verdict, at: now, jitter: jitter) == true else { return }
        recordStep(order)
    }

    mutating func revokeQueryEnded(_ order: OrderNumber, _ verdict: QueryVerdict) {
        let jitter = Double.random(in: 0..<1, using: &generator)
        guard revokes[order]?.queryEnded(verdict, at: now, jitter: jitter) == true else { return }
        recordStep(order)
    }

    /// Six answers that brought it no nearer flag a person; trying goes on (rule C4).
    private static let unknownAnswersBeforeFlag = 6

    mutating func recordStep(_ order: OrderNumber) {
        guard var machine = revokes[order] else { return }
        var events: [EventRow] = []
        if !machine.row.needsPerson,
            machine.row.unknownAnswers >= Self.unknownAnswersBeforeFlag
        {
            machine.flag()
            events.append(event(.flagged, of: machine.attempt, reason: machine.row.lastAnswer))
        }
        guard machine.state == .settled else {
            revokes[order] = machine
            record(
                [.revoke(machine.row)],
                events: events,
                isUrgent: false,
                after: .revokeStep(order)
            )
            return
        }
        // Rule C3: undone, and which of the two ways.
        machine.attempt.state = .undone
        machine.attempt.updated = now
        machine.attempt.outcome = machine.row.chargeSeen ? "returned" : "nothing-charged"
        if machine.row.chargeSeen {
            events.append(event(.moneyReturned, of: machine.attempt, reason: machine.row.reason))
        }
        machine.awaitedRecord = records.upcoming
        revokes[order] = machine
        record(
            [.revoke(machine.row), .attempt(machine.attempt)],
            events: events,
            isUrgent: false,
            after: .revokeStep(order)
        )
    }

    /// A settled order leaves the queue when that is committed, not with the record of an earlier step; any other waits for
    /// its next step.
    mutating func revokeStepCommitted(_ order: OrderNumber) {
        if revokes[order]?.isSettledAndAnswered == true { revokes[order] = nil }
    }

    /// The network is back: due orders start at random times, so that a street of kiosks does not rush (rule C4).
    mutating func spreadRevokes() {
        for order in revokes.keys.sorted() {
            let fraction = Double.random(in: 0..<1, using: &generator)
            let start = now.boot + policy.timing.recoverySpread * fraction
            revokes[order]?.reschedule(to: start, at: now)
        }
    }

    // MARK: - Money at risk (rule C7)

    /// Attempts that may hold money: those being undone, but not the refused ones, and the live one is not counted.
    package var unsettledCount: Int { revokes.values.count { $0.holdsMoney } }

    /// In smallest units.
    package var unsettledSum: Int64 {
        revokes.values.reduce(0) { $0 + ($1.holdsMoney ? $1.attempt.amount.minorUnits : 0) }
    }

    var isAtRiskLimit: Bool {
        unsettledCount >= policy.risk.maximumUnsettledCount
            || unsettledSum >= policy.risk.maximumUnsettledSum
    }

    /// 75 % of a limit is a warning (rule C7).
    var isNearRiskLimit: Bool {
        unsettledCount * 4 >= policy.risk.maximumUnsettledCount * 3
            || unsettledSum * 4 >= policy.risk.maximumUnsettledSum * 3
    }
}

/// The revoke queue in numbers, for status.
package struct UnsettledOrders: Hashable, Sendable {
    package let count: Int
    /// In smallest units.
    package let sum: Int64
    /// When the oldest of them was decided; `nil` when there is none.
    package let oldest: Moment?
}

extension Till {
    /// Every order in the queue, refused ones included.
    package var unsettledOrders: UnsettledOrders {
        UnsettledOrders(
            count: revokes.count,
            sum: revokes.values.reduce(0) { $0 + $1.attempt.amount.minorUnits },
            oldest: revokes.values.map(\.row.decided)
                .min { $0.wall.milliseconds < $1.wall.milliseconds }
        )
    }
}
