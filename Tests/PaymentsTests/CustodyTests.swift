import Payments
import Testing

/// Journals that are not, or may not be, ours (A5, A6).
@Suite("Journals that were copied, restored or damaged (A5, A6)")
struct CustodyTests {
    /// A journal with one order of every kind: never answered, refused, paid and not claimed, paid and claimed, in the queue.
    struct Copy {
        var rows = OpenRows()
        var unknown: OrderNumber
        var paid: OrderNumber
        var claimed: OrderNumber
        var queued: OrderNumber
        let time: Int64
    }

    static func copied() throws -> Copy {
        func rows(_ run: (TillRig) throws -> OrderNumber, seed: UInt64) throws -> (
            OpenRows, OrderNumber, Int64
        ) {
            let rig = TillRig(seed: seed)
            let order = try run(rig)
            return (RecoveryTests.openRows(rig), order, rig.time)
        }
        let unknown = try rows({ try $0.submit() }, seed: 1)
        let paid = try rows(
            {
                let order = try $0.submit()
                _ = $0.reply(order, .paid(proof))
                return order
            },
            seed: 2
        )
        let claimed = try rows(
            {
                let order = try $0.submit()
                _ = $0.reply(order, .paid(proof))
                _ = $0.call(.claim(key: "a"))
                return order
            },
            seed: 3
        )
        let queued = try rows(
            {
                let order = try $0.submit()
                _ = $0.reply(order, .passwordNeeded)
                _ = $0.call(.cancel)
                return order
            },
            seed: 4
        )
        var all = OpenRows()
        for part in [unknown, paid, claimed, queued] {
            all.sales += part.0.sales
            all.attempts += part.0.attempts
            all.revokes += part.0.revokes
        }
        return Copy(
            rows: all,
            unknown: unknown.1,
            paid: paid.1,
            claimed: claimed.1,
            queued: queued.1,
            time: queued.2
        )
    }

    @Test(
        "A copy sells nothing, revokes nothing, releases nothing, changes no row; it only looks (A5)"
    )
    func copy() throws {
        let copy = try Self.copied()
        let rig = TillRig(rows: copy.rows, time: copy.time, custody: .foreign)
        #expect(rig.till.reasons == [.adoption])
        #expect(rig.till.revokeQueue.activity == .lookingOnly)
        guard case .problem(.notReady([.adoption]))? = rig.ask() else {
            Issue.record("it sells")
            return
        }
        for _ in 0..<200 {
            for order in rig.advance(10).queries { _ = rig.answerQuery(order, .paid(proof)) }
        }
        let orders = [copy.unknown, copy.paid, copy.claimed, copy.queued]
        #expect(Set(rig.log.queries) == Set(orders))
        #expect(rig.log.reversed.isEmpty && rig.log.refunded.isEmpty)
        #expect(rig.log.events.isEmpty && rig.log.slips.isEmpty)
        #expect(rig.journal.isEmpty)
        // What was heard is there for the person who decides.
        #expect(rig.till.revokeEntries(limit: 9).allSatisfy { $0.row.lastAnswer == "SUCCESS" })
        for order in orders {
            #expect(rig.callRevoke(order, .retry) == .problem(.journalNotAdopted))
            let settle = RevokeCall.settle(.refunded, note: "n", by: "b")
            #expect(rig.callRevoke(order, settle) == .problem(.journalNotAdopted))
        }
        let paid = try #require(copy.rows.sales.first { $0.state == .paid })
        #expect(rig.call(.claim(key: "x"), stored: paid) == .problem(.journalNotAdopted))
    }

    // A report made a stored revoke of a placeholder in the queue: adopted, it sent the money of delivered goods back.
    @Test(
        "A report under a journal that is not ours changes no row, and holds after the adoption (A5, C1)"
    )
    func reported() throws {
        let copy = try Self.copied()
        for isLater in [false, true] {
            let rig = TillRig(rows: copy.rows, time: copy.time, custody: .foreign)
            let attempt = try #require(copy.rows.attempts.first { $0.order == copy.claimed })
            let sale = try #require(copy.rows.sales.first { $0.id == attempt.sale })
            let report = TillEvent.saleCalled(
                RequestID(6),
                sale.id,
                .delivered,
                stored: sale,
                attempts: [attempt]
            )
            for call in [SaleCall.claim(key: "a"), .delivered, .undelivered] {
                let asked = TillEvent.saleCalled(
                    RequestID(5),
                    sale.id,
                    call,
                    stored: sale,
                    attempts: [attempt]
                )
                #expect(rig.send(asked).answer == .problem(.journalNotAdopted))
            }
            #expect(rig.journal.isEmpty)
            rig.send(.journalAdopted)
            #expect(rig.failures == 0)
            let adopted = isLater ? rig.restarted(sameBoot: false) : rig
            #expect(adopted.send(report).events.map(\.reason) == ["delivered-after-parked"])
            for _ in 0..<200 {
                for order in adopted.advance(10).queries {
                    _ = adopted.answerQuery(order, .paid(proof))
                }
            }
            #expect(!adopted.log.steps.contains(copy.claimed))
            #expect(adopted.storedRevoke(copy.claimed)?.parkedReason == "paid-before-adoption")
        }
    }

