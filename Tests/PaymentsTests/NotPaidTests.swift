import Payments
import Testing

@Suite("A payment that fails, and is undone")
struct NotPaidTests {
    @Test("Refused, then paid with a second code under the same sale (B4, B6)")
    func secondCode() throws {
        let rig = TillRig()
        let first = try rig.submit()
        _ = rig.reply(first, .refused(notEnough))
        let told = rig.answerQuery(first, .notPaid(.notPay, transactionID: nil))
        #expect(told.lights == [.declined])
        #expect(rig.saleState == .declined)
        #expect(rig.storedSale()?.truth == "nothing-taken")
        #expect(rig.storedSale()?.reason == "other-card")
        // Two seconds' pause, then another code.
        #expect(rig.scan("131111111111111111").submitted == nil)
        rig.advance(2)
        let second = try rig.submit("131111111111111111")
        #expect(second != first)
        // SUCCESS found later for the first can only be undone (B6).
        _ = rig.answerQuery(first, .paid(proof))
        #expect(rig.saleState == .submitting)
        _ = rig.reply(second, .paid(proof))
        #expect(rig.saleState == .paid)
        // The first is revoked in the background, not before fifteen seconds after its submit (C2).
        #expect(rig.log.reversed.isEmpty)
        #expect(rig.advance(11).reversed.isEmpty)
        #expect(rig.advance(2.1).reversed == [first])
    }

