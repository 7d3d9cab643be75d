/// What people ask about an order of the revoke queue: try it now, or it is settled (rule C5).
extension Till {
    mutating func revokeCalled(
        _ request: RequestID,
        _ order: OrderNumber,
        _ call: RevokeCall,
        stored: AttemptRow?,
    ) {
        if let problem = custodyProblem { return answer(request, .problem(problem)) }
        guard let machine = revokes[order], machine.state != .settled else {
            let end = revokes[order]?.attempt.state ?? stored?.state
            let isOver = end.map { $0.isFinal } ?? false
            return answer(
                request,
                .problem(end.map { isOver ? .alreadySettled($0) : .noSuchRevoke } ?? .noSuchRevoke)
            )
        }
        switch call {
        case .retry: retryCalled(request, machine)
        case .settle(let outcome, let note, let by):
            settleCalled(request, machine, outcome, note: note, by: by)
        }
    }

    private mutating func retryCalled(_ request: RequestID, _ machine: RevokeMachine) {
        let order = machine.row.order
        guard !machine.isAboutGoods else {
            return answer(request, .problem(.needsReport))
        }
        revokes.breaker.probeSoon(at: now.boot)
        if let record = machine.awaitedRecord {
            // Its last word is being stored; that answers.
            guard !machine.isParked, !machine.isBeingSettled else {
                return answer(request, .problem(.storageFailed))
            }
            return records.addAnswer(
                request,
                .revoke(RevokeEntry(row: machine.row, attempt: machine.attempt)),
                to: record
            )
        }
        guard !machine.owesRecord else { return answer(request, .problem(.storageFailed)) }
        guard machine.isParked else {
            // A step that waits only for its back-off starts now; one that a rule holds back keeps its time.
            revokes.update(order) { $0.hasten(at: now) }
            guard let entry = entry(order) else { return }
            return answer(request, .revoke(entry))
        }
        revokes.update(order) { $0.unpark(at: now) }
        guard let entry = entry(order) else { return }
        revokes.await(records.upcoming, order)
        record(
            [.revoke(entry.row), .attempt(entry.attempt)],
            answers: [(request, .revoke(entry))],
            after: .unparked(order, machine.row.parkedReason ?? ParkedReason.byPerson)
        )
    }

    /// It could not be stored that it is tried again, so it is not.
    mutating func unparkNotStored(_ order: OrderNumber, _ reason: String) {
        revokes.update(order) { machine in
            machine.park(reason, at: now)
            machine.owesRecord = false
        }
    }

    mutating func settlementCommitted(_ order: OrderNumber, _ rows: [Row]) {
        for case .attempt(let row) in rows where row.order == order && row.state.isFinal {
            leaveQueue(row, isCharged: row.outcome == AttemptRow.returned)
        }
    }

    /// A person's word that is not stored counts for nothing. What was owed of the order before is owed again.
    mutating func settlementNotStored(_ order: OrderNumber) {
        revokes.update(order) { $0.isBeingSettled = false }
        guard let entry = entry(order) else { return }
        service.unstored.add(.attempt(entry.attempt))
        service.unstored.add(.revoke(entry.row))
    }

    private func entry(_ order: OrderNumber) -> RevokeEntry? {
        revokes[order].map { RevokeEntry(row: $0.row, attempt: $0.attempt) }
    }

    /// A person's word is stored before it counts (rule A1): until then nothing of the order changes, so that trying goes on if
    /// it cannot be stored (rule C4). One that the kiosk still tries is parked with it.
    private mutating func settleCalled(
        _ request: RequestID,
        _ machine: RevokeMachine,
        _ outcome: SettlementOutcome,
        note: String,
        by: String,
    ) {
        guard machine.isParked || machine.row.needsPerson else {
            return answer(request, .problem(.notParked))
        }
        guard machine.awaitedRecord == nil else {
            return answer(request, .problem(.storageFailed))
        }
        let order = machine.row.order
        var rows: [Row] = []
        var settled = machine
        if !machine.isParked {
            settled.park(ParkedReason.byPerson, at: now)
            rows.append(.attempt(settled.attempt))
        }
        settled.settle(at: now, as: outcome.attemptState)
        settled.attempt.outcome = outcome.attemptOutcome
        let word = SettlementRow(order: order, outcome: outcome, note: note, by: by, at: now)
        rows += [.revoke(settled.row), .attempt(settled.attempt), .settlement(word)]
        let events =
            outcome == .refunded
            ? [event(.moneyReturned, of: settled.attempt, reason: ParkedReason.byPerson)] : []
        let entry = RevokeEntry(row: settled.row, attempt: settled.attempt)
        revokes.update(order) { $0.isBeingSettled = true }
        revokes.await(records.upcoming, order)
        record(
            rows,
            events: events,
            answers: [(request, .revoke(entry))],
            after: .settledByPerson(order)
        )
    }
}
