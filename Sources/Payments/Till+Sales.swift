/// What applications ask: selling, cancelling, releasing, reprinting.
extension Till {
    mutating func saleAsked(_ request: RequestID, _ wish: SaleRequest, stored: SaleRow?) {
        if let known = knownSale(wish) ?? newest(stored) {
            repeated(request, wish, known)
        } else if let sale {
            answer(request, .problem(.saleActive(sale.row.id)))
        } else if wish.amount.currency != policy.sale.currency {
            answer(request, .problem(.wrongCurrency(policy.sale.currency)))
        } else if wish.amount.minorUnits > policy.sale.maximumAmount {
            answer(request, .problem(.amountTooHigh(maximum: policy.sale.maximumAmount)))
        } else if !reasons.isEmpty {
            answer(request, .problem(.notReady(reasons)))
        } else {
            openSale(wish, for: request)
        }
    }

    /// The same key and body is the same sale; while it is being stored, that commit answers.
    private mutating func repeated(_ request: RequestID, _ wish: SaleRequest, _ known: SaleRow) {
        guard known.bodyHash == wish.bodyHash else {
            answer(request, .problem(.keyReused))
            return
        }
        if let sale, sale.row.id == known.id, case .opening(let id) = sale.phase {
            records.addAnswer(request, .sale(known), to: id)
        } else {
            answer(request, .sale(known))
        }
    }

    /// The active sale or the one before it, if it was asked for under the same key: the journal may have been read before
    /// it was stored.
    private func knownSale(_ wish: SaleRequest) -> SaleRow? {
        guard let key = wish.idempotencyKey else { return nil }
        return [sale?.row, lastSale].lazy.compactMap(\.self).first { $0.idempotencyKey == key }
    }

    private mutating func openSale(_ wish: SaleRequest, for request: RequestID) {
        let row = newSaleRow(wish)
        sale = Sale(row: row, phase: .opening(records.upcoming))
        record(
            [.sale(row)],
            events: [event(.saleChanged, row)],
            answers: [(request, .created(row))],
            after: .saleOpened
        )
        actions.append(.openAhead)
    }

    mutating func newSaleRow(_ wish: SaleRequest) -> SaleRow {
        SaleRow(
            id: SaleID(using: &generator),
            amount: wish.amount,
            description: wish.description,
            reference: wish.reference,
            idempotencyKey: wish.idempotencyKey,
            bodyHash: wish.bodyHash,
            created: now,
            state: .awaitingCode,
            updated: now
        )
    }

    mutating func saleOpened() {
        guard var sale, case .opening = sale.phase else { return }
        sale.phase = .awaitingCode
        self.sale = sale
        resultLight = nil
        arm(.codeWait(sale.row.id), at: now.boot + policy.sale.codeWait)
        if service.isStopping { stopAsked() }
    }

    mutating func codeWaitOver() {
        guard let sale else { return }
        switch sale.phase {
        case .awaitingCode, .declined:
            endSale(.expired, truth: .nothingTaken, reason: "code-wait-over")
        case .opening, .attempting, .paying, .declining, .paid, .claiming, .delivering,
            .completing, .ending:
            // Lost its race with a code or a cancel.
            break
        }
    }

    // MARK: - Calls about one sale

    mutating func saleCalled(
        _ request: RequestID,
        _ id: SaleID,
        _ call: SaleCall,
        stored: SaleRow?,
        attempts: [AttemptRow],
    ) {
        guard let sale, sale.row.id == id else {
            calledAboutPast(request, call, stored: stored, attempts: attempts)
            return
        }
        switch call {
        case .cancel: cancelCalled(request, sale)
        case .claim(let key): claimCalled(request, sale, key: key)
        case .delivered: deliveredCalled(request, sale)
        case .undelivered: undeliveredCalled(request, sale)
        case .receipt: receiptCalled(request, sale.row, sale.lastAttempt)
        }
    }

