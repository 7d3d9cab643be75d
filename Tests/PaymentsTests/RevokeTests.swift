import Payments
import Testing

@Suite("Undoing an order (C)")
struct RevokeTests {
    /// A rig with one order in the queue, just before its first revoke. After an unknown verdict a query of the sale's
    /// own is still out.
    static func queued(
        after verdict: SubmitVerdict = .passwordNeeded
    ) throws -> (TillRig, OrderNumber) {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, verdict)
        _ = rig.call(.cancel)
        rig.advance(14.9)
        #expect(rig.log.reversed.isEmpty)
        return (rig, order)
    }

    @Test(
        "A revoke's SUCCESS proves nothing; ORDERNOTEXIST settles when said again a minute later (C3)"
    )
    func confirmedTwice() throws {
        let (rig, order) = try Self.queued(after: .unknown(.platform(code: "SYSTEMERROR")))
        #expect(rig.advance(0.2).reversed == [order])
        _ = rig.answerQuery(order, .orderNotExist)  // the sale's own late query: no answer
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        #expect(rig.advance(0.3).queries == [order])
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.storedAttempt(order)?.state == .revoking)
        #expect(rig.advance(59).queries.isEmpty)
        #expect(rig.advance(2).queries == [order])
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    // Found by the simulation (seed 29112): the platform had accepted a revoke that had no effect, and the answer said so.
    @Test(
        "Where the sale's own late query shows the order alive, what was accepted before proves nothing (C3)",
        arguments: [QueryVerdict.orderNotExist, .notPaid(.payError, transactionID: nil)]
    )
    func aliveAfterAcceptance(_ said: QueryVerdict) throws {
        let (rig, order) = try Self.queued(after: .unknown(.platform(code: "SYSTEMERROR")))
        #expect(rig.advance(0.2).reversed == [order])
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        _ = rig.answerQuery(order, .notPaid(.userPaying, transactionID: nil))
        rig.advance(0.3)
        _ = rig.answerQuery(order, said)
        rig.advance(0.3)
        #expect(rig.log.reversed == [order, order])
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        _ = rig.answerQuery(order, said)
        #expect(rig.storedAttempt(order)?.state == .revoking)
        #expect(rig.advance(61).queries == [order])
        _ = rig.answerQuery(order, said)
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test("A second look that a person hastened is too early to settle: it waits for the rest (C3)")
    func hastenedConfirmation() throws {
        let (rig, order) = try Self.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        _ = rig.answerQuery(order, .orderNotExist)
        rig.advance(20)
        rig.callRevoke(order, .retry)
        #expect(rig.log.queries.last == order)
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.storedAttempt(order)?.state == .revoking)
        #expect(rig.advance(39).queries.isEmpty)
        #expect(rig.advance(2).queries == [order])
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test("The second answer counts from when it was asked for, however long it took (C3)")
    func slowConfirmation() throws {
        let (rig, order) = try Self.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        _ = rig.answerQuery(order, .orderNotExist)
        rig.advance(59.8)
        rig.callRevoke(order, .retry)
        #expect(rig.log.queries.last == order)
        rig.advance(0.5)
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.storedAttempt(order)?.state == .revoking)
        rig.advance(0.2)
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test("A flag that could not be stored is told when storage is back, once (C4)")
    func flagNotStored() throws {
        let (rig, order) = try Self.queued()
        while rig.till.flaggedOrders.isEmpty {
            let actions = rig.advance(900)
            rig.commitsAtOnce = false
            if actions.reversed == [order] {
                rig.send(.reverseEnded(order, .unknown(.platform(code: "X"))))
            } else {
                #expect(actions.queries == [order])
                _ = rig.answerQuery(order, .unknown(.platform(code: "X")))
            }
            if !rig.till.flaggedOrders.isEmpty { rig.failCommit() }
            rig.commitsAtOnce = true
            while rig.hasUncommitted { rig.commit() }
        }
        #expect(rig.till.reasons == [.storage])
        #expect(!rig.log.events.contains { $0.kind == .flagged })
        rig.commitsAtOnce = false
        rig.advance(61)
        rig.failCommit()
        rig.commitsAtOnce = true
        rig.advance(61)
        #expect(rig.till.reasons.isEmpty)
        let told = rig.log.events.filter { $0.kind == .flagged }
        #expect(told.map(\.order) == [order])
    }

    @Test("The queue's own query that blames the configuration is asked again after the probe (C4)")
    func queryBlamesConfiguration() throws {
        let (rig, order) = try Self.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        #expect(rig.answerQuery(order, .configuration(.code("SIGNERROR"))).probes == 1)
        rig.send(.probeEnded(.good))
        #expect(rig.advance(60).queries == [order])
    }

    @Test("A late REFUND of the sale's own polling says that money moved")
    func lateRefund() throws {
        let (rig, order) = try Self.queued(after: .unknown(.platform(code: "SYSTEMERROR")))
        _ = rig.answerQuery(order, .notPaid(.refund, transactionID: nil))
        #expect(rig.advance(0.2).reversed == [order])
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        #expect(rig.advance(0.3).queries == [order])
        _ = rig.answerQuery(order, .notPaid(.closed, transactionID: nil))
        #expect(rig.storedAttempt(order)?.outcome == "returned")
    }

    @Test("PAYERROR settles only when PAYERROR is said again; another word begins anew (C3)")
    func payErrorTwice() throws {
        let (rig, order) = try Self.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        _ = rig.answerQuery(order, .notPaid(.payError, transactionID: nil))
        #expect(rig.advance(61).queries == [order])
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.storedAttempt(order)?.state == .revoking)
        #expect(rig.advance(61).queries == [order])
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test("ORDERNOTEXIST before an accepted revoke is no answer (C3)")
    func notBeforeRevoke() throws {
        let (rig, order) = try Self.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .unknown(.platform(code: "SYSTEMERROR"))))
        for _ in 0..<3 {
            let actions = rig.advance(20)
            if actions.queries.last == order { break }
        }
        let next = rig.answerQuery(order, .orderNotExist) + rig.advance(0.3)
        #expect(next.reversed == [order])
    }

    @Test(
        "recall=Y, USERPAYING, NOTPAY, SUCCESS and silence mean: again (C3)",
        arguments: [
            ReverseVerdict.accepted(recall: true),
            .again(code: "USERPAYING"),
            .again(code: "SYSTEMERROR"),
        ]
    )
    func again(_ verdict: ReverseVerdict) throws {
        let (rig, order) = try Self.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, verdict))
        #expect(rig.advance(10).reversed == [order])
    }

    @Test(
        "An order found alive after an accepted revoke is revoked again",
        arguments: [
            QueryVerdict.paid(proof), .notPaid(.notPay, transactionID: nil),
            .notPaid(.userPaying, transactionID: nil), .notPaid(.other, transactionID: nil),
        ]
    )
    func aliveAgain(_ verdict: QueryVerdict) throws {
        let (rig, order) = try Self.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        _ = rig.answerQuery(order, verdict)
        #expect(rig.storedRevoke(order)?.accepted == nil)
        #expect(rig.advance(30).reversed == [order])
        if case .paid = verdict { #expect(rig.storedRevoke(order)?.chargeSeen == true) }
    }

    @Test("Six unknown answers flag a person, once; trying goes on (C4)")
    func flagged() throws {
        let (rig, order) = try Self.queued()
        var flags = 0
        for _ in 0..<8 {
            let actions = rig.advance(900)
            let answer: [TillAction]
            if actions.reversed == [order] {
                answer = rig.send(.reverseEnded(order, .unknown(.platform(code: "X"))))
            } else if actions.queries == [order] {
                answer = rig.answerQuery(order, .unknown(.platform(code: "X")))
            } else {
                Issue.record("no step within the cap of the back-off")
                return
            }
            flags += answer.events.count { $0.kind == .flagged }
        }
        #expect(flags == 1)
        #expect(rig.till.flaggedOrders == [order])
    }

    @Test(
        "A revoke that never gets through flags a person, though every query is answered (C4)",
        arguments: [
            ReverseVerdict.unknown(.noReply(reason: "tls")), .refused(code: "TRADE_ERROR"),
            .configuration(.requestRefused(code: "PARAM_ERROR")), .accepted(recall: false),
            .accepted(recall: true), .again(code: "SYSTEMERROR"),
        ]
    )
    func neverThrough(_ verdict: ReverseVerdict) throws {
        let (rig, order) = try Self.queued()
        var work: [TillAction] = []
        for _ in 0..<40 where rig.till.flaggedOrders.isEmpty {
            let actions = work + rig.advance(900)
            if actions.queries == [order] {
                work = rig.answerQuery(order, .notPaid(.notPay, transactionID: nil))
            } else {
                #expect(actions.reversed == [order])
                work = rig.send(.reverseEnded(order, verdict)) + rig.send(.probeEnded(.good))
            }
        }
        #expect(rig.till.flaggedOrders == [order])
    }

    @Test("An order that is closed already settles, though its revoke says again for ever (C3)")
    func againForEver() throws {
        let (rig, order) = try Self.queued()
        for _ in 0..<4 {
            let actions = rig.advance(900)
            if actions.queries == [order] { break }
            #expect(actions.reversed == [order])
            rig.send(.reverseEnded(order, .again(code: "SYSTEMERROR")))
        }
        _ = rig.answerQuery(order, .notPaid(.closed, transactionID: nil))
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test("An answer that nobody waits for changes nothing and stores nothing")
    func stray() throws {
        let (rig, order) = try Self.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        rig.commitsAtOnce = false
        _ = rig.answerQuery(order, .notPaid(.closed, transactionID: nil))
        let count = rig.log.count
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.send(.queryEnded(order, .paid(proof)))
        rig.send(.submitEnded(order, .ended(.paid(proof), lastByte: rig.now.boot)))
        #expect(rig.log.count == count)
        rig.commit()
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.send(.queryEnded(order, .paid(proof)))
        #expect(rig.till.revokeQueue.count == 0)
    }

    @Test("No new step while stopping; one under way is awaited")
    func stopping() throws {
        let (rig, order) = try Self.queued()
        rig.advance(0.2)
        #expect(!rig.send(.stopAsked).hasStop)
        let end = rig.send(.reverseEnded(order, .accepted(recall: false)))
        #expect(end.hasStop)
        #expect(rig.advance(60).queries.isEmpty)
    }

    @Test(
        "No step while the network is away; due ones start spread over half a minute when it is back (C4)"
    )
    func network() throws {
        let rig = TillRig()
        var orders: [OrderNumber] = []
        for index in 0..<6 {
            let order = try rig.submit("13000000000000001\(index)")
            _ = rig.reply(order, .passwordNeeded)
            _ = rig.call(.cancel)
            orders.append(order)
            rig.advance(3)
        }
        rig.send(.networkChanged(isReachable: false))
        for order in rig.log.reversed {
            rig.send(.reverseEnded(order, .unknown(.noReply(reason: "cut"))))
        }
        #expect(rig.advance(3_600).reversed.isEmpty)
        var work = rig.send(.networkChanged(isReachable: true))
        #expect(work.reversed.isEmpty && work.queries.isEmpty)
        var started: [OrderNumber] = []
        for _ in 0..<120 {
            work += rig.advance(0.5)
            let actions = work
            work = []
            started += actions.reversed + actions.queries
            for order in actions.reversed {
                work += rig.send(.reverseEnded(order, .accepted(recall: false)))
            }
            for order in actions.queries {
                work += rig.answerQuery(order, .notPaid(.revoked, transactionID: nil))
            }
        }
        #expect(Set(started) == Set(orders))
        #expect(rig.till.unsettledCount == 0)
    }

    @Test("Certificate faults pause the queue; a good probe resumes it (B7, C4)")
    func certificate() throws {
        let (rig, order) = try Self.queued()
        rig.advance(0.2)
        let actions = rig.send(.reverseEnded(order, .configuration(.certificateRefused)))
        #expect(actions.probes == 1)
        #expect(rig.till.reasons == [.configuration])
        #expect(rig.send(.probeEnded(.fault(.certificateRefused))).lights.isEmpty)
        #expect(rig.advance(59).reversed.isEmpty)
        #expect(rig.advance(2).probes == 1)
        let resumed = rig.send(.probeEnded(.good)) + rig.advance(30)
        #expect(rig.till.reasons.isEmpty)
        #expect(resumed.queries + resumed.reversed == [order])
    }

    @Test(
        "An order that is answered as if the certificate were refused, and no other, does not switch the kiosk off again (B7, C4)"
    )
    func certificateOfOneOrder() throws {
        let (rig, order) = try Self.queued()
        var began: [Int64] = []
        var faults = 0
        for _ in 0..<40 where began.count < 8 {
            let actions = rig.advance(900)
            guard rig.log.reversed.count > began.count else {
                #expect(actions.queries == [order])
                _ = rig.answerQuery(order, .notPaid(.notPay, transactionID: nil))
                continue
            }
            began.append(rig.time)
            let told = rig.send(.reverseEnded(order, .configuration(.certificateRefused)))
            #expect(told.probes == 1)
            // A failed try as any other: counted, stored, and not repeated at once.
            #expect(rig.storedRevoke(order)?.unknownAnswers == began.count)
            if rig.till.configurationFault != nil { faults += 1 }
            let after = rig.send(.probeEnded(.good))
            #expect(rig.till.reasons.isEmpty && after.steps.isEmpty)
        }
        #expect(began.count == 8 && faults == 1)
        #expect(rig.till.flaggedOrders == [order])
        // What a probe says counts as ever.
        _ = rig.send(.probeEnded(.fault(.certificateRefused)))
        #expect(rig.till.reasons == [.configuration])
    }
}
