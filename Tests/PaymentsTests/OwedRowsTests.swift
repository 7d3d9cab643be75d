import Testing

@testable import Payments

@Suite("Rows that storage owes (A3)")
struct OwedRowsTests {
    // A disk with a little room stores the small record beside the one that it refuses.
    @Test("Storage is not good while something is owed to it: it is tried until all is stored (A3)")
    func owedRowsKeepTrying() throws {
        let (rig, order) = try RevokeTests.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        rig.commitsAtOnce = false
        _ = rig.answerQuery(order, .notPaid(.refund, transactionID: "1"))
        rig.failCommit()
        for _ in 0..<3 {
            rig.advance(60)
            var tries = 0
            while rig.hasUncommitted, tries < 10 {
                tries += 1
                rig.failCommit()  // the order's end
                rig.commit()  // the record that only asks
            }
            // Once more at once, and then not before the next minute.
            #expect(tries == 2)
            #expect(rig.till.reasons == [.storage])
        }
        rig.commitsAtOnce = true
        #expect(rig.advance(60).events.map(\.kind) == [.moneyReturned])
        #expect(rig.till.revokeQueue.count == 0)
        #expect(rig.till.reasons.isEmpty)
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test("What came to be owed while storage was tried again is stored at once (A3)")
    func owedMeanwhile() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        rig.commitsAtOnce = false
        _ = rig.call(.claim(key: "a"))
        _ = rig.call(.delivered)
        rig.failCommit()  // the claim
        rig.advance(60)  // storage is tried with what is owed so far
        rig.failCommit()  // delivered
        rig.commitsAtOnce = true
        rig.commit()
        #expect(rig.till.reasons.isEmpty)
        #expect(rig.storedSale()?.state == .delivered)
    }