    /// Rule B9.
    private mutating func cancelCalled(_ request: RequestID, _ sale: Sale) {
        var shown = sale.row
        shown.state = .cancelling
        switch sale.phase {
        case .opening, .awaitingCode, .declined, .declining:
            answer(request, .accepted(shown))
            endSale(.cancelled, truth: .nothingTaken, reason: nil)
        case .attempting(let attempt):
            answer(request, .accepted(shown))
            cancelAttempt(attempt)
        case .paying(let attempt, let proof):
            // Paid is not committed yet: cancelling wins, the money goes back.
            answer(request, .accepted(shown))
            cancelPaying(attempt, proof)
        case .paid, .claiming, .delivering, .completing:
            answer(request, .problem(.cannotCancel(sale.row.state)))
        case .ending:
            let isCancelled = sale.row.state == .cancelled
            answer(
                request,
                isCancelled ? .accepted(shown) : .problem(.cannotCancel(sale.row.state))
            )
        }
    }

    private mutating func claimCalled(_ request: RequestID, _ sale: Sale, key: String) {
        switch sale.phase {
        case .paid(let proof):
            var sale = sale
            sale.row.state = .delivering
            sale.row.claimKey = key
            sale.row.updated = now
            let id = record(
                [.sale(sale.row)],
                events: [event(.saleChanged, sale.row)],
                answers: [(request, .sale(sale.row))],
                after: .claimed
            )
            sale.phase = .claiming(proof, id)
            self.sale = sale
        case .claiming(_, let id):
            // The same key again is the same claim: answered by the same commit.
            if sale.row.claimKey == key {
                records.addAnswer(request, .sale(sale.row), to: id)
            } else {
                answer(request, .problem(.alreadyClaimed))
            }
        case .delivering:
            let isSame = sale.row.claimKey == key
            answer(request, isSame ? .sale(sale.row) : .problem(.alreadyClaimed))
        case .completing(let id):
            if sale.row.claimKey == key {
                records.addAnswer(request, .sale(sale.row), to: id)
            } else {
                answer(request, .problem(.alreadyClaimed))
            }
        case .ending:
            answer(request, .problem(nothingToRelease(sale.row)))
        case .opening, .awaitingCode, .attempting, .paying, .declining, .declined:
            answer(request, .problem(.notPaid(sale.row.state)))
        }
    }

    mutating func claimCommitted() {
        guard var sale, case .claiming(let proof, _) = sale.phase else { return }
        sale.phase = .delivering(proof)
        self.sale = sale
        // From here the same timer watches for the report (rule D3).
        arm(.deliveryWait(sale.row.id), at: now.boot + policy.sale.deliveryWait)
    }

    private mutating func deliveredCalled(_ request: RequestID, _ sale: Sale) {
        switch sale.phase {
        case .paid, .claiming, .delivering:
            complete(answering: request)
        case .completing(let id):
            records.addAnswer(request, .sale(sale.row), to: id)
        case .ending:
            answer(request, .problem(nothingToRelease(sale.row)))
            flagLateDelivery(sale.row, sale.lastAttempt)
        case .opening, .awaitingCode, .attempting, .paying, .declining, .declined:
            answer(request, .problem(.notPaid(sale.row.state)))
        }
    }

    /// Goods left after a revoke was decided: the money goes back all the same, and a person must know (interfaces, 3).
    /// Told once for each order in one run, however often the application repeats itself.
    private mutating func flagLateDelivery(_ row: SaleRow, _ attempt: AttemptRow?) {
        guard row.paid != nil, let attempt, service.lateDeliveries.count < Service.lateLimit,
            service.lateDeliveries.insert(attempt.order).inserted
        else { return }
        revokes[attempt.order]?.flag()
        record(
            revokes[attempt.order].map { [.revoke($0.row)] } ?? [],
            events: [event(.flagged, of: attempt, reason: "delivered-after-revoke")],
            after: .nothing
        )
    }

    /// Delivered, with or without a claim before it (rule D1).
    mutating func complete(answering request: RequestID?) {
        guard var sale else { return }
        disarm(.deliveryWait(sale.row.id))
        sale.row.state = .delivered
        sale.row.updated = now
        sale.phase = .completing(records.upcoming)
        self.sale = sale
        record(
            [.sale(sale.row)],
            events: [event(.saleChanged, sale.row)],
            answers: request.map { [($0, .sale(sale.row))] } ?? [],
            after: .delivered
        )
    }

