import Payments
import Testing

@Suite("After a restart (A1, C6, D3)")
struct RecoveryTests {
    /// What a journal hands out after the rig's rows, and no more, for a till that starts anew.
    static func openRows(_ rig: TillRig) -> OpenRows {
        var sales: [SaleID: SaleRow] = [:]
        var attempts: [OrderNumber: AttemptRow] = [:]
        var revokes: [OrderNumber: RevokeRow] = [:]
        var last: Int64 = 0
        for row in rig.journal {
            switch row {
            case .sale(let sale): sales[sale.id] = sale
            case .attempt(let attempt): attempts[attempt.order] = attempt
            case .revoke(let revoke): revokes[revoke.order] = revoke
            case .settlement: break
            case .event(let event): last = event.id
            }
        }
        let open = attempts.values.filter { attempt in
            attempt.state == .paid
                ? sales[attempt.sale]?.state != .delivered : !attempt.state.isFinal
        }
        let owners = Set(open.map(\.sale))
        let recent = attempts.values.filter { attempt in
            attempt.prepared.age(at: rig.now).map { $0 <= rig.till.policy.timing.codeMemory }
                ?? false
        }
        let ofOpenSales = attempts.values.filter { sales[$0.sale]?.state.isFinal == false }
        return OpenRows(
            sales: sales.values.filter { !$0.state.isFinal || owners.contains($0.id) }
                .sorted { $0.id < $1.id },
            attempts: Set(open + recent + ofOpenSales).sorted { $0.order < $1.order },
            revokes: revokes.values.filter { $0.settled == nil }.sorted { $0.order < $1.order },
            lastEventID: last
        )
    }

    @Test("Delivered a minute before the restart: its code is remembered, its money stays (C1, B8)")
    func delivered() throws {
        let before = TillRig()
        let order = try before.submit()
        _ = before.reply(order, .paid(proof))
        _ = before.call(.delivered)
        before.advance(60)
        let rows = Self.openRows(before)
        #expect(rows.attempts.map(\.order) == [order])
        #expect(rows.sales.isEmpty)
        let rig = TillRig(rows: rows)
        #expect(rig.till.revokeQueue.count == 0)
        let later = rig.advance(60)
        #expect(later.queries.isEmpty && later.reversed.isEmpty)
    }