    // Found by the simulation.
    @Test(
        "A sale's end is owed and its attempt turns out to have been charged: what is stored says so (G3)",
        arguments: [true, false]
    )
    func owedTruth(_ isReturned: Bool) throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        rig.commitsAtOnce = false
        _ = rig.answerQuery(order, .orderNotExist)
        rig.failCommit()
        rig.commitsAtOnce = true
        rig.advance(15.1)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        let verdict: QueryVerdict =
            isReturned ? .notPaid(.refund, transactionID: "1") : .paid(proof)
        _ = rig.answerQuery(order, verdict)
        #expect(rig.till.revokeQueue.count == (isReturned ? 0 : 1))
        rig.advance(60)
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedSale()?.truth == "being-returned")
        #expect(rig.log.events.allSatisfy { $0.truth != "nothing-taken" })
    }

    // Found by the simulation (seed 30773).
    @Test(
        "What failed earlier is not stored behind a newer word that is on its way (A3)",
        arguments: [true, false]
    )
    func newerWordUnderWay(_ isPaid: Bool) throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.commitsAtOnce = false
        rig.advance(10.1)
        rig.failCommit()  // confirming
        let verdict: QueryVerdict =
            isPaid ? .paid(proof) : .notPaid(.userPaying, transactionID: nil)
        _ = rig.answerQuery(order, verdict)
        // The disk hangs from here on, over more than one try of what is owed.
        rig.advance(130)
        for _ in 0..<10 where rig.hasUncommitted { rig.commit() }
        rig.commitsAtOnce = true
        let sale = rig.storedSale()?.state
        #expect(sale == (isPaid ? .paid : .expired), "\(String(describing: sale))")
        let attempt = rig.storedAttempt(order)?.state
        #expect(attempt == (isPaid ? .paid : .revoking), "\(String(describing: attempt))")
        #expect(rig.till.reasons.isEmpty)
    }

    @Test("What was stored later is not overwritten by what failed earlier")
    func noOlderWord() throws {
        let rig = TillRig { $0.sale.deliveryWait = .seconds(10) }
        let order = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.reply(order, .paid(proof))
        rig.failCommit()
        rig.commitsAtOnce = true
        rig.advance(15.1)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        _ = rig.answerQuery(order, .notPaid(.refund, transactionID: "1"))
        #expect(rig.storedAttempt(order)?.state == .undone)
        rig.advance(60)
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedAttempt(order)?.state == .undone)
        #expect(rig.storedRevoke(order)?.settled != nil)
    }

    // Found by the simulation: the older word was stored after the settled one and opened the order again.
    @Test(
        "What is owed of an order that has settled meanwhile is its end, not its beginning (C3, A3)"
    )
    func settledWhileOwed() throws {
        for isEndUnderWay in [false, true] {
            let rig = TillRig()
            let order = try rig.submit()
            _ = rig.reply(order, .passwordNeeded)
            rig.commitsAtOnce = false
            _ = rig.call(.cancel)
            rig.failCommit()
            #expect(rig.advance(15.1).reversed == [order])
            rig.send(.reverseEnded(order, .accepted(recall: false)))
            rig.advance(0.3)
            _ = rig.answerQuery(order, .notPaid(.closed, transactionID: nil))
            rig.failCommit()
            if !isEndUnderWay { rig.failCommit() }
            rig.advance(60)
            rig.commitsAtOnce = true
            while rig.hasUncommitted { rig.commit() }
            rig.advance(120)
            #expect(rig.storedRevoke(order)?.settled != nil)
            #expect(rig.storedAttempt(order)?.state == .undone)
            #expect(rig.till.revokeQueue.count == 0)
            #expect(rig.till.reasons.isEmpty)
        }
    }

    @Test("A step's earlier record does not take a settled order out of the queue (C6)")
    func settledBehindAnEarlierStep() throws {
        let (rig, order) = try RevokeTests.queued()
        rig.advance(0.2)
        rig.commitsAtOnce = false
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        _ = rig.answerQuery(order, .notPaid(.closed, transactionID: nil))
        rig.commit()  // the accepted revoke
        rig.failCommit()  // settled
        #expect(rig.till.revokeQueue.count == 1)
        rig.commitsAtOnce = true
        rig.advance(60)
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test("What fails while storage is being tried again is not forgotten")
    func failsDuringRetry() throws {
        let rig = TillRig()
        let first = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.call(.cancel)
        rig.failCommit()
        _ = rig.reply(first, .unknown(.noReply(reason: "aborted")))
        rig.advance(60)
        #expect(rig.hasUncommitted)
        rig.failCommit()
        rig.advance(60)
        rig.commitsAtOnce = true
        rig.commit()
        #expect(rig.storedSale()?.state == .cancelled)
        #expect(rig.till.reasons.isEmpty)
    }

    // Found by the simulation: the settled row of the queue alone was kept, and the order stayed open without an owner.
    @Test("A late report about an order whose end is owed stores that end whole (C6, D1)")
    func lateReportOfOwedEnd() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        rig.advance(60)
        let sale = try #require(rig.storedSale())
        let attempts = [try #require(rig.storedAttempt(order))]
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        rig.commitsAtOnce = false
        _ = rig.answerQuery(order, .notPaid(.revoked, transactionID: "1"))
        rig.failCommit()
        rig.send(
            .saleCalled(RequestID(5), sale.id, .delivered, stored: sale, attempts: attempts)
        )
        rig.commitsAtOnce = true
        rig.advance(61)
        #expect(rig.log.events.contains { $0.kind == .flagged })
        var ends = 0
        for case .record(let record) in rig.log {
            let isSettled = record.rows.contains {
                if case .revoke(let row) = $0 { row.settled != nil } else { false }
            }
            guard isSettled else { continue }
            ends += 1
            let isWhole = record.rows.contains {
                if case .attempt(let row) = $0 { row.state == .undone } else { false }
            }
            #expect(isWhole, "\(record.rows)")
        }
        #expect(ends >= 2)
    }

    @Test(
        "A call for a person is owed once, however often it could not be stored; another one beside it (C4)"
    )
    func callsOnce() {
        let orders = QueuedOrders(2).orders
        let now = QueuedOrders(1).rows.attempts[0].updated
        var owed = UnstoredRows()
        for (id, order) in [orders[0], orders[0], orders[1], orders[0]].enumerated() {
            owed.add(.event(EventRow(id: Int64(id), kind: .flagged, at: now, order: order)))
        }
        owed.add(.event(EventRow(id: 9, kind: .saleChanged, at: now, order: orders[0])))
        #expect(owed.takeCalls().map(\.order) == orders)
        #expect(owed.isEmpty)
    }
}