    @Test(
        "The window ends: expired, truth not known yet, revoke, settled as nothing kept (B2, C1, C3)"
    )
    func windowOver() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .passwordNeeded)
        for _ in 0..<5 {
            #expect(rig.advance(5).queries == [order])
            _ = rig.answerQuery(order, .notPaid(.userPaying, transactionID: nil))
        }
        let end = rig.advance(5)
        // The sixth query and the window fall together: the query in flight is awaited three seconds (B2).
        #expect(end.queries == [order])
        #expect(rig.saleState == .confirming)
        let told = rig.advance(3)
        #expect(rig.till.activeSale == nil)
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedSale()?.truth == "not-known-yet")
        #expect(told.slips.map(\.kind) == [.notCompleted(.notKnownYet(order), nil)])
        #expect(rig.storedRevoke(order)?.reason == "expired")
        // The submit's last byte left half a minute ago: the revoke waits for nothing more (C2).
        #expect(told.reversed == [order])
        #expect(rig.send(.reverseEnded(order, .accepted(recall: false))).queries.isEmpty)
        // The sale's own last query is still out: its answer may be older than the revoke (C3).
        #expect(rig.advance(0.3).queries.isEmpty)
        let late = rig.answerQuery(order, .unknown(.noReply(reason: "timed-out")))
        #expect(late.queries == [order])
        _ = rig.answerQuery(order, .notPaid(.revoked, transactionID: nil))
        #expect(rig.storedAttempt(order)?.state == .undone)
        #expect(rig.storedAttempt(order)?.outcome == "nothing-kept")
        #expect(rig.storedRevoke(order)?.settled != nil)
        #expect(rig.till.unsettledCount == 0)
    }

    @Test(
        "Undone hours later: a charge is seen before the revoke hides it, and nobody reads that nothing was taken (C3, G3)",
        arguments: [true, false]
    )
    func undoneLate(_ isSeen: Bool) throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .passwordNeeded)
        rig.send(.networkChanged(isReachable: false))
        for _ in 0..<40 {
            for order in rig.advance(1).queries {
                _ = rig.answerQuery(order, .unknown(.noReply(reason: "timed-out")))
            }
        }
        let sale = try #require(rig.storedSale())
        #expect(sale.truth == "not-known-yet")
        #expect(rig.log.reversed.isEmpty)
        rig.advance(3_600)
        let first = rig.send(.networkChanged(isReachable: true)) + rig.advance(30)
        #expect(first.queries == [order] && first.reversed.isEmpty)
        let busy = QueryVerdict.unknown(.platform(code: "SYSTEMERROR"))
        let next = rig.answerQuery(order, isSeen ? .paid(proof) : busy) + rig.advance(10)
        #expect(next.reversed == [order])
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(1)
        let end = rig.answerQuery(order, .notPaid(.revoked, transactionID: nil))
        #expect(rig.storedAttempt(order)?.outcome == (isSeen ? "returned" : "nothing-kept"))
        #expect(end.events.map(\.kind) == (isSeen ? [.moneyReturned] : []))
        let attempt = try #require(rig.storedAttempt(order))
        let reprint = rig.send(
            .saleCalled(RequestID(9), sale.id, .receipt, stored: sale, attempts: [attempt])
        )
        #expect(reprint.slips.map(\.kind) == [isSeen ? .moneyReturned : .nothingKept])
    }

    @Test("The window never passes the platform's own end, 45 seconds after the submit (B2)")
    func hardEnd() throws {
        let rig = TillRig { $0.timing.queryAfterSilence = .seconds(25) }
        let order = try rig.submit()
        rig.advance(25)
        _ = rig.answerQuery(order, .orderNotExist)
        for _ in 0..<3 {
            rig.advance(5)
            _ = rig.answerQuery(order, .orderNotExist)
        }
        #expect(rig.saleState == .confirming)
        rig.advance(5.1)
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.till.activeSale == nil)
    }

    @Test(
        "PAYERROR, CLOSED and REVOKED end the polling at once (B2)",
        arguments: [
            TradeState.payError, .closed, .revoked,
        ]
    )
    func endsAtOnce(_ state: TradeState) throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .passwordNeeded)
        rig.advance(5)
        _ = rig.answerQuery(order, .notPaid(state, transactionID: nil))
        #expect(rig.saleState == .declined)
        #expect(rig.storedAttempt(order)?.state == .refused)
        // The platform's word does not say who ended it (B4).
        #expect(rig.storedSale()?.reason == "not-completed")
    }

    @Test("REFUND is never Paid (B1): the payer reads that it is being returned")
    func refund() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .passwordNeeded)
        rig.advance(5)
        _ = rig.answerQuery(order, .notPaid(.refund, transactionID: "1"))
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedSale()?.truth == "being-returned")
    }

    @Test(
        "Told as refused, charged all the same: the sale's end does not say nothing was taken (G3)"
    )
    func chargedAfterRefusal() throws {
        let rig = TillRig()
        let first = try rig.refuseAndReverse()
        _ = rig.answerQuery(first, .paid(proof))
        let before = RecoveryTests.openRows(rig)
        let second = try #require(rig.scan("131111111111111111").submitted)
        rig.send(.submitEnded(second, .neverLeft(reason: "connect")))
        #expect(rig.saleState == .declined)
        #expect(rig.storedSale()?.truth == "being-returned")
        let end = rig.advance(62)
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedSale()?.truth == "being-returned")
        #expect(end.slips.map(\.kind) == [.notCompleted(.beingReturned, nil)])
        #expect(end.slips.first?.order == first)
        // The same after a restart.
        let again = TillRig(rows: before)
        #expect(again.storedSale()?.truth == "being-returned")
        #expect(again.log.slips.first?.order == first)
    }

    // Found by the simulation.
    @Test(
        "Charged after a refusal and back before the sale ends: still not told as nothing taken (G3)"
    )
    func returnedBeforeTheEnd() throws {
        let rig = TillRig()
        let first = try rig.refuseAndReverse()
        let back = rig.answerQuery(first, .notPaid(.refund, transactionID: "1"))
        #expect(back.events.map(\.kind) == [.moneyReturned])
        #expect(rig.till.revokeQueue.count == 0)
        #expect(rig.saleState == .declined)
        let second = try #require(rig.scan("131111111111111111").submitted)
        rig.send(.submitEnded(second, .neverLeft(reason: "connect")))
        #expect(rig.storedSale()?.truth == "being-returned")
        rig.advance(62)
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedSale()?.truth == "being-returned")
        #expect(rig.log.events.last?.order == first)
        #expect(rig.log.slips.last?.order == first)
    }

    @Test(
        "Undone on the platform after the money moved: never told as nothing taken (G3)",
        arguments: [TradeState.closed, .revoked],
        [true, false]
    )
    func undoneElsewhere(_ state: TradeState, wasRefused: Bool) throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, wasRefused ? .refused(notEnough) : .passwordNeeded)
        rig.advance(wasRefused ? 0 : 5)
        _ = rig.answerQuery(order, .notPaid(state, transactionID: "1"))
        #expect(rig.storedSale()?.truth == "being-returned")
        #expect(rig.storedRevoke(order)?.chargeSeen == true)
    }

    /// A rig whose window has just ended with four queries out.
    static func atTheEnd() throws -> (TillRig, OrderNumber) {
        let rig = TillRig()
        let order = try rig.submit()
        rig.advance(40)  // silence at 10 s, no query is ever answered; the window ends
        #expect(rig.saleState == .confirming)
        return (rig, order)
    }

    @Test("A submit's late word is no end while the last query is out (B2)")
    func lateSubmitAtTheEnd() throws {
        let (rig, order) = try Self.atTheEnd()
        _ = rig.reply(order, .passwordNeeded)
        #expect(rig.saleState == .confirming)
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.saleState == .paid)
    }

    @Test("With several queries out at the end, all are awaited (B2)")
    func twoLastQueries() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.advance(39)
        #expect(rig.reply(order, .unknown(.noReply(reason: "cut"))).queries == [order])
        rig.advance(1)
        _ = rig.answerQuery(order, .notPaid(.userPaying, transactionID: nil))
        #expect(rig.saleState == .confirming)
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.saleState == .paid)
        let (other, unpaid) = try Self.atTheEnd()
        for _ in 0..<4 {
            #expect(other.saleState == .confirming)
            _ = other.answerQuery(unpaid, .notPaid(.userPaying, transactionID: nil))
        }
        #expect(other.storedSale()?.state == .expired)
    }

    @Test("Never left, though a first byte was reported: unknown, not void (B5)")
    func contradictedVoid() throws {
        let rig = TillRig()
        let order = try rig.submit()
        let actions = rig.send(.submitEnded(order, .neverLeft(reason: "connect")))
        #expect(actions.queries == [order])
        #expect(rig.saleState == .confirming)
    }

    @Test("A refusal that no query confirms within five seconds is unknown (B4, B3)")
    func unconfirmedRefusal() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        #expect(rig.advance(4.9).lights.isEmpty)
        let actions = rig.advance(0.2)
        #expect(rig.saleState == .confirming)
        #expect(actions.queries == [order])
        _ = rig.answerQuery(order, .unknown(.noReply(reason: "cut")))
        _ = rig.answerQuery(order, .unknown(.noReply(reason: "cut")))
        #expect(rig.advance(5).queries == [order])
    }

    @Test("An answer from before the refusal confirms nothing while a younger query is out (B4)")
    func overtakenAnswer() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.advance(10)  // silence: the first query is out
        #expect(rig.reply(order, .refused(notEnough)).queries == [order])
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.saleState == .confirming)
        _ = rig.answerQuery(order, .notPaid(.notPay, transactionID: nil))
        #expect(rig.saleState == .declined)
    }

    @Test("Nothing left the kiosk: void, the same code may be shown again (B5, B8)")
    func neverLeft() throws {
        let rig = TillRig()
        _ = rig.ask()
        let order = try #require(rig.scan().submitted)
        rig.send(.submitEnded(order, .neverLeft(reason: "connect")))
        #expect(rig.storedAttempt(order)?.state == .void)
        #expect(rig.saleState == .declined)
        #expect(rig.storedSale()?.truth == "nothing-taken")
        #expect(rig.storedSale()?.reason == "same-code")
        rig.advance(2)
        let second = try #require(rig.scan().submitted)
        #expect(rig.storedRevoke(order) == nil)
        // The journal refuses two attempts of one sale with the same ordinal.
        #expect(rig.storedAttempt(order)?.ordinal == 1)
        #expect(rig.storedAttempt(second)?.ordinal == 2)
    }

    @Test("Attempts that never left do not count against the most that a sale takes (B4, B5)")
    func voidsDoNotCount() throws {
        let rig = TillRig { $0.sale.maximumAttempts = 1 }
        _ = rig.ask()
        for _ in 0..<3 {
            let order = try #require(rig.scan().submitted)
            rig.send(.submitEnded(order, .neverLeft(reason: "connect")))
            rig.advance(2)
        }
        #expect(rig.saleState == .declined)
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.storedSale()?.reason == "too-many-attempts")
    }

    @Test("No revoke while the submit is still open (C2)")
    func openSubmit() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.call(.cancel)
        #expect(rig.advance(60).reversed.isEmpty)
        rig.send(.submitEnded(order, .ended(.paid(proof), lastByte: rig.now.boot)))
        #expect(rig.advance(15.1).reversed == [order])
        #expect(rig.till.activeSale == nil)
    }

    @Test(
        "Paid by a query; the submit ends while Paid is committed; the cancel still revokes (B9, C2)"
    )
    func submitEndsWhilePaying() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.advance(10)
        rig.commitsAtOnce = false
        #expect(rig.answerQuery(order, .paid(proof)).abandoned == [order])
        _ = rig.reply(order, .unknown(.noReply(reason: "aborted")))
        #expect(rig.call(.cancel)?.state == .cancelling)
        for _ in 0..<3 { rig.commit() }
        rig.commitsAtOnce = true
        #expect(rig.storedSale()?.state == .cancelled)
        #expect(rig.advance(15.1).reversed == [order])
    }

    @Test("Paid by a query and reported undelivered: no revoke before the submit has ended (C2)")
    func withdrawnWhileSubmitOpen() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.advance(10)
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.call(.undelivered)?.state == .undelivered)
        #expect(rig.advance(20).reversed.isEmpty)
        _ = rig.reply(order, .unknown(.noReply(reason: "aborted")))
        #expect(rig.advance(15.1).reversed == [order])
    }

    @Test("Not claimed in time: undelivered, revoked, the payer is told (D2)")
    func notClaimed() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        let told = rig.advance(60)
        #expect(rig.storedSale()?.state == .undelivered)
        #expect(rig.storedSale()?.truth == "being-returned")
        #expect(told.slips.last?.kind == .notCompleted(.beingReturned, nil))
        #expect(told.lights.contains(.declined))
        let row = try #require(rig.storedSale())
        #expect(rig.call(.claim(key: "a"), stored: row) == .problem(.releaseWithdrawn))
        #expect(rig.call(.delivered, stored: row) == .problem(.releaseWithdrawn))
        #expect(told.reversed == [order])
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        let done = rig.answerQuery(order, .notPaid(.refund, transactionID: "1"))
        #expect(done.events.map(\.kind) == [.moneyReturned])
        #expect(rig.storedAttempt(order)?.outcome == "returned")
    }

    @Test("Delivered after a revoke was decided: refused, and a person is told once (D1)")
    func deliveredTooLate() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        rig.advance(60)
        let row = try #require(rig.storedSale())
        let attempts = [try #require(rig.storedAttempt(order))]
        var flags = 0
        for _ in 0..<3 {
            let actions = rig.send(
                .saleCalled(RequestID(5), row.id, .delivered, stored: row, attempts: attempts)
            )
            #expect(actions.answer == .problem(.releaseWithdrawn))
            flags += actions.events.count { $0.kind == .flagged }
        }
        #expect(flags == 1)
        #expect(rig.till.flaggedOrders == [order])
        #expect(rig.storedRevoke(order)?.needsPerson == true)
    }

    @Test(
        "Storage that stalls: the payer may have left, so nothing is submitted and nothing is charged (B5)"
    )
    func stalledStorage() throws {
        let rig = TillRig()
        _ = rig.ask()
        rig.commitsAtOnce = false
        rig.scan()
        rig.advance(11)
        rig.commitsAtOnce = true
        rig.commit()
        #expect(rig.log.submitted == nil)
        #expect(rig.saleState == .declined)
        #expect(rig.storedSale()?.truth == "nothing-taken")
    }

    @Test("Nobody shows a code: expired, nothing was taken")
    func codeWait() {
        let rig = TillRig()
        _ = rig.ask()
        rig.advance(60)
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.storedSale()?.truth == "nothing-taken")
    }

    @Test("At most five attempts a sale (B4)")
    func maximumAttempts() throws {
        let rig = TillRig()
        for index in 1...5 {
            let order = try rig.submit("13000000000000000\(index)")
            _ = rig.reply(order, .refused(notEnough))
            _ = rig.answerQuery(order, .orderNotExist)
            rig.advance(2)
        }
        #expect(rig.till.activeSale == nil)
        #expect(rig.storedSale()?.reason == "too-many-attempts")
    }
}
