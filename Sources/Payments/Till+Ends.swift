/// How a sale ends, and what the payer takes away on paper.
extension Till {
    /// Ends a sale that has no live attempt.
    mutating func endSale(
        _ state: SaleState,
        truth: Truth,
        reason: String?,
        rows: [Row] = [],
        parking parked: RevokeEntry? = nil,
        order: OrderNumber? = nil,
        answering request: RequestID? = nil,
    ) {
        guard var sale else { return }
        disarm(.codeWait(sale.row.id))
        disarm(.deliveryWait(sale.row.id))
        disarm(.unreportedWait(sale.row.id))
        sale.row.state = state
        sale.row.truth = truth.word
        var order = order
        if truth == .nothingTaken, let charged = chargedAttempt(of: sale.row.id) {
            sale.row.truth = Truth.beingReturned.word
            sale.lastAttempt = charged
            order = charged.order
        }
        sale.row.reason = reason
        sale.row.updated = now
        sale.phase = .ending(records.upcoming)
        self.sale = sale
        showResult(.declined)
        var rows = rows
        var events = [event(.saleChanged, sale.row, order: order)]
        if let parked {
            rows += [.attempt(parked.attempt), .revoke(parked.row)]
            events.append(event(.parked, of: parked.attempt, reason: parked.row.parkedReason))
        }
        record(
            [.sale(sale.row)] + rows,
            events: events,
            answers: request.map { [($0, .sale(sale.row))] } ?? [],
            after: .ended
        )
    }

    /// An attempt of the sale that was told as refused and turned out to have been charged: its money is on its way back,
    /// and nobody may say any more that nothing was taken (rules B6, G3).
    func chargedAttempt(of sale: SaleID) -> AttemptRow? {
        revokes.machines(of: sale).filter(\.row.chargeSeen)
            .map(\.attempt).min { $0.ordinal < $1.ordinal }
    }

    mutating func saleEnded() {
        guard let sale else { return }
        switch sale.phase {
        case .ending, .completing: break
        case .opening, .awaitingCode, .attempting, .paying, .declining, .declined, .paid,
            .claiming, .delivering:
            return
        }
        printEnd(of: sale)
        leave(sale)
    }

    /// What the payer takes away when the sale is over. A receipt was printed when it was paid: a second one would have to
    /// say so (rule D4).
    mutating func printEnd(of sale: Sale) {
        guard sale.row.truth != Truth.paid.word else { return }
        printSlip(of: sale.row, sale.lastAttempt)
    }

    mutating func printSlip(of row: SaleRow, _ attempt: AttemptRow?) {
        guard let slip = slip(for: row, attempt: attempt, isCopy: false) else { return }
        actions.append(.print(slip))
    }

    /// The sale is over, stored or owed to the journal.
    mutating func leave(_ sale: Sale) {
        disarm(.codeWait(sale.row.id))
        disarm(.unreportedWait(sale.row.id))
        lastSale = sale.row
        self.sale = nil
        rest()
    }

    /// The newest word on a sale that is over: what was read from the journal may be older than its end, and its end may
    /// be owed to the journal.
    func newest(_ stored: SaleRow?) -> SaleRow? {
        guard let id = stored?.id else { return nil }
        return service.unstored.sales[id] ?? (lastSale?.id == id ? lastSale : stored)
    }

    /// What the payer takes away on paper: a receipt for Paid only (rule D4), else the truth told (rule G3), if money
    /// may have moved.
    func slip(for row: SaleRow, attempt: AttemptRow?, isCopy: Bool) -> Slip? {
        let kind: Slip.Kind
        switch row.truth {
        case Truth.paid.word:
            guard let transaction = row.transactionID else { return nil }
            kind = .receipt(
                PaymentProof(
                    transactionID: transaction,
                    paidAtSeconds: attempt?.paidAtSeconds,
                    maskedPayer: nil
                )
            )
        case Truth.beingReturned.word:
            kind = .notCompleted(.beingReturned, nil)
        case "not-known-yet":
            guard let order = attempt?.order else { return nil }
            kind = .notCompleted(.notKnownYet(order), nil)
        default:
            return nil
        }
        return Slip(
            kind: kind,
            sale: row.id,
            order: attempt?.order,
            amount: row.amount,
            description: row.description,
            made: now.wall,
            isCopy: isCopy
        )
    }
}
