import Payments

/// Whose the disk's rows are (rules A5, A6).
enum Custody {
    case own
    /// An older copy was put back, and nobody has adopted it.
    case copy
    /// Adopted, and its open rows are not taken over yet.
    case adopted
    /// Damaged: set aside at the next start, until a person has what can be read of it recovered.
    case damaged

    /// What the machine is told at its start.
    var word: JournalCustody {
        switch self {
        case .own: .own
        case .copy, .adopted: .foreign
        case .damaged: .damaged
        }
    }
}

/// Journals that are copied, put back, damaged and recovered, and the person who sees to it.
extension World {
    /// Each visit can bring one of each.
    func drawJournalFaults() {
        if schedule.knows(.journalRestored), disk.custody == .own {
            var dice = schedule.commitDice()
            // Also in the middle of a sale.
            if disk.backup == nil || dice.oneIn(12) {
                plan(.backsUp, in: dice.span(Span.second, 40 * Span.second))
            }
        }
        if disk.custody == .own, let backup = disk.backup,
            var dice = schedule.strikes(.journalRestored)
        {
            putBack(backup, &dice)
        }
        if disk.custody == .own, var dice = schedule.strikes(.journalDamaged) { damage(&dice) }
    }

    func backUp() {
        guard disk.custody == .own else { return }
        disk.backup = books.copy()
        var dice = schedule.commitDice()
        disk.copiesAt = dice.pick([nil, .paid, .delivering])
    }

    private func putBack(_ backup: Books.Copy, _ dice: inout Dice) {
        if process != nil { cutPower(&dice, isLong: dice.oneIn(8)) }
        note("an older copy of the journal is put back")
        books.putBack(backup)
        disk.custody = .copy
        see(.rewritten)
        plan(.adopts, in: dice.spread(30 * Span.second, 6 * Span.hour))
    }

    /// Found while it is in use, or at the next start.
    private func damage(_ dice: inout Dice) {
        note("pages of the journal are damaged")
        disk.custody = .damaged
        plan(.recovers, in: dice.spread(30 * Span.second, 6 * Span.hour))
        guard process != nil, dice.oneIn(2) else { return }
        // Met by a write, nothing is stored any more; met by the check beside the sales, the rest goes on.
        disk.isClosed = disk.isClosed || dice.oneIn(2)
        hear(.journalDamaged)
    }

    /// `kioskpay journal adopt`, beside the running daemon or while it is stopped.
    func personAdopts() {
        guard disk.custody == .copy else { return }
        guard disk.takesWord else { return plan(.adopts, in: Span.minute) }
        note("a person adopts the journal")
        disk.custody = .adopted
        var dice = schedule.commitDice()
        if var fault = schedule.strikes(.adoptionCramped) { cramp(&fault) }
        guard process != nil else { return }
        if dice.oneIn(2) {
            hear(.journalAdopted)
        } else {
            kill("it is stopped and started again")
            plan(.powerReturns, in: 3 * Span.second)
        }
    }

    /// The person's word fits, and the rows that are taken over do not: the steps of their orders, which are small, may come
    /// first, and then another start.
    private func cramp(_ dice: inout Dice) {
        note("there is little room left")
        disk.room = 1 + dice.roll(3)
        plan(.ends(.littleRoom), in: dice.spread(10 * Span.second, Span.hour))
        plan(.isRestarted, in: dice.spread(10 * Span.second, 5 * Span.minute))
    }

    func restartProcess() {
        guard process != nil, !schedule.isOver else { return }
        kill("somebody restarts it")
        plan(.powerReturns, in: 2 * Span.second)
    }

    /// `kioskpay journal recover`, while the daemon is stopped.
    func personRecovers() {
        guard disk.custody == .damaged else { return }
        guard disk.takesRows || disk.isClosed else { return plan(.recovers, in: Span.minute) }
        if process != nil {
            kill("it is stopped")
            plan(.powerReturns, in: 5 * Span.second)
        }
        note("a person has the journal recovered")
        var dice = schedule.commitDice()
        books.salvage(&dice, at: moment())
        disk.custody = .adopted
        see(.rewritten)
    }

    /// Whether goods left for an order, as a person who looks finds out.
    func goodsLeft(for file: OrderFile) -> Bool {
        guard file.wasPaid, let sale = file.firstSale.flatMap({ books.sales[$0] }) else {
            return false
        }
        return sale.wasDelivered || sale.visit.map { visits[$0].isDispensed } == true
    }
}
