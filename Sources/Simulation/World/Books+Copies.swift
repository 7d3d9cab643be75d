import Payments

/// The disk's rows as a whole: copied, put back, and what a recovery finds of damaged ones (rules A5, A6). What the platform and
/// the world know stays.
extension Books {
    /// All rows of one moment.
    struct Copy {
        struct OrderRows {
            let file: OrderFile
            let attempt: AttemptRow?
            let revoke: RevokeRow?
            let settlement: SettlementRow?
        }

        let orders: [OrderRows]
        let sales: [(file: SaleFile, row: SaleRow?)]
        let lastEvent: Int64
    }

    func copy() -> Copy {
        Copy(
            orders: orderList.map { file in
                Copy.OrderRows(
                    file: file,
                    attempt: file.attempt,
                    revoke: file.revoke,
                    settlement: file.settlement
                )
            },
            sales: saleList.map { ($0, $0.row) },
            lastEvent: lastEvent
        )
    }

    func putBack(_ copy: Copy) {
        for file in orderList {
            file.attempt = nil
            file.olderAttempts = []
            file.revoke = nil
            file.settlement = nil
        }
        for file in saleList { file.row = nil }
        for rows in copy.orders {
            rows.file.attempt = rows.attempt
            rows.file.revoke = rows.revoke
            rows.file.settlement = rows.settlement
        }
        for sale in copy.sales { sale.file.row = sale.row }
        lastEvent = copy.lastEvent
    }

    // MARK: - Recovery

    /// What events say of an order whose row is lost.
    private struct Trace {
        let amount: Money
        let sale: SaleID
        let state: SaleState?
    }

    /// So many ids lie between the last event found and the next (`Journal.Recovery`).
    private static let eventLeap: Int64 = 1_000_000

    /// Loses some rows, and completes the rest as the journal's recovery does: every attempt has its sale, and every order number
    /// that is found anywhere has an attempt.
    func salvage(_ dice: inout Dice, at now: Moment) {
        let share = dice.pick([2, 5, 20, 100])
        var traces: [OrderNumber: Trace] = [:]
        var states: [SaleID: SaleState] = [:]
        for file in saleList {
            guard let row = file.row, dice.oneIn(share) else { continue }
            if !dice.oneIn(3) { states[file.id] = row.state }
            file.row = nil
        }
        var lost: [OrderFile] = []
        for file in orderList {
            if dice.oneIn(share), file.revoke != nil {
                file.revoke = nil
                file.isEntryLost = true
            }
            if dice.oneIn(share) { file.settlement = nil }
            guard file.attempt != nil else { continue }
            if !file.olderAttempts.isEmpty, dice.oneIn(share) {
                file.attempt = dice.pick(file.olderAttempts)
                file.isOlder = true
            }
            guard dice.oneIn(share) else { continue }
            file.attempt = nil
            // An event that is lost stays so.
            file.isTraceLost = file.isTraceLost || dice.oneIn(3)
            if !file.isTraceLost, let sale = file.firstSale, let amount = file.firstAmount {
                let state = sales[sale]?.row?.state ?? states[sale]
                traces[file.order] = Trace(amount: amount, sale: sale, state: state)
            }
            // An index holds the number too, so it mostly outlives its row.
            let isFound = file.revoke != nil || file.settlement != nil || !dice.oneIn(4)
            if isFound { lost.append(file) }
        }
        for file in orderList {
            guard let attempt = file.attempt else { continue }
            makeSale(attempt.sale, attempt.amount, states[attempt.sale], at: attempt.prepared)
        }
        for file in lost { complete(file, traces[file.order], &dice, at: now) }
        for file in orderList {
            end(file, at: now)
            guard let attempt = file.attempt, let revoke = file.revoke, revoke.settled == nil
            else { continue }
            if attempt.state.isFinal { file.revoke?.settled = now }
            if attempt.state == .paid { file.attempt?.state = revoke.attemptState }
        }
        lastEvent += Self.eventLeap
    }

