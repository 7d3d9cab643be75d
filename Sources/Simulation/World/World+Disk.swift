import Payments

/// The disk as the journal shows it: records are stored one after another, each whole or not at all.
struct Disk {
    /// Handed over, not stored yet.
    var pending: [Record] = []
    /// Stored or refused, and the machine does not know yet.
    var unanswered: [Record] = []
    var isWriting = false
    var isFull = false
    /// Records that the reserve file still has room for (rule A3).
    var reserve = 0
    /// A few free pages: records of at most so many rows fit, and larger ones do not.
    var room: Int?
    var isHanging = false
    /// Refuses everything until it is put right.
    var isBroken = false
    /// The sync of this record's commit failed: the process goes on without it, believes nothing after it, and a later one may
    /// find it stored (SQLite's log keeps what was written).
    var unsynced: Record?
    /// Nothing is stored any more in this run.
    var isClosed = false
    var custody = Custody.own
    var backup: Books.Copy?
    /// The next copy is made as soon as a sale is stored in this state: its goods may leave after that.
    var copiesAt: SaleState?
    var lastAnswer: Int64 = 0

    /// Whether a person's word could be stored now: the smallest record of all.
    var takesWord: Bool {
        !isBroken && !isHanging && !isFull && !isClosed && room != 0 && unsynced == nil
    }

    /// Whether everything that can be read of a damaged journal could be stored now.
    var takesRows: Bool { takesWord && room == nil }

    /// Room for the rows of one sale.
    static let reserveRecords = 12
}

extension World {
    func commit(_ record: Record) {
        process?.order.recorded(record.id)
        disk.pending.append(record)
        books.isDiskBehind = true
        if disk.pending.count > 200 { fail("bounds", "more than 200 records wait for the disk") }
        guard !disk.isWriting else { return }
        disk.isWriting = true
        planWrite()
    }

    private func planWrite() {
        guard let run = process?.run else { return }
        var dice = schedule.commitDice()
        var delay = dice.span(Span.millisecond / 3, 12 * Span.millisecond)
        if var fault = schedule.strikes(.commitSlow) {
            delay += fault.spread(100 * Span.millisecond, 30 * Span.second)
        }
        plan(.diskWrites(run: run), in: delay)
    }

    func writeNext() {
        guard !disk.isHanging, let run = process?.run, let record = disk.pending.first else {
            return
        }
        disk.pending.removeFirst()
        disk.unanswered.append(record)
        let isStored = canStore(record)
        if isStored { store(record) }
        if disk.unsynced?.id == record.id { planRestart() }
        var delay = Span.millisecond / 10
        if var fault = schedule.strikes(.commitAnsweredLate) {
            delay = fault.spread(Span.millisecond, 8 * Span.second)
        }
        disk.lastAnswer = max(disk.lastAnswer + 1, now + delay)
        calendar.add(
            .diskAnswers(record.id, isStored: isStored, run: run),
            at: disk.lastAnswer
        )
        if disk.pending.isEmpty { disk.isWriting = false } else { planWrite() }
        if isStored, var dice = schedule.strikes(.powerCut) { cutPower(&dice, isLong: false) }
    }

    private func canStore(_ record: Record) -> Bool {
        if disk.isBroken || disk.isClosed || schedule.happens(.commitFails) { return false }
        if let room = disk.room, record.rows.count > room { return false }
        if disk.isFull {
            // A record that stores nothing is not worth the reserve.
            guard disk.reserve > 0, !record.rows.isEmpty else { return false }
            disk.reserve -= 1
        }
        guard follows(record), !contradicts(record) else { return false }
        guard !record.rows.isEmpty, schedule.happens(.syncFails) else { return true }
        disk.unsynced = record
        disk.isClosed = true
        return false
    }

    /// Nothing is stored any more before the next start, which comes when somebody notices.
    private func planRestart() {
        guard let run = process?.run else { return }
        note("the sync of record \(disk.unsynced?.id.number ?? 0) fails")
        var dice = schedule.commitDice()
        plan(.killedIfRunning(run: run), in: dice.spread(Span.second, 2 * Span.hour))
    }

    /// The journal refuses rows that would change what was fixed when they were made.
    private func contradicts(_ record: Record) -> Bool {
        record.rows.contains { row in
            switch row {
            case .sale(let row):
                books.sales[row.id]?.row.map {
                    $0.amount != row.amount || $0.created != row.created
                        || $0.idempotencyKey != row.idempotencyKey
                } ?? false
            case .attempt(let row):
                books.orders[row.order]?.attempt.map {
                    $0.sale != row.sale || $0.ordinal != row.ordinal || $0.amount != row.amount
                        || $0.fingerprint != row.fingerprint || $0.prepared != row.prepared
                } ?? false
            case .revoke(let row):
                books.orders[row.order]?.revoke.map {
                    $0.reason != row.reason || $0.decided != row.decided
                } ?? false
            case .settlement(let row):
                books.orders[row.order]?.settlement.map { $0 != row } ?? false
            case .event: false
            }
        }
    }

    /// The journal refuses events that do not follow the last one stored.
    private func follows(_ record: Record) -> Bool {
        var last = books.lastEvent
        for case .event(let event) in record.rows {
            guard event.id == last + 1 else { return false }
            last = event.id
        }
        return true
    }

    private func store(_ record: Record) {
        see(.stored(record))
        books.store(record)
        for case .attempt(let row) in record.rows where row.state == .parked {
            audit.park(row.order, books, faults: schedule.counts)
        }
        tally.records += 1
        if disk.custody == .adopted, record.endsAdoption { disk.custody = .own }
        guard let state = disk.copiesAt, disk.custody == .own else { return }
        for case .sale(let row) in record.rows where row.state == state {
            disk.backup = books.copy()
            disk.copiesAt = nil
        }
    }

    func diskAnswers(_ id: RecordID, isStored: Bool) {
        guard let record = disk.unanswered.first, record.id == id,
            process?.order.answered(id) == true
        else { return fail("Contract", "the disk answers out of order") }
        disk.unanswered.removeFirst()
        books.isDiskBehind = !disk.pending.isEmpty || !disk.unanswered.isEmpty
        if isStored {
            hear(.committed(id))
            // It says that storage is good, so nothing may be owed to the disk any more.
            if process?.till.reasons.contains(.storage) == false { books.storageHasFailed = false }
            lookAtRest()
        } else {
            books.storageHasFailed = true
            see(.notStored(record))
            hear(.commitFailed(id))
        }
    }

    /// The process is gone: of what it had handed over, the first few records may have been stored and nobody told it. What was
    /// written and not synced is there for the next one, unless the power was cut and it never reached the card.
    func tear(afterPowerCut isPowerCut: Bool) {
        var dice = schedule.commitDice()
        if let record = disk.unsynced {
            disk.unsynced = nil
            disk.pending = []
            if !isPowerCut || dice.oneIn(2) {
                note("what was refused is there all the same")
                store(record)
            }
        }
        let count = disk.isHanging ? 0 : dice.roll(disk.pending.count + 1)
        for record in disk.pending.prefix(count) {
            guard canStore(record) else { break }
            store(record)
        }
        disk.pending = []
        disk.unanswered = []
        disk.unsynced = nil
        disk.isClosed = false
        disk.isWriting = false
        disk.lastAnswer = now
    }
}
