import Payments
import Testing

@Suite("Rows that cannot be stored (A3)")
struct StorageTests {
    @Test(
        "No storage, no sale: nothing is submitted, the kiosk says why, and storage comes back (A3)"
    )
    func storage() {
        let rig = TillRig()
        _ = rig.ask()
        rig.commitsAtOnce = false
        rig.scan()
        rig.failCommit()
        #expect(rig.log.submitted == nil)
        #expect(rig.till.reasons == [.storage])
        #expect(rig.till.activeSale == nil)
        #expect(rig.log.lights.last == .outOfService)
        rig.advance(60)
        #expect(rig.hasUncommitted)
        rig.failCommit()
        rig.advance(60)
        rig.commit()
        #expect(rig.till.reasons.isEmpty)
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedSale()?.reason == "storage")
    }

    @Test("Paid cannot be committed: no goods, being returned, revoked without a new row (A3)")
    func paidNotStored() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.reply(order, .paid(proof))
        let start = rig.log.count
        rig.failCommit()
        let actions = Array(rig.log[start...])
        #expect(actions.slips.map(\.kind) == [.notCompleted(.beingReturned, nil)])
        #expect(actions.events.isEmpty)
        #expect(actions.notices.map(\.word) == ["ended-expired"])
        // The failed commit may be found after a restart, which would offer the goods for a minute (D3).
        #expect(rig.advance(59.9).reversed.isEmpty)
        #expect(rig.advance(0.2).reversed == [order])
        #expect(rig.log.lights.contains(.approved) == false)
    }

    @Test("Event ids have no gap and no double after failures, whatever is under way")
    func eventIDs() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.reply(order, .paid(proof))
        _ = rig.call(.cancel)
        rig.failCommit()  // Paid; the end is still under way with a later id
        rig.advance(60)  // storage is tried again with the id that is free
        rig.commitsAtOnce = true
        rig.commit()  // the end is refused
        #expect(rig.failures == 2)
        #expect(rig.till.reasons.isEmpty)
        guard case .created? = rig.ask() else {
            Issue.record("no sale")
            return
        }
        #expect(rig.failures == 2)
        let ids = rig.journal.compactMap { if case .event(let row) = $0 { row.id } else { nil } }
        #expect(ids == Array(1...Int64(ids.count)))
    }

    @Test("A claim that is not stored is no claim: refused, revoked (D1, A3)")
    func claimNotStored() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        rig.commitsAtOnce = false
        #expect(rig.call(.claim(key: "a")) == nil)
        let start = rig.log.count
        rig.failCommit()
        let told = Array(rig.log[start...])
        #expect(told.answer == .problem(.storageFailed))
        #expect(told.slips.map(\.kind) == [.notCompleted(.beingReturned, nil)])
        // The journal says Paid: a restart would offer the goods for a minute, so the money stays as long (D3).
        #expect(rig.advance(59).reversed.isEmpty)
        #expect(rig.advance(1.1).reversed == [order])
    }

    @Test("The sale's end cannot be stored: the payer still gets the slip, the rows follow (G3)")
    func endNotStored() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.call(.cancel)
        let start = rig.log.count
        rig.failCommit()
        let told = Array(rig.log[start...])
        #expect(told.slips.map(\.kind) == [.notCompleted(.notKnownYet(order), nil)])
        #expect(told.notices.map(\.word) == ["ended-cancelled"])
        rig.commitsAtOnce = true
        rig.advance(60)
        #expect(rig.storedSale()?.state == .cancelled)
        #expect(rig.storedAttempt(order)?.state == .revoking)
        #expect(rig.storedRevoke(order) != nil)
        #expect(rig.till.reasons.isEmpty)
    }

    @Test("A refusal that cannot be stored ends the sale; its revoke follows all the same (C1)")
    func refusalNotStored() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.reply(order, .refused(notEnough))
        _ = rig.answerQuery(order, .orderNotExist)
        rig.failCommit()
        #expect(rig.till.activeSale == nil)
        rig.commitsAtOnce = true
        #expect(rig.advance(15.1).reversed == [order])
        rig.advance(45)
        #expect(rig.storedSale()?.truth == "nothing-taken")
        #expect(rig.storedAttempt(order)?.state == .revoking)
    }

    @Test(
        "A settled order whose record fails is not forgotten: stored and told once storage is back"
    )
    func settledNotStored() throws {
        let (rig, order) = try RevokeTests.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        rig.commitsAtOnce = false
        _ = rig.answerQuery(order, .notPaid(.refund, transactionID: "1"))
        rig.failCommit()
        #expect(rig.till.revokeQueue.count == 1)
        rig.commitsAtOnce = true
        let back = rig.advance(60)
        #expect(back.events.map(\.kind) == [.moneyReturned])
        #expect(rig.storedAttempt(order)?.state == .undone)
        #expect(rig.till.revokeQueue.count == 0)
        #expect(rig.till.reasons.isEmpty)
    }

    @Test(
        "The sale's end cannot be stored, and an earlier refused attempt was charged: the payer reads so (G3)"
    )
    func chargedAndNotStored() throws {
        let rig = TillRig()
        let first = try rig.refuseAndReverse()
        _ = rig.answerQuery(first, .paid(proof))
        rig.commitsAtOnce = false
        rig.scan("131111111111111111")
        let start = rig.log.count
        rig.failCommit()
        let told = Array(rig.log[start...])
        guard case .ended(let row, let order)? = told.notices.first else {
            Issue.record("not told")
            return
        }
        #expect(row.truth == "being-returned" && order == first)
        #expect(told.slips.map(\.kind) == [.notCompleted(.beingReturned, nil)])
        rig.commitsAtOnce = true
        rig.advance(60)
        #expect(rig.storedSale()?.truth == "being-returned")
    }

    @Test(
        "Delivered is true though it cannot be stored: nothing is revoked, and it is taken once it is stored (A1, D1)"
    )
    func deliveredNotStored() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        let stale = try #require(rig.storedSale())
        rig.commitsAtOnce = false
        _ = rig.call(.claim(key: "a"))
        _ = rig.call(.delivered)
        rig.failCommit()
        rig.failCommit()
        #expect(rig.call(.delivered, stored: stale) == .problem(.storageFailed))
        #expect(rig.call(.claim(key: "a"), stored: stale) == .problem(.storageFailed))
        #expect(rig.call(.claim(key: "b"), stored: stale) == .problem(.alreadyClaimed))
        #expect(rig.call(.undelivered, stored: stale) == .problem(.alreadyDelivered))
        rig.commitsAtOnce = true
        #expect(rig.advance(120).reversed.isEmpty)
        #expect(rig.storedSale()?.state == .delivered)
        #expect(rig.storedAttempt(order)?.state == .paid)
        #expect(rig.call(.delivered, stored: rig.storedSale())?.state == .delivered)
        #expect(rig.call(.claim(key: "a"), stored: rig.storedSale())?.state == .delivered)
    }

    @Test(
        "An order that settles while the disk is full is not opened again when there is room (A3, C3)"
    )
    func settledWhileFull() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .passwordNeeded)
        rig.commitsAtOnce = false
        #expect(rig.call(.cancel) != nil)
        while rig.hasUncommitted { rig.failCommit() }
        rig.advance(15)
        _ = rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(1)
        _ = rig.answerQuery(order, .notPaid(.revoked, transactionID: nil))
        while rig.hasUncommitted { rig.failCommit() }
        rig.commitsAtOnce = true
        rig.advance(120)
        #expect(rig.storedRevoke(order)?.settled != nil)
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test("No paid receipt is printed again once the money is on its way back (D4)")
    func staleReprint() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        let stale = try #require(rig.storedSale())
        rig.advance(60)
        let actions = rig.send(
            .saleCalled(
                RequestID(5),
                stale.id,
                .receipt,
                stored: stale,
                attempts: [try #require(rig.storedAttempt(order))]
            )
        )
        #expect(actions.slips.map(\.kind) == [.notCompleted(.beingReturned, nil)])
        #expect(actions.slips.map(\.isCopy) == [true])
    }

    @Test("A sale that could not be opened never was")
    func notOpened() {
        let rig = TillRig()
        rig.commitsAtOnce = false
        #expect(rig.ask() == nil)
        let start = rig.log.count
        rig.failCommit()
        #expect(Array(rig.log[start...]).answer == .problem(.storageFailed))
        #expect(rig.till.activeSale == nil)
        rig.commitsAtOnce = true
        rig.advance(60)
        #expect(rig.till.reasons.isEmpty)
        #expect(rig.journal.isEmpty)
    }

    @Test("Storage is back only after a write that worked, also when nothing is owed to it (A3)")
    func backOnlyByWriting() {
        let rig = TillRig()
        rig.commitsAtOnce = false
        _ = rig.ask()
        rig.failCommit()
        for _ in 0..<3 {
            rig.advance(60)
            #expect(rig.till.reasons == [.storage])
            #expect(rig.ask() == .problem(.notReady([.storage])))
            rig.failCommit()
            #expect(rig.till.reasons == [.storage])
        }
        rig.advance(60)
        rig.commit()
        #expect(rig.till.reasons.isEmpty)
        #expect(!rig.hasUncommitted)
        rig.advance(300)
        #expect(!rig.hasUncommitted)
    }

    @Test("A revoke goes out though its first row cannot be stored (A3)")
    func revokeBegunNotStored() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        _ = rig.answerQuery(order, .orderNotExist)
        rig.commitsAtOnce = false
        #expect(rig.advance(15.1).reversed.isEmpty)
        let start = rig.log.count
        rig.failCommit()
        #expect(Array(rig.log[start...]).reversed == [order])
        rig.commitsAtOnce = true
        rig.advance(60)
        #expect(rig.storedAttempt(order)?.state == .revoking)
    }

    @Test("Recovery whose record fails stores its rows later")
    func recoveryNotStored() throws {
        let before = TillRig()
        let order = try before.submit()
        let rig = TillRig(rows: RecoveryTests.openRows(before), commitsAtOnce: false)
        rig.failCommit()
        rig.commitsAtOnce = true
        rig.advance(60)
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedAttempt(order)?.state == .revoking)
    }
}