    /// One of which nothing is known counts as over: nobody waits for it, and its attempts decide about the money.
    private func makeSale(_ id: SaleID, _ amount: Money, _ state: SaleState?, at moment: Moment) {
        let file = file(id)
        guard file.row == nil else { return }
        let known = state.flatMap {
            $0.isFinal || $0 == .paid || $0 == .delivering ? $0 : nil
        }
        let row = SaleRow(
            id: id,
            amount: amount,
            description: "",
            reference: nil,
            idempotencyKey: nil,
            bodyHash: nil,
            created: moment,
            state: known ?? .expired,
            updated: moment,
            reason: RevokeReason.recovered.rawValue
        )
        store(Record(id: RecordID(0), rows: [.sale(row)], isUrgent: false))
    }

    private func complete(_ file: OrderFile, _ trace: Trace?, _ dice: inout Dice, at now: Moment) {
        let sale = trace?.sale ?? SaleID(using: &dice)
        let known = trace?.amount ?? sales[sale]?.row?.amount
        guard let amount = known ?? Money(minorUnits: 1, currency: .cny) else { return }
        makeSale(sale, amount, trace?.state, at: now)
        var attempt = AttemptRow(
            order: file.order,
            sale: sale,
            ordinal: 1 + (self.file(sale).orders.compactMap { $0.attempt?.ordinal }.max() ?? 0),
            amount: amount,
            fingerprint: CodeFingerprint("lost"),
            prepared: now,
            state: .submitted,
            updated: now,
            verdict: RevokeReason.recovered.rawValue
        )
        var rows: [Row] = []
        file.isRemade = true
        if let settlement = file.settlement {
            attempt.state = settlement.outcome.attemptState
            attempt.outcome = settlement.outcome.attemptOutcome
        } else if let revoke = file.revoke, revoke.settled != nil, revoke.parked != nil,
            trace == nil || !file.wasToldReturned
        {
            attempt.state = .parked
            rows.append(.revoke(parked(file, ParkedReason.entryLost, at: now)))
        } else if file.revoke?.settled != nil || trace != nil && file.wasToldReturned {
            file.isEndGuessed = true
            attempt.state = .undone
            attempt.outcome =
                trace != nil && file.wasToldReturned ? AttemptRow.returned : file.revoke?.outcome
        } else if trace != nil, file.wasPaid, sales[sale]?.row?.state == .delivered {
            attempt.state = .paid
        } else if known == nil {
            attempt.state = .parked
            rows.append(.revoke(parked(file, ParkedReason.amountLost, at: now)))
        }
        store(Record(id: RecordID(0), rows: [.attempt(attempt)] + rows, isUrgent: false))
    }

    /// An attempt found open beside the settled row of its order, or a person's word, is an older version.
    private func end(_ file: OrderFile, at now: Moment) {
        guard var attempt = file.attempt, !attempt.state.isFinal else { return }
        if let settlement = file.settlement {
            attempt.state = settlement.outcome.attemptState
            attempt.outcome = settlement.outcome.attemptOutcome
        } else if let revoke = file.revoke, revoke.settled != nil {
            let isBack = file.wasToldReturned && !file.isTraceLost
            if revoke.parked != nil, !isBack {
                attempt.state = .parked
                file.revoke = parked(file, ParkedReason.entryLost, at: now)
            } else {
                attempt.state = revoke.refundDecided == nil ? .undone : .refunded
                attempt.outcome = isBack ? AttemptRow.returned : revoke.outcome
            }
        } else {
            return
        }
        attempt.updated = now
        file.attempt = attempt
    }

    /// No reply could prove how an order stands whose amount nobody knows (rule B1).
    private func parked(_ file: OrderFile, _ reason: String, at now: Moment) -> RevokeRow {
        var row =
            file.revoke
            ?? RevokeRow(
                order: file.order,
                reason: RevokeReason.recovered.rawValue,
                decided: now,
                due: now,
                isAdopted: true
            )
        row.needsPerson = true
        row.parked = now
        row.isAdopted = true
        row.settled = nil
        row.parkedReason = reason
        return row
    }
}
