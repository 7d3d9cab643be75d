import Payments
import Testing

/// The way back when a revoke is finally refused, and what persons do about orders that cannot end by themselves (C5).
@Suite("Refunds, parked orders and their persons (C5)")
struct RefundTests {
    /// A paid order whose revoke is refused for good, just when the decision to refund is handed over.
    static func refused(commitsAtOnce: Bool = true) throws -> (TillRig, OrderNumber) {
        let (rig, order) = try RevokeTests.queued()
        #expect(rig.advance(0.2).reversed == [order])
        rig.send(.reverseEnded(order, .refused(code: "REVERSE_EXPIRE")))
        #expect(rig.advance(5).queries == [order])
        rig.commitsAtOnce = commitsAtOnce
        _ = rig.answerQuery(order, .paid(proof))
        return (rig, order)
    }

    @Test("Record, then act: the refund leaves when its decision is stored (A1, C5)")
    func recordFirst() throws {
        let (rig, order) = try Self.refused(commitsAtOnce: false)
        #expect(rig.log.refunded.isEmpty)
        #expect(rig.advance(100).refunded.isEmpty)
        rig.commit()
        #expect(rig.log.refunded == [order])
        #expect(rig.storedAttempt(order)?.state == .refunding)
        #expect(rig.storedRevoke(order)?.refundDecided != nil)
    }

    @Test("Refunded: the query of the refund says SUCCESS, the money is announced as returned")
    func refunded() throws {
        let (rig, order) = try Self.refused()
        #expect(rig.log.refunded == [order])
        rig.send(.refundEnded(order, .accepted))
        #expect(rig.advance(5).refundQueries == [order])
        rig.send(.refundQueryEnded(order, .processing))
        #expect(rig.advance(3_600).refundQueries == [order])
        let end = rig.send(.refundQueryEnded(order, .refunded))
        #expect(end.events.map(\.kind) == [.moneyReturned])
        #expect(rig.storedAttempt(order)?.state == .refunded)
        #expect(rig.till.revokeQueue.count == 0)
        #expect(rig.log.refunded.count == 1)
    }

    @Test("A decision that is not stored is none: the order is looked at and decided anew (A1, A3)")
    func decisionNotStored() throws {
        let (rig, order) = try Self.refused(commitsAtOnce: false)
        rig.failCommit()
        rig.commitsAtOnce = true
        #expect(rig.log.refunded.isEmpty)
        #expect(rig.advance(30).queries == [order])
        #expect(rig.answerQuery(order, .paid(proof)).refunded == [order])
    }

    @Test("After a restart the refund is asked for before it is sent again (C5, C6)")
    func restart() throws {
        for sameBoot in [true, false] {
            let (before, order) = try Self.refused()
            let rig = before.restarted(sameBoot: sameBoot)
            rig.advance(50)
            #expect(rig.log.refundQueries == [order])
            #expect(rig.log.refunded.isEmpty && rig.log.reversed.isEmpty)
            rig.send(.refundQueryEnded(order, .refundNotExist))
            #expect(rig.advance(59).refunded.isEmpty)
            #expect(rig.advance(2).refunded == [order])
        }
    }

    @Test("The number of a refund is made of the order's and never changes (C5)")
    func number() {
        for order in QueuedOrders(50).orders {
            #expect(RefundNumber(of: order).text == order.text + "-R")
        }
    }

    // MARK: - Parked

    /// An order whose refund is stuck.
    static func parked() throws -> (TillRig, OrderNumber) {
        let (rig, order) = try refused()
        rig.send(.refundEnded(order, .accepted))
        rig.advance(5)
        rig.send(.refundQueryEnded(order, .stuck(state: "CHANGE")))
        return (rig, order)
    }

