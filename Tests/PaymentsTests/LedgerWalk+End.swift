import Payments

/// What must be true when a walk is over, and after each of its steps.
extension LedgerWalk {
    // MARK: - The end

    /// The faults stop, the platform answers everything truthfully, applications report: every order finds its end.
    mutating func settle() {
        guard problem == nil else { return }
        rig.commitsAtOnce = true
        while rig.hasUncommitted { rig.commit() }
        rig.send(.deviceChanged(.scanner, .working))
        for round in 0..<3_000 {
            rig.send(.networkChanged(isReachable: true))
            while openProbes > 0 { endProbe([.good]) }
            if let sale = rig.till.activeSale, sale.state == .delivering, round > 200 {
                // A person looks at last (rule D3).
                wasReportedUndelivered.contains(sale.id) ? call(.undelivered) : call(.delivered)
            }
            for _ in 0..<submits.count {
                startSubmit()
                endSubmit(hasFaults: false)
            }
            observe()
            for _ in 0..<asks.count { answer(hasFaults: false) }
            observe()
            platform.bankActs(using: &random)
            guard problem == nil else { break }
            if round > 60, isQuiet { break }
            pass(5)
            observe()
        }
        if problem == nil { judge() }
        explain()
    }

    var isQuiet: Bool {
        rig.till.activeSale == nil && rig.till.revokeQueue.count == rig.till.revokeQueue.parked
            && asks.isEmpty
            && submits.isEmpty && rig.till.reasons.isEmpty
    }

    mutating func judge() {
        if !isQuiet {
            problem =
                "no end: \(rig.saleState.map { "\($0)" } ?? "no sale"), "
                + "\(rig.till.revokeQueue.count) in the queue, \(rig.till.reasons)"
            return
        }
        if !openRequests.isEmpty { problem = "\(openRequests.count) calls without an answer" }
        for order in submitted.sorted() { judge(order) }
        for sale in sales.values { judge(sale) }
    }

    mutating func judge(_ order: OrderNumber) {
        guard let attempt = attempts[order], let sale = sales[attempt.sale] else {
            problem = "an order without rows"
            return
        }
        switch attempt.state {
        case .paid:
            if sale.state != .delivered { problem = "paid, and the sale is \(sale.state)" }
            if !platform.isCharged(order) { problem = "delivered for nothing (B1)" }
        case .undone:
            if platform.isCharged(order) { problem = "undone, and still charged (C3)" }
            let isReturned = attempt.outcome == "returned"
            if isReturned, !platform.wasCharged(order) { problem = "returned what was not taken" }
        case .refunded:
            if platform.isCharged(order) { problem = "refunded, and still charged (C5)" }
            if !platform.wasCharged(order) { problem = "refunded what was not taken (C5)" }
        case .parked:
            judgeParked(order, sale)
        case .void:
            if platform.wasCharged(order) { problem = "void, and charged (B5)" }
        default:
            problem = "an order ends as \(attempt.state)"
        }
    }

    /// Parked is only what the kiosk cannot end: a refund that is stuck, a revoke that is refused for ever, goods that may
    /// have left.
    mutating func judgeParked(_ order: OrderNumber, _ sale: SaleRow) {
        let isStuck = platform.orders[order]?.refund == .change
        let isRefused = platform.orders[order]?.refusesRevoke == true
        let isUnreported = sale.reason == "claimed-unreported"
        if !isStuck, !isRefused, !isUnreported { problem = "parked for no reason (C5)" }
    }

    mutating func judge(_ sale: SaleRow) {
        let orders = attempts.values.filter { $0.sale == sale.id }.map(\.order)
        if orders.filter({ platform.isCharged($0) }).count > 1 { problem = "charged twice" }
        let wasCharged = orders.contains { platform.wasCharged($0) }
        if !sale.state.isFinal { problem = "a sale ends as \(sale.state)" }
        switch sale.truth {
        case "nothing-taken":
            if wasCharged { problem = "told nothing was taken, and it was (G3)" }
        case "being-returned":
            if !wasCharged { problem = "told a return of nothing (G3)" }
        case "paid":
            if sale.state != .delivered, sale.reason != "claimed-unreported" {
                problem = "told paid, and the sale is \(sale.state)"
            }
        default: break
        }
    }

