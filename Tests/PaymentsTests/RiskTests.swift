import Payments
import Testing

@Suite("Money at risk is bounded (C7)")
struct RiskTests {
    @Test("A payer who waves twenty expired codes does not stop the kiosk (C7)")
    func twentyExpiredCodes() throws {
        let rig = TillRig { $0.sale.maximumAttempts = 20 }
        let expired = Refusal(advice: .newCode, code: "AUTHCODEEXPIRE")
        for index in 10..<30 {
            let order = try rig.submit("1300000000000000\(index)")
            _ = rig.reply(order, .refused(expired))
            _ = rig.answerQuery(order, .orderNotExist)
            #expect(rig.till.unsettledCount == 0)
            rig.advance(2)
        }
        #expect(rig.till.revokeQueue.count >= 10)
        #expect(rig.till.reasons.isEmpty)
        // Nor is it a warning.
        #expect(
            !rig.log.contains { if case .show(let d) = $0 { d.needsTechnician } else { false } }
        )
        guard case .created? = rig.ask() else {
            Issue.record("the kiosk does not sell")
            return
        }
        let order = try rig.submit("134444444444444444")
        _ = rig.reply(order, .paid(proof))
        #expect(rig.saleState == .paid)
    }

    @Test("A refused one that turns out charged counts; settled, it counts no more (C7, B6)")
    func refusedAndCharged() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.till.unsettledCount == 0)
        rig.advance(15.1)
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.till.unsettledCount == 1 && rig.till.unsettledSum == 200)
        #expect(rig.advance(10).reversed == [order])
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        _ = rig.answerQuery(order, .notPaid(.refund, transactionID: "1"))
        #expect(rig.till.unsettledCount == 0 && rig.till.unsettledSum == 0)
    }

    @Test("The sum bounds it too, is checked before an attempt and never during one (C7)")
    func sum() throws {
        let queued = QueuedOrders(2, fen: 40_000)
        let rig = TillRig({ $0.risk.maximumUnsettledSum = 100_000 }, rows: queued.rows)
        #expect(rig.till.reasons.isEmpty)
        #expect(rig.till.unsettledSum == 80_000)
        let order = try rig.submit()
        // Above it while the attempt is under way: it goes on, and is paid.
        let other = TillRig(
            { $0.risk.maximumUnsettledSum = 80_000 },
            rows: queued.rows
        )
        #expect(other.till.reasons == [.risk])
        guard case .problem(.notReady([.risk]))? = other.ask() else {
            Issue.record("a sale started above the limit")
            return
        }
        _ = rig.reply(order, .paid(proof))
        #expect(rig.saleState == .paid)
    }

    @Test("Three quarters of a limit is a warning (C7)", arguments: [(14, false), (15, true)])
    func warning(_ count: Int, _ isNear: Bool) {
        let rig = TillRig(rows: QueuedOrders(count).rows)
        let shown = rig.log.compactMap {
            if case .show(let d) = $0 { d } else { nil as LightDisplay? }
        }
        #expect(shown.last?.needsTechnician == isNear)
        #expect(rig.till.reasons.isEmpty)
    }

    @Test("The queue itself is bounded, whatever its orders hold: memory never grows without limit")
    func bounded() {
        #expect(RiskLimits().maximumQueued == 10_000)
        let few: (inout Policy) -> Void = { $0.risk.maximumQueued = 30 }
        let full = TillRig(few, rows: QueuedOrders(30, reason: .refused).rows)
        #expect(full.till.unsettledCount == 0)
        #expect(full.till.reasons == [.risk])
        let room = TillRig(few, rows: QueuedOrders(29, reason: .refused).rows)
        #expect(room.till.reasons.isEmpty)
    }
}
