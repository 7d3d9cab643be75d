import Payments

/// Payers come, show codes and go; around them the application asks for the sale.
extension World {
    func planVisit(_ ordinal: Int) {
        var dice = schedule.gapDice(ordinal)
        var gap = 15 * Span.second + dice.span(0, 230 * Span.second)
        // While nothing can be sold the payers are fewer: the time passes all the same.
        if network.isDown || process == nil { gap *= 1 + Int64(dice.roll(40)) }
        if network.isDown, network.returnsAt - now > Span.day, dice.oneIn(2) {
            gap += dice.span(0, network.returnsAt - now)
        }
        plan(.visit(ordinal), in: gap)
    }

    /// Where nothing waits for the disk, the books say who owns what.
    func lookAtRest() {
        guard let process, disk.custody == .own, !books.isDiskBehind, !books.storageHasFailed else {
            return
        }
        audit.rest(books, active: process.till.activeSale?.id)
    }

    func beginVisit(_ ordinal: Int) {
        guard ordinal < schedule.visits else {
            settle()
            return
        }
        schedule.begin(visit: ordinal)
        lookAtRest()
        drawIncidents()
        drawJournalFaults()
        var visit: Visit
        if var dice = schedule.visit(ordinal) {
            visit = drawnVisit(ordinal, &dice)
        } else {
            visit = Visit(cards: [], dice: schedule.gapDice(-ordinal), key: "visit-\(ordinal)")
            visit.isOver = true
        }
        visits.append(visit)
        defer { planVisit(ordinal + 1) }
        guard !visit.isOver else { return }
        tally.visits += 1
        if visit.dice.oneIn(5) { personSettles() }
        application.current = ordinal
        application.active.append(ordinal)
        if policy.sale.fixedItem == nil {
            planStep(.ask, ordinal, in: Span.millisecond)
        } else {
            planShow(ordinal, after: Span.second)
        }
        if visit.dice.oneIn(10) {
            planStep(.reprint, ordinal, in: visit.dice.spread(Span.second, 5 * Span.minute))
        }
        if var fault = schedule.strikes(.cancelled) {
            planStep(.cancel, ordinal, in: fault.spread(50 * Span.millisecond, 90 * Span.second))
        }
    }

    func planStep(_ step: VisitStep, _ visit: Int, in delay: Int64) {
        application.plannedSteps += 1
        plan(.step(step, visit: visit), in: delay)
    }

    func take(_ step: VisitStep, _ ordinal: Int) {
        application.plannedSteps -= 1
        switch step {
        case .ask: ask(ordinal)
        case .show(let card): show(card, ordinal)
        case .showAgain(let code, let fingerprint): scan(code, fingerprint)
        case .cancel: cancel(ordinal)
        case .claim(let key): claim(ordinal, key)
        case .dispense: dispense(ordinal)
        case .report: reportNow(ordinal)
        case .reprint:
            if let sale = visits[ordinal].sale { call(.receipt, sale, .person, ordinal) }
        }
    }

    // MARK: - Codes

    /// The payer shows the next code, if there is one.
    func planShow(_ ordinal: Int, after delay: Int64) {
        let card = visits[ordinal].nextCard
        guard card < visits[ordinal].cards.count else { return }
        visits[ordinal].nextCard += 1
        let wait = delay + visits[ordinal].dice.spread(200 * Span.millisecond, 20 * Span.second)
        planStep(.show(card: card), ordinal, in: wait)
    }

    private func show(_ index: Int, _ ordinal: Int) {
        let card = visits[ordinal].cards[index]
        let digits: String
        if let text = card.text {
            digits = text
        } else {
            // 18 digits beginning 13: a code of this visit and no other.
            digits = String(130_000_000_000_000_000 + (ordinal * 100 + index) * 1_000_003)
            if let course = card.course {
                wallets[digits] = Wallet(course: course, expires: now - card.age + Wallet.life)
            }
        }
        let code = ScannedCode(recognising: digits)
        let fingerprint = CodeFingerprint(digits)
        if let later = card.repeated {
            planStep(.showAgain(code, fingerprint), ordinal, in: later)
        }
        scan(code, fingerprint)
        if policy.sale.fixedItem != nil { planShow(ordinal, after: 20 * Span.second) }
    }

    private func scan(_ code: ScannedCode, _ fingerprint: CodeFingerprint) {
        guard process != nil, !machinery.isScannerGone else { return }
        hear(.codeScanned(code, fingerprint))
    }

    // MARK: - The sale

    private func ask(_ ordinal: Int) {
        visits[ordinal].asks += 1
        guard process != nil else { return askAgain(ordinal) }
        guard let price = Money(minorUnits: 100 + Int64(ordinal % 7) * 50, currency: .cny) else {
            return
        }
        let key = visits[ordinal].key
        let wish = SaleRequest(
            amount: price,
            description: "Locker",
            reference: nil,
            idempotencyKey: key,
            bodyHash: key
        )
        let request = nextRequest(.ask, ordinal)
        see(.asked(request))
        hear(.saleAsked(request, wish, stored: books.salesByKey[key]?.row))
        if schedule.happens(.applicationRepeats) {
            planStep(.ask, ordinal, in: visits[ordinal].dice.spread(1, 2 * Span.second))
        }
    }

    /// Nobody answered: the application asks again under the same key, a few times.
    private func askAgain(_ ordinal: Int) {
        guard visits[ordinal].asks < 4, visits[ordinal].sale == nil else { return }
        planStep(.ask, ordinal, in: visits[ordinal].dice.span(2 * Span.second, 20 * Span.second))
    }

    func nextRequest(_ kind: Application.Kind, _ visit: Int) -> RequestID {
        let request = RequestID(application.nextRequest)
        application.nextRequest += 1
        application.openCalls[request] = Application.Call(visit: visit, kind: kind)
        return request
    }

    private func cancel(_ ordinal: Int) {
        guard let sale = visits[ordinal].sale else { return }
        call(.cancel, sale, .cancel, ordinal)
    }

    func call(_ call: SaleCall, _ sale: SaleID, _ kind: Application.Kind, _ visit: Int) {
        guard process != nil else { return }
        let file = books.file(sale)
        let request = nextRequest(kind, visit)
        see(.called(request, sale, call))
        hear(
            .saleCalled(
                request,
                sale,
                call,
                stored: file.row,
                attempts: file.orders.compactMap(\.attempt)
            )
        )
    }

    func saleAnswered(_ ordinal: Int, _ answer: Answer) {
        switch answer {
        case .created(let row), .sale(let row), .accepted(let row):
            guard visits[ordinal].sale == nil else { return }
            visits[ordinal].sale = row.id
            books.file(row.id).visit = ordinal
            guard !row.state.isFinal else { return finishVisit(ordinal) }
            planShow(ordinal, after: Span.second / 2)
        case .problem(.storageFailed): askAgain(ordinal)
        case .revoke: break
        case .problem: if visits[ordinal].sale == nil { finishVisit(ordinal) }
        }
    }

    func finishVisit(_ ordinal: Int) {
        visits[ordinal].isOver = true
        application.active.removeAll { $0 == ordinal }
    }
}