    @Test("Parked: told once, nothing is tried, counted, shown, and still there after a restart")
    func parked() throws {
        let (rig, order) = try Self.parked()
        #expect(rig.log.events.filter { $0.kind == .parked }.map(\.reason) == ["refund CHANGE"])
        #expect(rig.storedAttempt(order)?.state == .parked)
        #expect(rig.storedRevoke(order)?.parkedReason == "refund CHANGE")
        #expect(rig.advance(86_400).steps.isEmpty)
        #expect(rig.till.revokeQueue.parked == 1)
        #expect(rig.till.flaggedOrders == [order])
        #expect(rig.till.unsettledCount == 1)
        let again = rig.restarted(sameBoot: false)
        #expect(again.advance(86_400).steps.isEmpty)
        #expect(again.till.revokeQueue.parked == 1)
        #expect(again.log.events.isEmpty)
    }

    @Test(
        "A person settles it: stored with the outcome, the note and who said so (A1, G2)",
        arguments: SettlementOutcome.allCases
    )
    func settled(_ outcome: SettlementOutcome) throws {
        let (rig, order) = try Self.parked()
        rig.commitsAtOnce = false
        let call = RevokeCall.settle(outcome, note: "paid back in cash", by: "user 1000")
        #expect(rig.callRevoke(order, call) == nil)
        rig.commitsAtOnce = true
        let start = rig.log.count
        rig.commit()
        let told = Array(rig.log[start...])
        guard case .revoke(let entry)? = told.answer else {
            Issue.record("no answer")
            return
        }
        let ends: [SettlementOutcome: AttemptState] = [
            .refunded: .refunded, .notCharged: .undone, .writtenOff: .writtenOff,
        ]
        #expect(entry.attempt.state == ends[outcome])
        #expect(rig.storedAttempt(order)?.state == ends[outcome])
        #expect(rig.storedRevoke(order)?.settled != nil)
        let words = rig.journal.compactMap {
            if case .settlement(let row) = $0 { row } else { nil as SettlementRow? }
        }
        #expect(words.map(\.outcome) == [outcome])
        #expect(words.map(\.by) == ["user 1000"])
        #expect(told.events.map(\.kind) == (outcome == .refunded ? [.moneyReturned] : []))
        #expect(rig.till.revokeQueue.count == 0)
        // It stands: no second word, no other try.
        let end = try #require(ends[outcome])
        #expect(rig.callRevoke(order, call) == .problem(.alreadySettled(end)))
        #expect(rig.callRevoke(order, .retry) == .problem(.alreadySettled(end)))
        #expect(rig.restarted().till.revokeQueue.count == 0)
    }

    @Test("A settlement that is not stored did not happen; a second one at the same time waits")
    func settlementNotStored() throws {
        let (rig, order) = try Self.parked()
        rig.commitsAtOnce = false
        let call = RevokeCall.settle(.refunded, note: "n", by: "b")
        #expect(rig.callRevoke(order, call) == nil)
        #expect(rig.callRevoke(order, call) == .problem(.storageFailed))
        let start = rig.log.count
        rig.failCommit()
        #expect(Array(rig.log[start...]).answer == .problem(.storageFailed))
        #expect(rig.till.revokeQueue.parked == 1)
        rig.commitsAtOnce = true
        rig.advance(60)
        guard case .revoke? = rig.callRevoke(order, call) else {
            Issue.record("not settled")
            return
        }
    }

    @Test("A person has it tried again, from where it stopped; nothing moves before that is stored")
    func retried() throws {
        let (rig, order) = try Self.parked()
        rig.commitsAtOnce = false
        #expect(rig.callRevoke(order, .retry) == nil)
        // Asked twice: the same commit answers both.
        #expect(rig.callRevoke(order, .retry) == nil)
        let start = rig.log.count
        rig.failCommit()
        let answers = rig.log[start...].filter { if case .answer = $0 { true } else { false } }
        #expect(answers.count == 2)
        #expect(Array(answers).answer == .problem(.storageFailed))
        #expect(rig.till.revokeQueue.parked == 1)
        rig.commitsAtOnce = true
        rig.advance(60)
        guard case .revoke(let entry)? = rig.callRevoke(order, .retry) else {
            Issue.record("not tried")
            return
        }
        #expect(entry.attempt.state == .refunding && entry.row.parked == nil)
        rig.advance(0.3)
        // Looked at first: a person may have paid it back in the merchant's console.
        #expect(rig.log.steps.last == order && rig.log.refundQueries.count == 1)
        _ = rig.answerQuery(order, .notPaid(.refund, transactionID: "1"))
        rig.advance(0.3)
        #expect(rig.log.refundQueries.count == 2)
        rig.send(.refundQueryEnded(order, .refunded))
        #expect(rig.storedAttempt(order)?.state == .refunded)
    }