    @Test("Queries that fail with the network wait behind the breaker here too")
    func copyWithoutNetwork() throws {
        let copy = try Self.copied()
        let rig = TillRig(rows: copy.rows, time: copy.time, custody: .foreign)
        let world = Responder(rig)
        world.outage = 5
        world.run(600)
        #expect(world.sent.count <= 8)
        world.outage = nil
        world.run(120)
        #expect(Set(world.sent.map(\.order)).count == 4)
        #expect(rig.journal.isEmpty)
    }

    @Test("Adopted: sales are on; what is paid goes to a person, the rest is undone as ever (A5)")
    func adopted() throws {
        let copy = try Self.copied()
        let rig = TillRig(rows: copy.rows, time: copy.time, custody: .foreign)
        rig.advance(16)
        rig.send(.journalAdopted)
        #expect(rig.till.reasons.isEmpty)
        #expect(rig.till.custody == .own)
        for order in [copy.paid, copy.claimed] {
            #expect(rig.storedAttempt(order)?.state == .parked)
            #expect(rig.storedRevoke(order)?.parkedReason == "paid-before-adoption")
        }
        #expect(rig.log.events.allSatisfy { $0.kind != .releaseOffered })
        // The money of what was paid then may be back by now (G3).
        #expect(rig.log.events.allSatisfy { $0.truth != "paid" })
        #expect(rig.storedAttempt(copy.unknown)?.state == .revoking)
        #expect(rig.storedRevoke(copy.unknown)?.isAdopted == true)
        // Answers to what was asked before the adoption are nobody's; then each is looked at anew.
        for order in rig.log.queries { _ = rig.answerQuery(order, .orderNotExist) }
        #expect(rig.log.reversed.isEmpty)
        let looked = rig.advance(40).queries
        #expect(Set(looked) == [copy.unknown, copy.queued])
        // It was paid and perhaps delivered after the copy was made: never revoked by itself (C1).
        _ = rig.answerQuery(copy.unknown, .paid(proof))
        #expect(rig.storedRevoke(copy.unknown)?.parkedReason == "paid-before-adoption")
        // A revoke that was decided before the copy goes on.
        let onward = rig.answerQuery(copy.queued, .notPaid(.notPay, transactionID: nil))
        #expect((onward + rig.advance(10)).reversed == [copy.queued])
        guard case .created? = rig.ask() else {
            Issue.record("it does not sell")
            return
        }
    }

    @Test("A restart after the adoption forgets nothing of it (A5, C6)")
    func restartAfterAdoption() throws {
        let copy = try Self.copied()
        let before = TillRig(rows: copy.rows, time: copy.time, custody: .foreign)
        before.send(.journalAdopted)
        let rig = before.restarted(sameBoot: false)
        #expect(rig.till.revokeQueue.parked == 2)
        rig.advance(60)
        #expect(Set(rig.log.queries).contains(copy.unknown))
        #expect(rig.log.reversed.isEmpty)
        _ = rig.answerQuery(copy.unknown, .paid(proof))
        #expect(rig.till.revokeQueue.parked == 3)
    }

    @Test("An application that knows better reports: the goods of a paid sale did not leave (C1)")
    func reportedAfterAdoption() throws {
        let copy = try Self.copied()
        let rig = TillRig(rows: copy.rows, time: copy.time, custody: .foreign)
        rig.send(.journalAdopted)
        let attempt = try #require(rig.storedAttempt(copy.paid))
        let sale = try #require(rig.storedSale(attempt.sale))
        #expect(rig.call(.delivered, stored: sale) == .problem(.releaseParked))
        #expect(rig.call(.undelivered, stored: sale)?.state == .undelivered)
        #expect(rig.storedAttempt(copy.paid)?.state == .revoking)
    }

    @Test("Adopting a journal that is ours changes nothing")
    func adoptedTwice() throws {
        let rig = TillRig()
        #expect(rig.send(.journalAdopted).isEmpty)
        let order = try rig.submit()
        #expect(rig.send(.journalAdopted).isEmpty)
        #expect(rig.reply(order, .paid(proof)).events.map(\.state).contains(.paid))
    }

    @Test(
        "A damaged journal: no sales until the restart after its recovery; adopting is no help (A6)"
    )
    func damaged() {
        let rig = TillRig(custody: .damaged)
        #expect(rig.till.reasons == [.damage])
        rig.send(.journalAdopted)
        #expect(rig.till.reasons == [.damage])
        let order = QueuedOrders(1).orders[0]
        #expect(rig.callRevoke(order, .retry) == .problem(.journalDamaged))
        #expect(rig.log.lights.last == .outOfService)
        #expect(rig.advance(3_600).steps.isEmpty)
        #expect(rig.journal.isEmpty)
    }

