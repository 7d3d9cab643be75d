import Payments

/// What the application does with events and answers: the claim first, then the goods, then the report (rule D1).
extension World {
    func announce(_ event: EventRow) {
        guard let sale = event.sale else { return }
        let file = books.file(sale)
        if file.visit == nil, policy.sale.fixedItem != nil, !visits.isEmpty {
            file.visit = application.current
            if visits[application.current].sale == nil { visits[application.current].sale = sale }
        }
        guard let ordinal = file.visit else { return }
        switch event.kind {
        case .saleChanged:
            guard let state = event.state else { return }
            if state == .declined, !visits[ordinal].isOver {
                planShow(ordinal, after: policy.timing.retryPause.wholeNanoseconds)
            }
            if state.isFinal { finishVisit(ordinal) }
        case .releaseOffered: offered(ordinal)
        case .releaseUnreported:
            let wait = visits[ordinal].dice.spread(
                20 * Span.second,
                Application.personLooksWithin - 10 * Span.minute
            )
            if visits[ordinal].report == nil {
                visits[ordinal].report = visits[ordinal].isDispensed ? .delivered : .undelivered
            }
            planStep(.report, ordinal, in: wait)
        case .moneyReturned, .parked, .flagged: break
        }
    }

    func noticed(_ notice: Notice) {
        if case .ended(let row, _) = notice, let visit = books.file(row.id).visit {
            finishVisit(visit)
        }
    }

    private func offered(_ ordinal: Int) {
        guard !visits[ordinal].isForgotten else { return }
        var key = visits[ordinal].key
        if visits[ordinal].conduct == .forgets {
            visits[ordinal].offers += 1
            key += "-\(visits[ordinal].offers)"
        }
        if !schedule.happens(.applicationSilent) {
            var wait = visits[ordinal].dice.spread(20 * Span.millisecond, 4 * Span.second)
            if var fault = schedule.strikes(.applicationLate) {
                wait += fault.spread(10 * Span.second, 4 * Span.minute)
            }
            accept(key, ordinal, in: wait)
            if schedule.happens(.applicationRepeats) {
                accept(key, ordinal, in: wait + Span.second / 2)
            }
        }
        // Who dispenses without a claim is alone.
        guard visits[ordinal].conduct != .reports else { return }
        if var fault = schedule.strikes(.claimedTwice) {
            // A second controller on the same bus.
            planStep(
                .claim(key: key + "-other"),
                ordinal,
                in: fault.spread(Span.millisecond, 2 * Span.minute)
            )
        }
    }

    private func accept(_ key: String, _ ordinal: Int, in wait: Int64) {
        guard visits[ordinal].conduct == .reports else {
            return planStep(.claim(key: key), ordinal, in: wait)
        }
        if visits[ordinal].report == nil, !visits[ordinal].isDispensed {
            visits[ordinal].report = .delivered
        }
        planStep(.report, ordinal, in: wait)
    }

    func claim(_ ordinal: Int, _ key: String) {
        guard let sale = visits[ordinal].sale, !visits[ordinal].isForgotten else { return }
        call(.claim(key: key), sale, .claim(key: key), ordinal)
    }

    func answered(_ request: RequestID, _ answer: Answer) {
        guard let call = application.openCalls.removeValue(forKey: request) else { return }
        let ordinal = call.visit
        switch call.kind {
        case .ask: saleAnswered(ordinal, answer)
        case .cancel, .person: break
        case .claim(let key): claimAnswered(ordinal, key, answer)
        case .report:
            if case .problem(.storageFailed) = answer, visits[ordinal].reportTries < 8 {
                planStep(.report, ordinal, in: 5 * Span.second)
            } else {
                reported(ordinal, answer)
            }
        }
    }

    private func reported(_ ordinal: Int, _ answer: Answer) {
        if visits[ordinal].conduct == .reports, visits[ordinal].report == .delivered,
            case .sale(let row) = answer, !visits[ordinal].isDispensed
        {
            visits[ordinal].isDispensed = true
            see(.dispensed(row.id, claim: nil))
        }
        visits[ordinal].report = nil
    }