    @Test("An attempt found prepared counts as submitted: query, then revoke (A1)")
    func prepared() throws {
        let before = TillRig()
        let order = try before.submit()
        let rig = TillRig(rows: Self.openRows(before))
        #expect(rig.till.activeSale == nil)
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedSale()?.truth == "not-known-yet")
        #expect(rig.storedAttempt(order)?.state == .revoking)
        #expect(rig.log.slips.count == 1)
        #expect(rig.advance(14.9).queries.isEmpty)
        #expect(rig.advance(0.2).queries == [order])
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.advance(5).reversed == [order])
        #expect(rig.till.activeSale == nil)
    }

    @Test("Events go on numbering where they stopped")
    func numbering() throws {
        let before = TillRig()
        _ = try before.submit()
        let rows = Self.openRows(before)
        let rig = TillRig(rows: rows)
        #expect(rig.log.events.map(\.id).first == rows.lastEventID + 1)
    }

    @Test(
        "Paid and not claimed: offered again inside the window of the same boot, else revoked (D3)"
    )
    func paid() throws {
        let before = TillRig()
        let order = try before.submit()
        _ = before.reply(order, .paid(proof))
        let rows = Self.openRows(before)

        let again = TillRig(rows: rows)
        #expect(again.till.activeSale?.state == .paid)
        #expect(again.log.events.map(\.kind).contains(.releaseOffered))
        #expect(again.call(.claim(key: "a"))?.state == .delivering)

        let late = TillRig(rows: rows)
        late.advance(60)
        #expect(late.storedSale()?.state == .undelivered)

        var elsewhere = rows
        elsewhere.sales = elsewhere.sales.map { row in
            var row = row
            row.paid = Moment(
                boot: BootTime(nanoseconds: 1),
                bootID: BootID("other"),
                wall: before.now.wall
            )
            return row
        }
        let other = TillRig(rows: elsewhere)
        #expect(other.storedSale()?.state == .undelivered)
        #expect(other.storedRevoke(order)?.chargeSeen == true)
    }

    @Test(
        "Claimed and a restart: the policy decides (D3)",
        arguments: SalePolicy.ClaimedUnreported.allCases
    )
    func claimed(_ policy: SalePolicy.ClaimedUnreported) throws {
        let before = TillRig()
        let order = try before.submit()
        _ = before.reply(order, .paid(proof))
        _ = before.call(.claim(key: "a"))
        let rig = TillRig({ $0.sale.claimedUnreported = policy }, rows: Self.openRows(before))
        switch policy {
        case .ask:
            #expect(rig.till.activeSale?.state == .delivering)
            #expect(rig.log.events.map(\.kind) == [.releaseUnreported])
            #expect(rig.call(.delivered)?.state == .delivered)
            #expect(rig.advance(60).queries.isEmpty)
        case .refund:
            #expect(rig.storedSale()?.state == .undelivered)
            #expect(rig.storedAttempt(order)?.state == .revoking)
        case .keep:
            #expect(rig.saleState == .delivering)
            #expect(rig.advance(15).queries == [order])
            _ = rig.answerQuery(order, .paid(proof))
            #expect(rig.storedSale()?.state == .delivered)
            #expect(rig.till.unsettledCount == 0)
            // The payer has the receipt; another one would have to be marked as a copy (D4).
            #expect(rig.log.slips.isEmpty)
        }
    }

    @Test(
        "A queue entry goes on where it was; across boots the fifteen seconds begin anew (C2, C6)"
    )
    func queue() throws {
        let before = TillRig()
        let order = try before.submit()
        _ = before.reply(order, .unknown(.platform(code: "X")))
        _ = before.call(.cancel)
        before.advance(15.1)
        before.send(.reverseEnded(order, .accepted(recall: false)))
        var rows = Self.openRows(before)
        #expect(rows.revokes.first?.tries == 1)
        rows.revokes = rows.revokes.map { row in
            var row = row
            row.due = Moment(
                boot: BootTime(nanoseconds: 1),
                bootID: BootID("other"),
                wall: before.now.wall
            )
            return row
        }
        let rig = TillRig(rows: rows)
        let actions = rig.advance(60)
        #expect(actions.queries == [order])
        _ = rig.answerQuery(order, .notPaid(.revoked, transactionID: nil))
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test("A revoke decided just before the restart waits its fifteen seconds anew (C2)")
    func decidedJustBefore() throws {
        let before = TillRig()
        let order = try before.submit()
        _ = before.call(.cancel)
        before.advance(14)
        let rig = TillRig(rows: Self.openRows(before), time: before.time)
        #expect(rig.advance(14.9).queries.isEmpty)
        #expect(rig.advance(0.2).queries == [order])
    }

    @Test("autoDeliver: Paid is delivered, also when the restart came between the two (D3)")
    func autoDeliver() throws {
        let before = TillRig()
        let order = try before.submit()
        _ = before.reply(order, .paid(proof))
        let rows = Self.openRows(before)
        let rig = TillRig({ $0.sale.autoDeliver = true }, rows: rows, time: before.time)
        #expect(rig.storedSale()?.state == .delivered)
        #expect(rig.till.activeSale == nil)
        #expect(rig.advance(120).reversed.isEmpty)
        // Outside the window nobody can say that the payer got anything: the money goes back.
        let late = TillRig(
            { $0.sale.autoDeliver = true },
            rows: rows,
            time: before.time + 60_000_000_000
        )
        #expect(late.storedSale()?.state == .undelivered)
        #expect(late.storedRevoke(order) != nil)
    }

    @Test("A sale found cancelling is cancelled; its attempt has an owner (B9, C1)")
    func cancelling() throws {
        let before = TillRig()
        let order = try before.submit()
        var rows = Self.openRows(before)
        rows.sales = rows.sales.map { row in
            var row = row
            row.state = .cancelling
            return row
        }
        let rig = TillRig(rows: rows)
        #expect(rig.storedSale()?.state == .cancelled)
        #expect(rig.storedSale()?.truth == "not-known-yet")
        #expect(rig.storedAttempt(order)?.state == .revoking)
    }

    @Test("A code shown just before the restart is still the same presentation (B8)")
    func sameCode() throws {
        let before = TillRig()
        _ = try before.submit()
        let rig = TillRig(rows: Self.openRows(before))
        _ = rig.ask()
        #expect(rig.scan().notices == [.alreadyRead])
    }

    @Test("A waiting sale is over after a restart: nothing was taken")
    func waiting() {
        let before = TillRig()
        _ = before.ask()
        let rig = TillRig(rows: Self.openRows(before))
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedSale()?.truth == "nothing-taken")
        #expect(rig.storedSale()?.reason == "restart")
    }

    // Found by the simulation: a settled revoke was opened again, and the sale could end as delivered without its money.
    @Test(
        "A sale whose end could not be stored is over: its money went back (A3, C3)",
        arguments: SalePolicy.ClaimedUnreported.allCases,
        [true, false]
    )
    func endNotStored(_ policy: SalePolicy.ClaimedUnreported, isSettled: Bool) throws {
        let before = TillRig {
            $0.sale.claimedUnreported = policy
            $0.sale.deliveryWait = .seconds(20)
        }
        let order = try before.submit()
        _ = before.reply(order, .paid(proof))
        before.commitsAtOnce = false
        _ = before.call(.claim(key: "a"))
        before.failCommit()
        before.commitsAtOnce = true
        #expect(before.advance(20.1).reversed == [order])
        before.send(.reverseEnded(order, .accepted(recall: false)))
        if isSettled {
            before.advance(0.3)
            _ = before.answerQuery(order, .notPaid(.refund, transactionID: "1"))
            #expect(before.storedAttempt(order)?.state == .undone)
        } else {
            // The attempt says so with the first step, and not only when all that is owed can be stored.
            #expect(before.storedAttempt(order)?.state == .revoking)
        }
        #expect(before.storedSale()?.state == .paid)
        for sameBoot in [true, false] {
            let rig = before.restarted(sameBoot: sameBoot)
            #expect(rig.till.activeSale == nil)
            #expect(rig.storedSale()?.state == .undelivered)
            #expect(rig.storedSale()?.truth == "being-returned")
            #expect(rig.till.revokeQueue.count == (isSettled ? 0 : 1))
            #expect(rig.log.events.map(\.kind) == [.saleChanged])
            #expect(rig.storedAttempt(order)?.state == (isSettled ? .undone : .revoking))
        }
    }

    // Found by the simulation: a sale whose money had been taken and given back was told that nothing was taken.
    @Test(
        "A sale found without a verdict tells the truth about attempts that ended meanwhile (G3, A3)",
        arguments: [
            (TradeState.revoked, "1" as String?, "being-returned"), (.closed, nil, "not-known-yet"),
            (.notPay, nil, "not-known-yet"),
        ]
    )
    func endedMeanwhile(_ state: TradeState, _ transaction: String?, _ truth: String) throws {
        let before = TillRig()
        let order = try before.submit()
        _ = before.reply(order, .passwordNeeded)
        before.commitsAtOnce = false
        _ = before.call(.cancel)
        before.failCommit()
        before.commitsAtOnce = true
        #expect(before.advance(15.1).reversed == [order])
        before.send(.reverseEnded(order, .accepted(recall: false)))
        before.advance(0.3)
        _ = before.answerQuery(order, .notPaid(state, transactionID: transaction))
        before.advance(0)
        #expect(before.storedSale()?.state == .confirming)
        let rig = before.restarted(sameBoot: false)
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedSale()?.truth == truth)
        #expect(rig.till.revokeQueue.count == (state == .notPay ? 1 : 0))
    }

    // Found by the simulation: the attempt went from polling to undone.
    @Test("An attempt that is being undone and does not say so yet says so after the restart (A3)")
    func attemptLeftBehind() throws {
        let before = TillRig()
        let order = try before.submit()
        _ = before.reply(order, .passwordNeeded)
        _ = before.call(.cancel)
        before.advance(15.1)
        before.send(.reverseEnded(order, .accepted(recall: false)))
        var rows = Self.openRows(before)
        rows.attempts[0].state = .polling
        let rig = TillRig(rows: rows)
        #expect(rig.storedAttempt(order)?.state == .revoking)
        #expect(rig.till.revokeQueue.count == 1)
    }

    @Test("A parked order whose sale could not be stored stays its person's (D3, A3)")
    func parkedLeftBehind() throws {
        let (before, order, _) = try ReleaseTests.parked()
        var rows = Self.openRows(before)
        for index in rows.sales.indices { rows.sales[index].state = .delivering }
        let rig = TillRig(rows: rows)
        #expect(rig.till.activeSale == nil)
        #expect(rig.storedSale()?.state == .undelivered)
        #expect(rig.storedSale()?.truth == "paid")
        #expect(rig.till.revokeQueue.parked == 1)
        #expect(rig.advance(3_600).steps.isEmpty)
        #expect(rig.log.slips.isEmpty)
        #expect(rig.till.flaggedOrders == [order])
    }

    // Found by the simulation: the slip said that the money is back while a later code had been charged.
    @Test(
        "An attempt that nobody knows of comes before one whose money is back, on every slip (G3)",
        arguments: [false, true]
    )
    func unknownAfterReturned(_ endsFirst: Bool) throws {
        let (before, first) = try Self.returned()
        let second = try before.submit("131111111111111111")
        _ = before.reply(second, .passwordNeeded)
        if endsFirst { before.advance(60) }
        let rig = endsFirst ? before : before.restarted(sameBoot: false)
        let sale = try #require(rig.storedSale())
        #expect(sale.state == .expired && sale.truth == "not-known-yet")
        #expect(rig.log.slips.map(\.kind) == [.notCompleted(.notKnownYet(second), nil)])
        #expect(rig.log.events.last { $0.state == .expired }?.order == second)
        let attempts = try [first, second].map { try #require(rig.storedAttempt($0)) }
        let copy = rig.send(
            .saleCalled(RequestID(9), sale.id, .receipt, stored: sale, attempts: attempts)
        )
        #expect(copy.slips.map(\.kind) == [.notCompleted(.notKnownYet(second), nil)])
    }

    @Test(
        "Two charged behind their refusals, one of them back: no slip says that the money is (G3)",
        arguments: [false, true]
    )
    func oneOfTwoReturned(_ endsFirst: Bool) throws {
        let (before, _) = try Self.returned()
        let second = try before.submit("131111111111111111")
        _ = before.reply(second, .refused(notEnough))
        _ = before.answerQuery(second, .orderNotExist)
        before.advance(15.1)
        before.send(.reverseEnded(second, .accepted(recall: false)))
        before.advance(0.3)
        _ = before.answerQuery(second, .paid(proof))
        if endsFirst { before.advance(120) }
        let rig = endsFirst ? before : before.restarted(sameBoot: false)
        #expect(rig.storedSale()?.truth == "being-returned")
        #expect(rig.log.slips.map(\.kind) == [.notCompleted(.beingReturned, nil)])
        #expect(rig.log.slips.map(\.order) == [second])
    }

    /// A sale whose first code was refused, charged all the same and given back, and that takes another.
    static func returned() throws -> (TillRig, OrderNumber) {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        _ = rig.answerQuery(order, .orderNotExist)
        rig.advance(15.1)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        _ = rig.answerQuery(order, .notPaid(.refund, transactionID: "1"))
        #expect(rig.storedAttempt(order)?.outcome == "returned")
        return (rig, order)
    }
}
