/// When rows cannot be committed (rule A3): nothing new is submitted, nothing is released on a row that is not stored,
/// and what is true is stored as soon as there is room.
extension Till {
    mutating func storageFailed() {
        guard service.hasStorage else { return }
        service.hasStorage = false
        arm(.storage, at: now.boot + policy.timing.probe)
    }

    /// The active sale's record is not stored, so the sale cannot go on: what was sent is undone, and the payer is told.
    mutating func abandonSaleForStorage() {
        guard let sale else { return }
        switch sale.phase {
        case .opening:
            // Never stored, so it never was; the caller has its answer.
            self.sale = nil
        case .attempting(let attempt):
            guard case .recording = attempt.machine.state else { return }
            // Its row is not stored, so it was never submitted and never will be.
            recentCodes.removeAll { $0.order == attempt.row.order }
            endUnstored(sale, .expired, .nothingTaken)
        case .paying(let attempt, _):
            undoUnstored(attempt.row, .storage)
            holdRevoke(of: sale)
            endUnstored(sale, .expired, .beingReturned)
        case .declining:
            endUnstored(sale, .expired, .nothingTaken)
        case .claiming:
            // Rule D1: the claim is not stored, so goods must not be released on it.
            undoUnstored(sale.lastAttempt, .undelivered)
            holdRevoke(of: sale)
            endUnstored(sale, .undelivered, .beingReturned)
        case .completing:
            // Delivered is true whether or not it is stored.
            leave(sale)
        case .ending:
            holdRevoke(of: sale)
            tellUnstored(sale)
            leave(sale)
        case .awaitingCode, .declined, .paid, .delivering:
            // All of it is stored: a record of an earlier step cannot fail any more.
            break
        }
    }

    private mutating func endUnstored(_ sale: Sale, _ state: SaleState, _ truth: Truth) {
        var sale = sale
        sale.row.state = state
        tell(truth, of: &sale)
        sale.row.reason = "storage"
        sale.row.updated = now
        disarm(.deliveryWait(sale.row.id))
        service.unstored.add(.sale(sale.row))
        tellUnstored(sale)
        leave(sale)
    }

    /// No event can be stored for it, and the payer must read the truth all the same (rule G3).
    private mutating func tellUnstored(_ sale: Sale) {
        if sale.row.truth == Truth.beingReturned.word, let order = sale.lastAttempt?.order {
            // The journal may say Paid all the same, and the next start would release the goods or keep the money.
            actions.append(.rememberReturn(order))
        }
        actions.append(.notice(.ended(sale.row, sale.lastAttempt?.order)))
        printEnd(of: sale)
    }

    /// Rule A3: a committed attempt is itself the intent to revoke it; the rows follow when there is room.
    private mutating func undoUnstored(_ attempt: AttemptRow?, _ reason: RevokeReason) {
        guard var row = attempt else { return }
        row.state = .revoking
        row.updated = now
        let revoke = enterQueue(row, reason, chargeSeen: true, isRecorded: false)
        service.unstored.add(.attempt(row))
        service.unstored.add(.revoke(revoke))
    }

    /// The journal may say Paid, also where its commit failed, and a restart inside the delivery window would offer the goods
    /// again or count them as delivered (rule D3): the money does not go back before that window is over, or before the revoke
    /// is stored. A claim has no such end: after a restart it counts only when the platform still has the money (see
    /// `Till+Claims`).
    private mutating func holdRevoke(of sale: Sale) {
        guard let paid = sale.row.paid, let order = sale.lastAttempt?.order else { return }
        let windowEnd = paid.boot + policy.sale.deliveryWait
        revokes.update(order) { $0.holdEnds = windowEnd }
    }

    /// These rows are stored: no restart releases the goods of an order any more whose row of the queue is among them.
    mutating func endHolds(_ rows: [Row]) {
        for case .revoke(let row) in rows where revokes[row.order]?.holdEnds != nil {
            revokes.update(row.order) { $0.holdEnds = nil }
        }
    }

    mutating func storageTimerFired() {
        service.mayRetryStorage = true
        retryStorage()
    }

