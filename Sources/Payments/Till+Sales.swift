/// What applications ask: selling, cancelling, reprinting; releasing is in `Till+Release`.
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
        case .receipt:
            switch sale.phase {
            case .opening, .awaitingCode:
                // No code was taken for it yet.
                answer(request, .problem(.nothingToPrint))
            case .attempting, .paying:
                // While Paid is being stored, nothing on paper may say so (rule D4).
                answer(request, .problem(.outcomeOpen))
            case .declining, .declined, .paid, .claiming, .delivering, .completing, .ending:
                receiptCalled(request, sale.row, sale.lastAttempt)
            }
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

    private mutating func receiptCalled(
        _ request: RequestID,
        _ row: SaleRow,
        _ attempt: AttemptRow?,
    ) {
        guard let slip = slip(for: row, attempt: attempt, isCopy: true) else {
            // "Nothing was taken" is said only where it is known (rule G3).
            let isNothingTaken = row.truth == Truth.nothingTaken.word
            answer(request, .problem(isNothingTaken ? .nothingToPrint : .outcomeOpen))
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
        if let problem = custodyProblem, call.isAboutGoods,
            row.state != .delivered || call == .undelivered
        {
            // Nothing is decided about it, and no row may change, before a person vouches for the journal (rule A5).
            return answer(request, .problem(problem))
        }
        switch call {
        case .cancel:
            let isDone = row.state == .cancelled
            answer(request, isDone ? .accepted(row) : .problem(.cannotCancel(row.state)))
        case .claim(let key):
            pastClaimCalled(request, row, key: key)
        case .delivered:
            pastDeliveredCalled(request, row, attempts)
        case .undelivered:
            pastUndeliveredCalled(request, row, attempts)
        case .receipt:
            // A copy does not know what came later: another attempt, or the money's return (rules A5, G3).
            if let problem = custodyProblem { return answer(request, .problem(problem)) }
            receiptCalled(request, row, slipAttempt(of: row, attempts))
        }
    }

    mutating func answer(_ request: RequestID, _ answer: Answer) {
        actions.append(.answer(request, answer))
    }
}
