extension Till {
    /// Hands rows over to the journal; whatever must come after the commit is named by `after` (rule A1).
    @discardableResult
    mutating func record(
        _ rows: [Row],
        events: [EventRow] = [],
        answers: [(RequestID, Answer)] = [],
        isUrgent: Bool = true,
        endsAdoption: Bool = false,
        after: PendingRecords.After,
    ) -> RecordID {
        let id = records.add(
            PendingRecords.Entry(
                after: after,
                rows: rows,
                events: events,
                answers: answers,
                endsAdoption: endsAdoption
            )
        )
        actions.append(
            .record(
                Record(
                    id: id,
                    rows: rows + events.map(Row.event),
                    isUrgent: isUrgent,
                    endsAdoption: endsAdoption
                )
            )
        )
        return id
    }

    /// An event of the active sale as its row says now.
    mutating func event(
        _ kind: EventKind,
        _ row: SaleRow,
        order: OrderNumber? = nil,
    ) -> EventRow {
        EventRow(
            id: records.takeEventID(),
            kind: kind,
            at: now,
            sale: row.id,
            order: order,
            state: row.state,
            amount: row.amount,
            truth: row.truth,
            reason: row.reason
        )
    }

    /// An event about an order in the revoke queue.
    mutating func event(_ kind: EventKind, of attempt: AttemptRow, reason: String?) -> EventRow {
        EventRow(
            id: records.takeEventID(),
            kind: kind,
            at: now,
            sale: attempt.sale,
            order: attempt.order,
            amount: attempt.amount,
            reason: reason
        )
    }

    mutating func committed(_ id: RecordID) {
        guard let entry = records.committed(id) else { return }
        revokes.answered(id)
        endHolds(entry.rows)
        if entry.endsAdoption { service.owesAdoption = false }
        if entry.after != .storageReturned {
            service.unstored.stored(entry.rows, keepingNewer: false)
        }
        if case .saleOpened = entry.after {
            // Before anybody is told: whatever is shown from then on is meant for this sale (rule B8).
            actions.append(.discardScans)
        }
        if case .attemptPrepared(let order) = entry.after {
            // The payer waits for this one: it leaves before anybody is told of it.
            attemptPrepared(order)
        }
        for event in entry.events { actions.append(.announce(event)) }
        for (request, answer) in entry.answers { actions.append(.answer(request, answer)) }
        switch entry.after {
        case .saleOpened: saleOpened()
        case .paid: paidCommitted()
        case .declined: declinedCommitted()
        case .claimed: claimCommitted()
        case .delivered, .ended: saleEnded()
        case .revokeEnded(let order): revokeEndCommitted(order)
        case .settledByPerson(let order): settlementCommitted(order, entry.rows)
        case .undeliveredLate(let row, let attempt): printSlip(of: row, attempt)
        case .storageReturned: storageReturned(entry.rows)
        case .attemptPrepared, .recovered, .revokeBegun, .revokeStep, .refundDecided, .unparked,
            .nothing:
            break
        }
    }

    /// Rule A3: what was asked for is not done; what was already sent is undone.
    mutating func commitFailed(_ id: RecordID) {
        guard let entry = records.failed(id) else { return }
        revokes.answered(id)
        for (request, _) in entry.answers {
            actions.append(.answer(request, .problem(.storageFailed)))
        }
        if entry.endsAdoption { service.owesAdoption = true }
        // Whoever was to be answered repeats the report that the event is about.
        if entry.answers.isEmpty {
            for event in entry.events { service.unstored.add(.event(event)) }
        }
        storageFailed()
        switch entry.after {
        case .saleOpened, .attemptPrepared:
            abandonSaleForStorage()
        case .paid, .declined, .claimed, .delivered, .ended:
            owe(entry.rows)
            abandonSaleForStorage()
        case .undeliveredLate(let row, let attempt):
            owe(entry.rows)
            printSlip(of: row, attempt)
        case .recovered, .revokeBegun, .nothing:
            // Of a revoke the committed attempt is itself the intent: trying goes on.
            owe(entry.rows)
            // Nobody was told of a late report: said again, it is told.
            if !entry.answers.isEmpty {
                for case .some(let order) in entry.events.map(\.order) {
                    service.lateReports.remove(order)
                }
            }
        case .refundDecided(let order): refundNotStored(order)
        case .unparked(let order, let reason): unparkNotStored(order, reason)
        case .settledByPerson(let order): settlementNotStored(order)
        case .revokeStep, .revokeEnded, .storageReturned:
            // The next step stores the order's newest word; one that has ended is stored when storage is tried again.
            break
        }
    }

    /// These rows are true and not stored.
    private mutating func owe(_ rows: [Row]) {
        for row in rows {
            service.unstored.add(row)
            // Nobody was told that a person is wanted.
            if case .revoke(let revoke) = row, revoke.parked != nil {
                revokes.update(revoke.order) { $0.owesRecord = $0.isParked }
            }
        }
    }
}
