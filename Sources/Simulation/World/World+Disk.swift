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
    var isHanging = false
    /// Refuses everything until it is put right.
    var isBroken = false
    var lastAnswer: Int64 = 0

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
        if isStored, var dice = schedule.strikes(.powerCut) { cutPower(&dice) }
    }

    private func canStore(_ record: Record) -> Bool {
        if disk.isBroken || schedule.happens(.commitFails) { return false }
        if disk.isFull {
            guard disk.reserve > 0 else { return false }
            disk.reserve -= 1
        }
        return follows(record)
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
        tally.records += 1
    }

    func diskAnswers(_ id: RecordID, isStored: Bool) {
        guard let record = disk.unanswered.first, record.id == id,
            process?.order.answered(id) == true
        else { return fail("Contract", "the disk answers out of order") }
        disk.unanswered.removeFirst()
        books.isDiskBehind = !disk.pending.isEmpty || !disk.unanswered.isEmpty
        if isStored {
            hear(.committed(id))
        } else {
            books.storageHasFailed = true
            see(.notStored(record))
            hear(.commitFailed(id))
        }
    }

    /// The process is gone: of what it had handed over, the first few records may have been stored and nobody told it.
    func tear() {
        var dice = schedule.commitDice()
        let count = disk.isHanging ? 0 : dice.roll(disk.pending.count + 1)
        for record in disk.pending.prefix(count) {
            guard canStore(record) else { break }
            store(record)
        }
        disk.pending = []
        disk.unanswered = []
        disk.isWriting = false
        disk.lastAnswer = now
    }
}
