import Payments
import Testing

/// A refund was decided, and the journal that a person has vouched for does not say so (A5, A6, C3, C5).
@Suite("Refunds whose rows are lost (A5, A6, C5)")
struct LostRefundTests {
    enum LostRows: CaseIterable {
        /// Its order number is all that was found.
        case attemptAndEntry
        /// What came after a copy was made.
        case laterWords
    }

    /// An order of such a journal, adopted, just when its query has said REFUND.
    static func showsRefund(_ lost: LostRows, isRestarted: Bool) throws -> (TillRig, OrderNumber) {
        var rows = QueuedOrders(1).rows
        let order = rows.attempts[0].order
        switch lost {
        case .attemptAndEntry:
            rows.attempts[0].state = .submitted
            rows.revokes = []
        case .laterWords: break
        }
        var journal = rows.sales.map(Row.sale)
        journal += rows.attempts.map(Row.attempt)
        journal += rows.revokes.map(Row.revoke)
        let adopted = TillRig(rows: rows, journal: journal, custody: .foreign)
        adopted.send(.journalAdopted)
        let rig = isRestarted ? adopted.restarted(sameBoot: false) : adopted
        #expect(rig.advance(50).queries == [order])
        #expect(rig.answerQuery(order, .notPaid(.refund, transactionID: "1")).events.isEmpty)
        rig.advance(1)
        #expect(rig.till.revokeQueue.count == 1)
        #expect(rig.log.refundQueries == [order])
        return (rig, order)
    }

    // Found by the simulation: the refund was stuck, and its order counted as returned.
    @Test(
        "REFUND is not the end of an order whose rows may be lost: its own refund is (A5, A6, C5)",
        arguments: LostRows.allCases,
        [false, true]
    )
    func lostRefund(_ lost: LostRows, isRestarted: Bool) throws {
        let verdicts: [RefundQueryVerdict] = [
            .refunded, .processing, .stuck(state: "CHANGE"), .refundNotExist,
        ]
        for verdict in verdicts {
            let (rig, order) = try Self.showsRefund(lost, isRestarted: isRestarted)
            let told = rig.send(.refundQueryEnded(order, verdict)).events
            switch verdict {
            case .stuck:
                #expect(told.map(\.kind) == [.parked])
                #expect(rig.storedRevoke(order)?.parkedReason == "refund CHANGE")
                #expect(rig.storedAttempt(order)?.state == .parked)
                #expect(rig.advance(86_400).steps.isEmpty)
            case .refundNotExist:
                // Somebody else gave the money back (C3).
                #expect(told.map(\.kind) == [.moneyReturned])
                #expect(rig.storedAttempt(order)?.state == .undone)
                #expect(rig.storedAttempt(order)?.outcome == "returned")
            default:
                #expect(told.isEmpty)
                #expect(rig.storedAttempt(order)?.state == .refunding)
                // It goes on from there, also after a restart.
                let later = rig.restarted(sameBoot: false)
                for (rig, asked) in [(rig, 2), (later, 1)] {
                    rig.advance(900)
                    #expect(rig.log.refundQueries.count == asked)
                    let end = rig.send(.refundQueryEnded(order, .refunded))
                    #expect(end.events.map(\.kind) == [.moneyReturned])
                    #expect(rig.storedAttempt(order)?.state == .refunded)
                }
            }
            #expect(rig.log.refunded.isEmpty && rig.log.reversed.isEmpty)
        }
    }

    @Test("While the refund's query says nothing it is asked again, and nothing is settled (C5)")
    func lostRefundUnanswered() throws {
        let (rig, order) = try Self.showsRefund(.laterWords, isRestarted: false)
        rig.send(.refundQueryEnded(order, .unknown(.platform(code: "SYSTEMERROR"))))
        #expect(rig.advance(900).refundQueries == [order])
        #expect(rig.storedAttempt(order)?.state == .revoking)
        rig.send(.refundQueryEnded(order, .refundNotExist))
        #expect(rig.storedAttempt(order)?.state == .undone)
    }

    // Found by the simulation: it was looked at as if nothing had been decided.
    @Test(
        "An attempt that says refunding goes on at its refund, though its entry is lost or older (A6, C5)",
        arguments: [false, true],
        [false, true]
    )
    func refundingAlone(isEntryLost: Bool, isAdopted: Bool) throws {
        var rows = QueuedOrders(1).rows
        let order = rows.attempts[0].order
        rows.attempts[0].state = .refunding
        if isEntryLost { rows.revokes = [] }
        let rig = TillRig(rows: rows, custody: isAdopted ? .foreign : .own)
        if isAdopted { rig.send(.journalAdopted) }
        rig.advance(50)
        #expect(rig.log.refundQueries == [order] && rig.log.steps == [order])
        #expect(rig.storedRevoke(order)?.refundDecided != nil)
        rig.send(.refundQueryEnded(order, .refundNotExist))
        // The same refund again: its number never changes.
        #expect(rig.advance(70).refunded == [order])
        rig.send(.refundEnded(order, .accepted))
        rig.advance(10)
        let end = rig.send(.refundQueryEnded(order, .refunded))
        #expect(end.events.map(\.kind) == [.moneyReturned])
        #expect(rig.storedAttempt(order)?.state == .refunded)
    }

    @Test("An attempt is what the later row of the queue says, whatever it says itself (A6)")
    func laterEntry() throws {
        let queued = QueuedOrders(2)
        var rows = queued.rows
        rows.revokes[0].refundDecided = rows.revokes[0].decided
        rows.revokes[1].parked = rows.revokes[1].decided
        rows.revokes[1].parkedReason = "refund CHANGE"
        let rig = TillRig(rows: rows)
        #expect(rig.storedAttempt(queued.orders[0])?.state == .refunding)
        #expect(rig.storedAttempt(queued.orders[1])?.state == .parked)
        #expect(rig.advance(50).steps == [queued.orders[0]])
    }

    @Test("The same where a report sends back what waited for a person after the adoption (C5)")
    func lostRefundOfParked() throws {
        let copy = try CustodyTests.copied()
        let rig = TillRig(rows: copy.rows, time: copy.time, custody: .foreign)
        rig.send(.journalAdopted)
        let attempt = try #require(rig.storedAttempt(copy.paid))
        let sale = try #require(rig.storedSale(attempt.sale))
        #expect(rig.call(.undelivered, stored: sale)?.state == .undelivered)
        rig.advance(20)
        #expect(rig.log.queries.contains(copy.paid))
        _ = rig.answerQuery(copy.paid, .notPaid(.refund, transactionID: "1"))
        rig.advance(1)
        #expect(rig.log.refundQueries == [copy.paid])
        rig.send(.refundQueryEnded(copy.paid, .stuck(state: "CHANGE")))
        #expect(rig.storedRevoke(copy.paid)?.parkedReason == "refund CHANGE")
    }
}
