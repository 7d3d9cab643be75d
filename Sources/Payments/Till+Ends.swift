/// How a sale ends, and what the payer takes away on paper.
extension Till {
    /// Ends a sale that has no live attempt.
    ///
    /// - Parameter truth: `nil` where a person decides and none of the four is known to be true (rule G3).
    mutating func endSale(
        _ state: SaleState,
        truth: Truth?,
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
        disarm(.claimCheck(sale.row.id))
        sale.row.state = state
        let order = tell(truth, of: &sale) ?? order
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

    /// What the sale says to its payer: not that nothing was taken where an earlier attempt was charged after all (rule G3).
    ///
    /// - Returns: the order of that attempt, which the sale then names as its last.
    @discardableResult
    func tell(_ truth: Truth?, of sale: inout Sale) -> OrderNumber? {
        guard truth == .nothingTaken, let charged = chargedAttempt(of: sale.row.id) else {
            sale.row.truth = truth?.word
            return nil
        }
        sale.row.truth = Truth.beingReturned.word
        sale.lastAttempt = charged
        return charged.order
    }

    /// An attempt of the sale that was told as refused and turned out to have been charged: its money is on its way back, or
    /// back already, and nobody may say any more that nothing was taken (rules B6, G3).
    func chargedAttempt(of sale: SaleID) -> AttemptRow? {
        let charged = revokes.machines(of: sale).filter(\.row.chargeSeen).map(\.attempt)
        let returned = self.sale.map { $0.row.id == sale ? $0.returned : [] } ?? []
        return (returned + charged).firstToTell
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

    /// What the payer takes away on paper, if anything.
    ///
    /// - Parameter payer: masked; known only while the reply is at hand, because it is not stored (rule G1): a copy of a
    ///   receipt does not name the payer.
    func slip(
        for row: SaleRow,
        attempt: AttemptRow?,
        payer: String? = nil,
        isCopy: Bool,
    ) -> Slip? {
        slipKind(row, attempt, payer: payer).map { kind in
            Slip(
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

    /// A receipt for Paid only (rule D4), else the truth (rule G3): as it is by now, if the order has been undone since it was
    /// told.
    private func slipKind(_ row: SaleRow, _ attempt: AttemptRow?, payer: String?) -> Slip.Kind? {
        if let attempt, attempt.isReturned { return .moneyReturned }
        switch row.truth {
        case Truth.paid.word:
            if let attempt, let machine = revokes[attempt.order] {
                guard machine.isParked else {
                    // A person had it tried again, or a recovery found it older than it was: then it may be a person's yet.
                    let isReturning = machine.row.chargeSeen && !machine.row.isAdopted
                    return isReturning ? .notCompleted(.beingReturned, nil) : nil
                }
                // Of any other its money may have gone back, as since a journal was copied (rules A5, G3).
                guard machine.row.parkedReason == ParkedReason.claimedUnreported else {
                    return nil
                }
            }
            guard let transaction = row.transactionID else { return nil }
            return .receipt(
                PaymentProof(
                    transactionID: transaction,
                    paidAtSeconds: attempt?.paidAtSeconds,
                    maskedPayer: payer
                )
            )
        case Truth.nothingTaken.word:
            if chargedAttempt(of: row.id) != nil { return .notCompleted(.beingReturned, nil) }
            // An application tells its payer; a fixed-price kiosk has none (rule B4).
            guard policy.sale.fixedItem != nil else { return nil }
            return .notCompleted(
                .nothingTaken,
                row.reason.flatMap(Refusal.Advice.init(rawValue:))
            )
        case Truth.beingReturned.word:
            return .notCompleted(.beingReturned, nil)
        case Truth.notKnownYetWord:
            guard let attempt else { return nil }
            guard attempt.state == .undone else {
                return .notCompleted(.notKnownYet(attempt.order), nil)
            }
            let isProven = attempt.outcome == AttemptRow.nothingCharged
            return isProven ? .notCompleted(.nothingTaken, nil) : .nothingKept
        default:
            return nil
        }
    }

    /// The attempt that a reprint is about: one that may hold money still, or whose money was taken, if the sale ended without
    /// it, or else the last.
    func slipAttempt(of row: SaleRow, _ attempts: [AttemptRow]) -> AttemptRow? {
        guard row.truth != Truth.paid.word else { return attempts.last }
        let open = revokes.machines(of: row.id).filter { $0.holdsMoney && $0.state != .settled }
        return open.map(\.attempt).firstToTell ?? chargedAttempt(of: row.id)
            ?? attempts.last(where: \.isReturned) ?? attempts.last
    }
}

extension [AttemptRow] {
    /// Of attempts whose money was taken, the one that their sale names: the first of those whose money is not back, so that
    /// nobody reads that it is while another's is not (rule G3).
    var firstToTell: AttemptRow? {
        let sorted = sorted { $0.ordinal < $1.ordinal }
        return sorted.first { !$0.isReturned } ?? sorted.first
    }
}

extension AttemptRow {
    /// Whether its money was taken and is back (rules C3, C5).
    fileprivate var isReturned: Bool { state == .refunded || outcome == Self.returned }
}