    @Test("What a recovery queues as unknown is looked at, and paid it goes to a person (A6)")
    func recovered() throws {
        let queued = QueuedOrders(2, reason: .recovered)
        var rows = queued.rows
        for index in rows.revokes.indices { rows.revokes[index].isAdopted = true }
        let rig = TillRig(rows: rows)
        #expect(rig.till.reasons.isEmpty)
        rig.advance(50)
        #expect(Set(rig.log.queries) == Set(queued.orders) && rig.log.reversed.isEmpty)
        _ = rig.answerQuery(queued.orders[0], .paid(proof))
        _ = rig.answerQuery(queued.orders[1], .orderNotExist)
        #expect(rig.storedRevoke(queued.orders[0])?.parkedReason == "paid-before-adoption")
        #expect(rig.log.reversed == [queued.orders[1]])
    }

    @Test(
        "An order whose amount is lost is a person's: nothing is tried, also not when asked to (A6, B1, C1)"
    )
    func amountLost() throws {
        let queued = QueuedOrders(1, reason: .recovered)
        var rows = queued.rows
        rows.attempts[0].state = .parked
        rows.revokes[0].isAdopted = true
        rows.revokes[0].parked = rows.revokes[0].decided
        rows.revokes[0].parkedReason = "amount-lost"
        for custody in [JournalCustody.own, .foreign] {
            let rig = TillRig(rows: rows, custody: custody)
            if custody == .foreign { rig.send(.journalAdopted) }
            #expect(rig.callRevoke(queued.orders[0], .retry) == .problem(.needsReport))
            #expect(rig.advance(86_400).steps.isEmpty)
            #expect(rig.till.revokeQueue.parked == 1)
            let settle = RevokeCall.settle(.refunded, note: "n", by: "b")
            guard case .revoke? = rig.callRevoke(queued.orders[0], settle) else {
                Issue.record("not settled")
                return
            }
        }
    }

    // Found by the simulation.
    @Test(
        "Of a sale in such a journal nobody is told that nothing was taken: an attempt may be missing (A5, A6, G3)"
    )
    func nothingIsConfirmed() throws {
        let fixed: (inout Policy) -> Void = {
            $0.sale.fixedItem = .init(amount: TillRig.cny(200), description: "Wash")
        }
        let before = TillRig()
        _ = before.ask()
        var rows = RecoveryTests.openRows(before)
        for state in [SaleState.awaitingCode, .declined, .submitting, .confirming] {
            rows.sales[0].state = state
            rows.sales[0].truth = state == .declined ? "nothing-taken" : nil
            let rig = TillRig(fixed, rows: rows, custody: .foreign)
            rig.send(.journalAdopted)
            #expect(rig.storedSale()?.state == .expired)
            #expect(rig.storedSale()?.truth == nil)
            #expect(rig.log.events.map(\.truth) == [nil])
            #expect(rig.log.slips.isEmpty)
        }
    }

    // Found by the simulation.
    @Test(
        "A completed attempt takes the state that its entry of the queue says (A6)",
        arguments: [AttemptState.parked, .refunding, .revoking]
    )
    func completedAttempt(_ state: AttemptState) throws {
        var rows = QueuedOrders(1).rows
        rows.attempts[0].state = .submitted
        let moment = rows.revokes[0].decided
        rows.revokes[0].refundDecided = state == .refunding ? moment : nil
        rows.revokes[0].parked = state == .parked ? moment : nil
        rows.revokes[0].parkedReason = state == .parked ? "revoke-refused X" : nil
        let rig = TillRig(rows: rows)
        #expect(rig.storedAttempt(rows.attempts[0].order)?.state == state)
        #expect(rig.till.revokeQueue.parked == (state == .parked ? 1 : 0))
    }

    @Test("An attempt whose entry of the queue is lost has an owner all the same (A6, C1)")
    func lostEntries() throws {
        for (state, isParked) in [
            (AttemptState.refunding, false), (.parked, true), (.revoking, false),
        ] {
            var rows = QueuedOrders(1).rows
            rows.revokes = []
            rows.attempts[0].state = state
            let rig = TillRig(rows: rows)
            #expect(rig.till.revokeQueue.count == 1)
            #expect(rig.till.revokeQueue.parked == (isParked ? 1 : 0))
            #expect(rig.storedRevoke(rows.attempts[0].order) != nil)
            rig.advance(50)
            #expect(rig.log.steps.isEmpty == isParked)
        }
    }

    // Found by the simulation.
    @Test("What an adoption could not store is told later without a truth, as it was to be (G3)")
    func adoptionNotStored() throws {
        let copy = try Self.copied()
        let rig = TillRig(rows: copy.rows, time: copy.time, custody: .foreign)
        rig.commitsAtOnce = false
        rig.send(.journalAdopted)
        rig.failCommit()
        rig.commitsAtOnce = true
        rig.advance(61)
        let parked = rig.log.events.filter { $0.state == .undelivered }
        #expect(parked.count == 2)
        #expect(parked.allSatisfy { $0.truth == nil })
        let attempt = try #require(rig.storedAttempt(copy.paid))
        #expect(rig.storedSale(attempt.sale)?.truth == "paid")
    }
}
