extension Till {
    /// Hands rows over to the journal; whatever must come after the commit is named by `after` (rule A1).
    @discardableResult
    mutating func record(
        _ rows: [Row],
        events: [EventRow] = [],
        answers: [(RequestID, Answer)] = [],
        isUrgent: Bool = true,
        after: PendingRecords.After,
    ) -> RecordID {
        let id = records.add(
            PendingRecords.Entry(after: after, rows: rows, events: events, answers: answers)
        )
        actions.append(
            .record(Record(id: id, rows: rows + events.map(Row.event), isUrgent: isUrgent))
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
        releaseRevokes(awaiting: id)
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
        case .revokeStep(let order): revokeStepCommitted(order)
        case .revokeBegun(let order, let call): perform(call, on: order)
        case .storageReturned: storageReturned(entry.rows)
        case .attemptPrepared, .recovered, .nothing: break
        }
    }

    /// Rule A3: what was asked for is not done; what was already sent is undone.
    mutating func commitFailed(_ id: RecordID) {
        guard let entry = records.failed(id) else { return }
        releaseRevokes(awaiting: id)
        for (request, _) in entry.answers {
            actions.append(.answer(request, .problem(.storageFailed)))
        }
        storageFailed()
        switch entry.after {
        case .saleOpened, .attemptPrepared:
            abandonSaleForStorage()
        case .paid, .declined, .claimed, .delivered, .ended:
            for row in entry.rows { service.unstored.add(row) }
            abandonSaleForStorage()
        case .revokeBegun(let order, let call):
            // The committed attempt is itself the intent to revoke it: trying goes on.
            for row in entry.rows { service.unstored.add(row) }
            perform(call, on: order)
        case .recovered, .nothing:
            for row in entry.rows { service.unstored.add(row) }
        case .revokeStep, .storageReturned:
            // The next step stores the order's newest word; a settled one is stored when storage is tried again.
            break
        }
    }

    /// The decision is stored; or it is not, and the committed attempt is itself the intent (rule A3).
    private mutating func releaseRevokes(awaiting id: RecordID) {
        for order in revokes.keys where revokes[order]?.awaitedRecord == id {
            revokes[order]?.awaitedRecord = nil
        }
    }
}