    /// Tries to store what is true but not stored; also the test whether storage is back.
    private mutating func retryStorage() {
        for order in revokes.orders { renewUnstored(order) }
        for row in service.unstored.sales.values where chargedAttempt(of: row.id) != nil {
            correctOwedTruth(of: row.id)
        }
        let rows = service.unstored.rows.filter { !records.hasWord(on: $0) }
        // Also where nothing is owed: only a write that worked says that storage is back (see ``ShellContract``, 3).
        var events: [EventRow] = []
        for case .sale(let row) in rows { events.append(event(.saleChanged, toldLater(row))) }
        for var call in service.unstored.takeCalls() where isStillWanted(call) {
            // Under a new id: that of the event that could not be stored is given again.
            call.id = records.takeEventID()
            events.append(call)
        }
        record(
            rows,
            events: events,
            isUrgent: !rows.isEmpty || !events.isEmpty,
            endsAdoption: service.owesAdoption && isTakenOver,
            after: .storageReturned
        )
        arm(.storage, at: now.boot + policy.timing.probe)
    }

    /// A claimed release that was reported, or parked, meanwhile needs nobody's look any more.
    private func isStillWanted(_ call: EventRow) -> Bool {
        guard call.kind == .releaseUnreported else { return true }
        if let sale, sale.row.id == call.sale, case .delivering = sale.phase { return true }
        return false
    }

    /// A sale that is parked for the goods' sake keeps in its row that it was paid. Told later, that could be of money that is
    /// back, before its adoption or by a person since: nothing is told of it (rule G3).
    func toldLater(_ row: SaleRow) -> SaleRow {
        guard row.state == .undelivered, row.truth == Truth.paid.word else { return row }
        var told = row
        told.truth = nil
        return told
    }

    /// What is owed of an order becomes its newest word, never one from when storage failed: stored last, an older one would
    /// open a settled order again (rule C3).
    private mutating func renewUnstored(_ order: OrderNumber) {
        guard let machine = revokes[order] else { return }
        let isOwed =
            service.unstored.revokes[order] != nil || service.unstored.attempts[order] != nil
        if machine.awaitedRecord != nil || machine.owesRecord {
            // The newest word is on its way, or goes now.
            service.unstored.forget(order)
            if machine.awaitedRecord == nil { recordEnd(order) }
        } else if isOwed {
            service.unstored.add(.attempt(machine.attempt))
            service.unstored.add(.revoke(machine.row))
        }
    }

    /// The payer of a sale that is over, and owed to the journal, must not read any more that nothing was taken: an attempt of
    /// it was charged (rule G3).
    mutating func correctOwedTruth(of sale: SaleID) {
        guard var row = service.unstored.sales[sale], row.truth == Truth.nothingTaken.word else {
            return
        }
        row.truth = Truth.beingReturned.word
        row.updated = now
        service.unstored.add(.sale(row))
        if lastSale?.id == sale { lastSale = row }
    }

    /// A write has worked. Storage is good again when nothing is owed to it any more: on a disk with little room a small record
    /// is stored and a larger one is not.
    ///
    /// - Parameter rows: what was owed to the journal and is stored now.
    mutating func storageReturned(_ rows: [Row]) {
        service.unstored.stored(rows, keepingNewer: true)
        guard !isOwing else {
            // What came to be owed meanwhile may fit at once; what was just refused waits for the timer.
            guard service.mayRetryStorage else { return }
            service.mayRetryStorage = false
            return retryStorage()
        }
        disarm(.storage)
        service.hasStorage = true
    }

    /// Whether every row that an adoption took over is stored: none is owed, and none is still on its way, where it can fail.
    private var isTakenOver: Bool {
        service.unstored.isEmpty
            && !revokes.machines.values.contains { $0.owesRecord || $0.awaitedRecord != nil }
    }

    /// Whether anything true is neither stored nor on its way to the journal.
    private var isOwing: Bool {
        !service.unstored.isEmpty || service.owesAdoption
            || revokes.machines.values.contains { $0.owesRecord && $0.awaitedRecord == nil }
    }
}