    private mutating func undeliveredCalled(_ request: RequestID, _ sale: Sale) {
        switch sale.phase {
        case .claiming(_, let id):
            // Nobody may dispense on a claim that is withdrawn before it is acknowledged (rule D1).
            records.replaceAnswers(of: id, by: .problem(.releaseWithdrawn))
            withdraw(reason: .undelivered, answering: request)
        case .paid, .delivering:
            withdraw(reason: .undelivered, answering: request)
        case .completing:
            answer(request, .problem(.alreadyDelivered))
        case .ending(let id):
            if sale.row.state == .undelivered {
                records.addAnswer(request, .sale(sale.row), to: id)
            } else {
                answer(request, .problem(.notPaid(sale.row.state)))
            }
        case .opening, .awaitingCode, .attempting, .paying, .declining, .declined:
            answer(request, .problem(.notPaid(sale.row.state)))
        }
    }

    /// Rules D2 and D3.
    mutating func deliveryWaitOver() {
        guard let sale else { return }
        switch sale.phase {
        case .paid:
            withdraw(reason: .notClaimed, answering: nil)
        case .delivering:
            switch policy.sale.claimedUnreported {
            case .ask:
                record([], events: [event(.releaseUnreported, sale.row)], after: .nothing)
            case .refund:
                withdraw(reason: .undelivered, answering: nil)
            case .keep:
                complete(answering: nil)
            }
        case .opening, .awaitingCode, .attempting, .paying, .declining, .declined, .claiming,
            .completing, .ending:
            break
        }
    }

    private mutating func receiptCalled(
        _ request: RequestID,
        _ row: SaleRow,
        _ attempt: AttemptRow?,
    ) {
        guard let slip = slip(for: row, attempt: attempt, isCopy: true) else {
            answer(request, .problem(.nothingToPrint))
            return
        }
        actions.append(.print(slip))
        answer(request, .accepted(row))
    }

    /// A call about a sale that is over: answered from its row, changing nothing.
    private mutating func calledAboutPast(
        _ request: RequestID,
        _ call: SaleCall,
        stored: SaleRow?,
        attempts: [AttemptRow],
    ) {
        guard let row = newest(stored) else {
            answer(request, .problem(.notFound))
            return
        }
        switch call {
        case .cancel:
            let isDone = row.state == .cancelled
            answer(request, isDone ? .accepted(row) : .problem(.cannotCancel(row.state)))
        case .claim(let key):
            guard row.state == .delivered else {
                answer(request, .problem(nothingToRelease(row)))
                return
            }
            answer(request, row.claimKey == key ? taken(row) : .problem(.alreadyClaimed))
        case .delivered:
            let isDone = row.state == .delivered
            answer(request, isDone ? taken(row) : .problem(nothingToRelease(row)))
            if !isDone { flagLateDelivery(row, attempts.last) }
        case .undelivered:
            switch row.state {
            case .undelivered: answer(request, taken(row))
            case .delivered: answer(request, .problem(.alreadyDelivered))
            case .awaitingCode, .submitting, .confirming, .declined, .cancelling, .paid,
                .delivering, .cancelled, .expired:
                answer(request, .problem(.notPaid(row.state)))
            }
        case .receipt:
            receiptCalled(request, row, attempts.last)
        }
    }

    /// A claim or a report is taken when it is stored: acknowledged earlier, it would be lost with the power (rules A1, A3).
    private func taken(_ row: SaleRow) -> Answer {
        service.unstored.sales[row.id] == nil ? .sale(row) : .problem(.storageFailed)
    }

    /// Why nothing may be released for a sale that is over, or all but.
    private func nothingToRelease(_ row: SaleRow) -> Problem {
        row.paid == nil ? .notPaid(row.state) : .releaseWithdrawn
    }

    mutating func answer(_ request: RequestID, _ answer: Answer) {
        actions.append(.answer(request, answer))
    }
}