    @Test(
        "Refunded by hand while the kiosk's own refund has no funds: noticed, told, over (C3, C5)"
    )
    func refundedByHand() throws {
        let (rig, order) = try Self.refused()
        var queries = 0
        for _ in 0..<20 where queries == 0 {
            rig.send(.refundEnded(order, .again(code: "NOTENOUGH")))
            let before = rig.log.queries.count
            rig.advance(900)
            queries = rig.log.queries.count - before
        }
        #expect(rig.till.flaggedOrders == [order] && rig.log.refunded.count == 6)
        _ = rig.answerQuery(order, .notPaid(.refund, transactionID: "1"))
        rig.advance(0.3)
        let end = rig.send(.refundQueryEnded(order, .refundNotExist))
        #expect(end.events.map(\.kind) == [.moneyReturned])
        #expect(rig.storedAttempt(order)?.state == .undone)
        #expect(rig.storedAttempt(order)?.outcome == "returned")
        #expect(rig.till.revokeQueue.count == 0 && rig.advance(86_400).steps.isEmpty)
    }

    @Test("A parked revoke that is tried again is looked at first")
    func revokeRetried() throws {
        let (rig, order) = try RevokeTests.queued()
        for _ in 0..<40 where rig.till.revokeQueue.parked == 0 {
            for order in rig.advance(900).steps {
                rig.send(.reverseEnded(order, .refused(code: "REVERSE_EXPIRE")))
                _ = rig.answerQuery(order, .notPaid(.payError, transactionID: nil))
            }
        }
        #expect(rig.storedRevoke(order)?.parkedReason == "revoke-refused REVERSE_EXPIRE")
        guard case .revoke(let entry)? = rig.callRevoke(order, .retry) else {
            Issue.record("not tried")
            return
        }
        #expect(entry.attempt.state == .revoking)
        #expect(rig.log.steps.last == order && rig.log.queries.last == order)
        _ = rig.answerQuery(order, .notPaid(.closed, transactionID: nil))
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test("One that is still tried is hastened, never before a rule allows it (C2)")
    func hastened() throws {
        let (rig, order) = try RevokeTests.queued()
        guard case .revoke? = rig.callRevoke(order, .retry) else {
            Issue.record("no answer")
            return
        }
        #expect(rig.log.reversed.isEmpty)
        rig.advance(0.2)
        for _ in 0..<8 {
            rig.send(.reverseEnded(order, .again(code: "SYSTEMERROR")))
            _ = rig.answerQuery(order, .unknown(.platform(code: "SYSTEMERROR")))
            rig.advance(0.5)
            let started = rig.log.steps.count
            rig.callRevoke(order, .retry)
            rig.advance(0.3)
            #expect(rig.log.steps.count >= started)
        }
        #expect(rig.log.steps.count == 9)
    }

    @Test("While nothing gets through, a retry asks at once whether the network is back (C4)")
    func hastenedProbe() throws {
        let (rig, order) = try RevokeTests.queued()
        rig.advance(0.2)
        rig.send(.networkChanged(isReachable: false))
        rig.send(.reverseEnded(order, .unknown(.noReply(reason: "cut"))))
        rig.advance(1.5)
        let actions = rig.send(.revokeCalled(RequestID(4), order, .retry, stored: nil))
        #expect((actions + rig.advance(0.1)).probes == 1)
        rig.send(.probeEnded(.good))
        #expect(rig.till.revokeQueue.activity == .running)
        rig.advance(1)
        #expect(rig.log.reversed == [order, order])
    }

    @Test("Settling is for what a person is wanted for; a flagged one is parked with it")
    func flagged() throws {
        let (rig, order) = try RevokeTests.queued()
        let call = RevokeCall.settle(.notCharged, note: "seen in the console", by: "b")
        #expect(rig.callRevoke(order, call) == .problem(.notParked))
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .again(code: "INVALID_REQUEST")))
        #expect(rig.log.events.last?.kind == .flagged)
        rig.advance(30)
        guard case .revoke(let entry)? = rig.callRevoke(order, call) else {
            Issue.record("not settled")
            return
        }
        #expect(entry.attempt.state == .undone)
        let states = rig.journal.compactMap {
            if case .attempt(let row) = $0 { row.state } else { nil as AttemptState? }
        }
        #expect(states.suffix(2) == [.parked, .undone])
        // The step that was under way is answered into the void.
        let count = rig.log.count
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        #expect(rig.log.count == count)
    }

    @Test(
        "A flagged one whose settlement is not stored is tried as before: the word counts for nothing (A1, C4)"
    )
    func flaggedNotStored() throws {
        let (rig, order) = try RevokeTests.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .refused(code: "TRADE_ERROR")))
        rig.commitsAtOnce = false
        rig.callRevoke(order, .settle(.refunded, note: "n", by: "b"))
        #expect(rig.callRevoke(order, .retry) == .problem(.storageFailed))
        rig.failCommit()
        rig.commitsAtOnce = true
        #expect(rig.till.revokeQueue.parked == 0)
        #expect(rig.advance(61).queries == [order])
        #expect(rig.storedRevoke(order)?.parked == nil)
        #expect(rig.storedAttempt(order)?.state == .revoking)
        _ = rig.answerQuery(order, .notPaid(.closed, transactionID: nil))
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    @Test(
        "A step that is answered while its order's settlement is being stored changes nothing (C5, C6)",
        arguments: [true, false]
    )
    func settledDuringStep(_ isStored: Bool) throws {
        let (rig, order) = try RevokeTests.queued()
        rig.advance(0.2)
        rig.send(.reverseEnded(order, .again(code: "INVALID_REQUEST")))
        #expect(rig.advance(30).reversed == [order])
        rig.commitsAtOnce = false
        rig.callRevoke(order, .settle(.writtenOff, note: "n", by: "b"))
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        #expect(rig.advance(60).steps.isEmpty)
        let start = rig.log.count
        if isStored { rig.commit() } else { rig.failCommit() }
        rig.commitsAtOnce = true
        if isStored {
            #expect(rig.till.revokeQueue.count == 0)
            #expect(rig.storedAttempt(order)?.state == .writtenOff)
            #expect(rig.advance(600).steps.isEmpty)
        } else {
            #expect(Array(rig.log[start...]).reversed == [order])
        }
        #expect(!rig.hasUncommitted)
    }

    @Test("A parked order whose record fails is told to the person when storage is back (A3)")
    func parkedNotStored() throws {
        let (rig, order) = try Self.refused()
        rig.send(.refundEnded(order, .accepted))
        rig.advance(5)
        rig.commitsAtOnce = false
        rig.send(.refundQueryEnded(order, .stuck(state: "REFUNDCLOSE")))
        rig.failCommit()
        #expect(rig.log.events.allSatisfy { $0.kind != .parked })
        rig.commitsAtOnce = true
        #expect(rig.advance(60).events.map(\.kind) == [.parked])
        #expect(rig.storedAttempt(order)?.state == .parked)
        #expect(rig.advance(600).events.isEmpty)
    }

    @Test("Orders that are not there, and orders of other kiosks, are refused")
    func unknown() throws {
        let rig = TillRig()
        let order = QueuedOrders(1).orders[0]
        #expect(rig.callRevoke(order, .retry) == .problem(.noSuchRevoke))
        let live = try rig.submit()
        #expect(rig.callRevoke(live, .retry) == .problem(.noSuchRevoke))
    }
}