    private func claimAnswered(_ ordinal: Int, _ key: String, _ answer: Answer) {
        guard case .sale(let row) = answer, row.claimKey == key else { return }
        let forgets = visits[ordinal].conduct == .forgets
        if forgets || visits[ordinal].claim == nil { visits[ordinal].claim = key }
        guard visits[ordinal].claim == key, !visits[ordinal].isForgotten else { return }
        if !forgets {
            guard visits[ordinal].report == nil, !visits[ordinal].isDispensed,
                !visits[ordinal].isOver
            else { return }
        }
        planStep(
            .dispense,
            ordinal,
            in: visits[ordinal].dice.spread(Span.millisecond, 8 * Span.second)
        )
    }

    func dispense(_ ordinal: Int) {
        guard let sale = visits[ordinal].sale, let key = visits[ordinal].claim,
            visits[ordinal].usedClaims.insert(key).inserted
        else { return }
        if visits[ordinal].conduct != .forgets {
            guard !visits[ordinal].isDispensed, visits[ordinal].report == nil else { return }
        }
        if schedule.happens(.undelivered) {
            visits[ordinal].report = .undelivered
        } else {
            visits[ordinal].isDispensed = true
            visits[ordinal].report = .delivered
            see(.dispensed(sale, claim: key))
        }
        if schedule.happens(.applicationRestarts) {
            note("the application forgets visit \(ordinal)")
            visits[ordinal].isForgotten = true
            books.file(sale).isForPerson = true
            return
        }
        var wait = visits[ordinal].dice.spread(Span.millisecond, 5 * Span.second)
        if var fault = schedule.strikes(.deliveredLate) {
            wait += fault.spread(10 * Span.second, 30 * Span.minute)
            books.file(sale).isForPerson = true
        }
        planStep(.report, ordinal, in: wait)
    }

    /// The application's own report, or that of a person who has looked.
    func reportNow(_ ordinal: Int) {
        guard let sale = visits[ordinal].sale, let report = visits[ordinal].report else { return }
        visits[ordinal].reportTries += 1
        call(report == .delivered ? .delivered : .undelivered, sale, .report, ordinal)
        if schedule.happens(.applicationRepeats) {
            planStep(.report, ordinal, in: Span.second)
        }
    }

    /// What was cut off when the kiosk went is taken up again.
    func applicationSeesStart() {
        // An event stream that has gone back makes it doubt everything.
        let doubted = disk.custody == .copy ? visits.count : 8
        for ordinal in visits.indices.suffix(doubted) { repeatItself(ordinal) }
        for ordinal in application.active where !visits[ordinal].isForgotten {
            if visits[ordinal].report != nil {
                planStep(.report, ordinal, in: 3 * Span.second)
            } else if visits[ordinal].sale == nil, policy.sale.fixedItem == nil,
                visits[ordinal].asks < 4
            {
                planStep(.ask, ordinal, in: 10 * Span.second)
            }
        }
    }

    /// It does not know what of its words has come through: it says them once more, also those of a sale that is over.
    private func repeatItself(_ ordinal: Int) {
        guard let key = visits[ordinal].claim, visits[ordinal].report == nil,
            !visits[ordinal].isForgotten
        else { return }
        let isSaid =
            disk.custody == .copy
            ? visits[ordinal].dice.oneIn(3) : schedule.happens(.applicationRepeats)
        guard isSaid else { return }
        planStep(.claim(key: key), ordinal, in: 2 * Span.second)
        guard visits[ordinal].isDispensed else { return }
        visits[ordinal].report = .delivered
        planStep(.report, ordinal, in: 4 * Span.second)
    }

    /// Faults are over, and a sale still waits for its report: somebody looks (rule D3).
    func technicianLooks() {
        guard !isEnded else { return }
        plan(.technicianLooks, in: 5 * Span.minute)
        personSettles()
        guard let sale = process?.till.activeSale, sale.state == .delivering,
            let ordinal = books.file(sale.id).visit
        else { return }
        visits[ordinal].report = visits[ordinal].isDispensed ? .delivered : .undelivered
        reportNow(ordinal)
    }
}