    // MARK: - Invariants

    mutating func observe() {
        for row in rig.journal[seenRows...] { check(row) }
        seenRows = rig.journal.count
        while seenActions < rig.log.count {
            check(rig.log[seenActions])
            seenActions += 1
        }
    }

    mutating func check(_ row: Row) {
        switch row {
        case .sale(let sale):
            if let last = sales[sale.id], last.state.isFinal, last.state != sale.state {
                problem = "sale \(last.state) -> \(sale.state)"
            }
            sales[sale.id] = sale
        case .attempt(let attempt):
            if let last = attempts[attempt.order], last.state.isFinal, last.state != attempt.state {
                problem = "attempt \(last.state) -> \(attempt.state)"
            }
            let twin = attempts.values.first {
                $0.sale == attempt.sale && $0.ordinal == attempt.ordinal
                    && $0.order != attempt.order
            }
            if twin != nil { problem = "two attempts of a sale with one ordinal" }
            attempts[attempt.order] = attempt
        case .revoke(let revoke):
            if attempts[revoke.order] == nil { problem = "a revoke without its attempt" }
        case .settlement:
            problem = "settled by nobody"
        case .event(let event):
            if event.id != lastEvent + 1 { problem = "event \(event.id) after \(lastEvent)" }
            lastEvent = event.id
        }
    }

    mutating func check(_ action: TillAction) {
        switch action {
        case .submit(let order, _, _, _):
            if attempts[order] == nil { problem = "submit before its row is stored (A1)" }
            if !submitted.insert(order).inserted { problem = "submitted twice (A2)" }
            submits[order] = Submit()
        case .abandonSubmit(let order):
            submits[order]?.isAbandoned = true
        case .query(let order, _):
            asks.append(.query(order, roll(2) == 0 ? platform.query(order) : nil))
        case .reverse(let order):
            checkReverse(order)
            asks.append(.reverse(order))
        case .refund(let order, _):
            if attempts[order]?.state != .refunding {
                problem = "refund before its decision is stored (A1)"
            }
            if !reversing.insert(order).inserted { problem = "two steps of one order at once (C4)" }
            asks.append(.refund(order))
        case .refundQuery(let order, _):
            asks.append(.refundQuery(order))
        case .probe:
            openProbes += 1
        case .answer(let request, let answer):
            if openRequests.remove(request) == nil { problem = "a second answer (\(answer))" }
        case .announce(let event):
            check(event)
        case .print(let slip):
            if case .receipt = slip.kind, let order = slip.order, attempts[order]?.state != .paid {
                problem = "a receipt without Paid (D4)"
            }
        case .record, .prepareSubmit, .openAhead, .arm, .disarm, .show, .notice, .rememberReturn,
            .discardScans, .stop:
            break
        }
    }

    mutating func checkReverse(_ order: OrderNumber) {
        if submits[order] != nil { problem = "revoke while the submit is open (C2)" }
        if let end = submitEnds[order], seconds - end < 15 {
            problem = "revoke \(seconds - end) s after the submit (C2)"
        }
        if !reversing.insert(order).inserted { problem = "two revokes of one order at once (C4)" }
        if let attempt = attempts[order], sales[attempt.sale]?.state == .delivered,
            attempt.state == .paid
        {
            problem = "revoke after delivery (C1)"
        }
    }

    mutating func check(_ event: EventRow) {
        guard event.kind == .releaseOffered, let sale = event.sale.flatMap({ sales[$0] }) else {
            return
        }
        if sale.paid == nil || sale.transactionID == nil {
            problem = "offered before Paid is stored (D1)"
        }
    }
}
