import Payments
import Testing

/// Releasing the goods: claims, reports, silence, restarts (section D).
@Suite("Releasing the goods (D)")
struct ReleaseTests {
    /// A claimed sale whose goods nobody reports.
    static func claimed(
        _ change: @escaping (inout Policy) -> Void = { _ in }
    ) throws -> (TillRig, OrderNumber, SaleRow) {
        let rig = TillRig(change)
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        _ = rig.call(.claim(key: "a"))
        return (rig, order, try #require(rig.storedSale()))
    }

    @Test(
        "ask: told after the delivery wait, parked an hour after the claim; the kiosk sells again (D3)"
    )
    func asked() throws {
        let (rig, order, sale) = try Self.claimed()
        let paper = rig.log.slips.count
        #expect(rig.till.unreportedSale == nil)
        #expect(rig.advance(60.1).events.map(\.kind) == [.releaseUnreported])
        // It is on the technician's list, and the lights call for one.
        #expect(rig.till.unreportedSale == sale.id)
        #expect(rig.log.showsTechnician == true)
        #expect(rig.restarted().till.unreportedSale == sale.id)
        #expect(rig.advance(3_500).events.isEmpty)
        #expect(rig.saleState == .delivering)
        let end = rig.advance(60)
        #expect(end.events.map(\.kind) == [.saleChanged, .parked])
        #expect(end.events.first?.state == .undelivered)
        #expect(rig.storedSale(sale.id)?.truth == "paid")
        #expect(rig.storedSale(sale.id)?.reason == "claimed-unreported")
        #expect(rig.storedAttempt(order)?.state == .parked)
        #expect(rig.storedRevoke(order)?.parkedReason == "claimed-unreported")
        // No second receipt (D4), no step: the goods may have left (C1).
        #expect(rig.log.slips.count == paper)
        #expect(rig.advance(86_400).steps.isEmpty)
        #expect(rig.till.reasons.isEmpty)
        guard case .created? = rig.ask() else {
            Issue.record("the kiosk does not sell")
            return
        }
    }

    @Test(
        "Told when storage is back, unless it was reported meanwhile (D3)",
        arguments: [true, false]
    )
    func askedLate(_ isReported: Bool) throws {
        let (rig, _, sale) = try Self.claimed()
        rig.commitsAtOnce = false
        rig.advance(60.1)
        rig.failCommit()
        if isReported {
            rig.commitsAtOnce = true
            #expect(rig.call(.delivered)?.state == .delivered)
            #expect(rig.till.unreportedSale == nil && rig.log.showsTechnician == false)
        }
        rig.commitsAtOnce = true
        rig.advance(61)
        let told = rig.log.events.filter { $0.kind == .releaseUnreported }
        #expect(told.map(\.sale) == (isReported ? [] : [sale.id]))
    }

    @Test("The hour is configuration, and counts from the claim")
    func parkTime() throws {
        let (rig, _, _) = try Self.claimed {
            $0.sale.unreportedPark = .seconds(120)
            $0.sale.deliveryWait = .seconds(30)
        }
        #expect(rig.advance(119.9).events.map(\.kind) == [.releaseUnreported])
        #expect(rig.advance(0.2).events.map(\.kind) == [.saleChanged, .parked])
        // A wait that is longer than the hour: told and parked at once.
        let (late, _, _) = try Self.claimed {
            $0.sale.unreportedPark = .seconds(30)
            $0.sale.deliveryWait = .seconds(60)
        }
        #expect(
            late.advance(60.1).events.map(\.kind) == [.releaseUnreported, .saleChanged, .parked]
        )
    }

    @Test("Reported within the hour: delivered, or the money goes back (D1, D2)")
    func reported() throws {
        let (rig, order, _) = try Self.claimed()
        rig.advance(1_800)
        #expect(rig.call(.delivered)?.state == .delivered)
        #expect(rig.advance(7_200).events.isEmpty)
        #expect(rig.storedAttempt(order)?.state == .paid)
        let (other, second, _) = try Self.claimed()
        other.advance(1_800)
        #expect(other.call(.undelivered)?.state == .undelivered)
        #expect(other.storedAttempt(second)?.state == .revoking)
    }

    @Test(
        "A restart goes on waiting for the report, the hour from the claim; another boot begins anew (D3)"
    )
    func restart() throws {
        let (before, order, _) = try Self.claimed()
        before.advance(1_800)
        let same = before.restarted()
        #expect(same.log.events.map(\.kind) == [.releaseUnreported])
        #expect(same.saleState == .delivering)
        #expect(same.advance(1_799).events.isEmpty)
        #expect(same.advance(2).events.map(\.kind) == [.saleChanged, .parked])
        let other = before.restarted(sameBoot: false)
        #expect(other.advance(3_599).events.isEmpty)
        #expect(other.advance(2).events.map(\.kind) == [.saleChanged, .parked])
        #expect(other.storedAttempt(order)?.state == .parked)
        let long = TillRig(
            rows: RecoveryTests.openRows(before),
            time: before.time + 7_200_000_000_000
        )
        #expect(long.advance(0.1).events.map(\.kind).contains(.parked))
    }

    @Test(
        "refund and keep decide on silence and on restart alike (D3)",
        arguments: [SalePolicy.ClaimedUnreported.refund, .keep]
    )
    func decided(_ policy: SalePolicy.ClaimedUnreported) throws {
        let change: (inout Policy) -> Void = { $0.sale.claimedUnreported = policy }
        let (silent, order, _) = try Self.claimed(change)
        silent.advance(60.1)
        let (before, second, _) = try Self.claimed(change)
        let restarted = before.restarted()
        if policy == .keep {
            restarted.advance(15)
            _ = restarted.answerQuery(second, .paid(proof))
        }
        for (rig, order) in [(silent, order), (restarted, second)] {
            let isKept = policy == .keep
            #expect(rig.storedSale()?.state == (isKept ? .delivered : .undelivered))
            #expect(rig.storedAttempt(order)?.state == (isKept ? .paid : .revoking))
            #expect(rig.till.activeSale == nil)
        }
    }

    @Test("A replayed claim never releases twice, whenever it is repeated (D1)")
    func replayed() throws {
        let (rig, order, sale) = try Self.claimed()
        #expect(rig.call(.claim(key: "a"))?.state == .delivering)
        #expect(rig.call(.claim(key: "b")) == .problem(.alreadyClaimed))
        let again = rig.restarted()
        again.advance(15)
        _ = again.answerQuery(order, .paid(proof))
        #expect(again.call(.claim(key: "a"))?.state == .delivering)
        #expect(again.call(.claim(key: "b")) == .problem(.alreadyClaimed))
        #expect(again.log.events.allSatisfy { $0.kind != .releaseOffered })
        again.advance(3_600)
        let parked = try #require(again.storedSale(sale.id))
        for key in ["a", "b"] {
            #expect(again.call(.claim(key: key), stored: parked) == .problem(.releaseParked))
        }
        let (delivered, _, _) = try Self.claimed()
        _ = delivered.call(.delivered)
        let stored = try #require(delivered.storedSale())
        #expect(delivered.call(.claim(key: "a"), stored: stored)?.state == .delivered)
        #expect(delivered.call(.claim(key: "b"), stored: stored) == .problem(.alreadyClaimed))
    }

    @Test("Delivered after a revoke decision: refused, and a person is told, once (D1)")
    func lateDelivery() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        rig.advance(60.1)
        let stored = try #require(rig.storedSale())
        for round in 0..<3 {
            let actions = rig.send(
                .saleCalled(
                    RequestID(7),
                    stored.id,
                    .delivered,
                    stored: stored,
                    attempts: [try #require(rig.storedAttempt(order))]
                )
            )
            #expect(actions.answer == .problem(.releaseWithdrawn))
            #expect(actions.events.map(\.kind) == (round == 0 ? [.flagged] : []))
        }
        #expect(rig.storedRevoke(order)?.needsPerson == true)
    }

    @Test(
        "Delivered after an expired or cancelled sale whose attempt is being undone: a person is told too",
        arguments: [SaleState.expired, .cancelled]
    )
    func lateDeliveryWithoutPaid(_ end: SaleState) throws {
        let rig = TillRig()
        let order = try rig.submit()
        if end == .cancelled { _ = rig.call(.cancel) } else { rig.advance(60) }
        let stored = try #require(rig.storedSale())
        #expect(stored.state == end && stored.paid == nil)
        let (queued, event) = try Self.reportDelivered(rig, stored, [order])
        #expect(queued == .problem(.notPaid(end)))
        #expect(event.map(\.reason) == ["delivered-after-revoke"] && event.first?.order == order)
        #expect(rig.storedRevoke(order)?.needsPerson == true)
        // Also once the order has left the queue.
        var row = try #require(rig.storedAttempt(order))
        row.state = .undone
        let later = TillRig()
        for round in 0..<2 {
            let actions = later.send(
                .saleCalled(RequestID(8), stored.id, .delivered, stored: stored, attempts: [row])
            )
            #expect(actions.answer == .problem(.notPaid(end)))
            #expect(actions.events.map(\.kind) == (round == 0 ? [.flagged] : []))
        }
    }

    @Test(
        "Delivered is reported of a sale that waits for another code, or was never charged (B6, D1)"
    )
    func deliveryOfUnpaid() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        _ = rig.answerQuery(order, .notPaid(.notPay, transactionID: nil))
        #expect(rig.saleState == .declined)
        let actions = rig.send(
            .saleCalled(
                RequestID(9),
                try #require(rig.storedSale()).id,
                .delivered,
                stored: nil,
                attempts: []
            )
        )
        #expect(actions.answer == .problem(.notPaid(.declined)))
        #expect(actions.events.map(\.order) == [order])
        // No code was ever shown: nothing was decided, nothing is flagged.
        let idle = TillRig()
        _ = idle.ask()
        idle.advance(61)
        let stored = try #require(idle.storedSale())
        #expect(stored.state == .expired)
        let (answer, events) = try Self.reportDelivered(idle, stored, [])
        #expect(answer == .problem(.notPaid(.expired)) && events.isEmpty)
    }

    private static func reportDelivered(
        _ rig: TillRig,
        _ sale: SaleRow,
        _ orders: [OrderNumber],
    ) throws -> (Answer?, [EventRow]) {
        let attempts = try orders.map { try #require(rig.storedAttempt($0)) }
        let actions = rig.send(
            .saleCalled(RequestID(7), sale.id, .delivered, stored: sale, attempts: attempts)
        )
        return (actions.answer, actions.events.filter { $0.kind == .flagged })
    }

    // MARK: - Reports about a parked sale

    static func parked() throws -> (TillRig, OrderNumber, SaleRow) {
        let (rig, order, sale) = try claimed()
        rig.advance(3_601)
        return (rig, order, try #require(rig.storedSale(sale.id)))
    }

    @Test("Undelivered is reported after all: the money goes back, and the sale says so (C1, D2)")
    func undeliveredAfterParked() throws {
        let (rig, order, sale) = try Self.parked()
        guard case .sale(let told)? = rig.call(.undelivered, stored: sale) else {
            Issue.record("refused")
            return
        }
        #expect(told.truth == "being-returned" && told.state == .undelivered)
        #expect(rig.log.slips.last?.kind == .notCompleted(.beingReturned, nil))
        #expect(rig.storedSale(sale.id)?.truth == "being-returned")
        #expect(rig.storedAttempt(order)?.state == .revoking)
        #expect(rig.log.steps.last == order)
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.advance(5).reversed == [order])
        // Said again: the same sale, no second revoke.
        #expect(rig.call(.undelivered, stored: rig.storedSale(sale.id))?.state == .undelivered)
        #expect(rig.till.revokeQueue.count == 1)
    }

    @Test("It holds across a restart, and when the row cannot be stored at first")
    func undeliveredLater() throws {
        let (before, order, sale) = try Self.parked()
        let rig = before.restarted(sameBoot: false)
        #expect(rig.till.revokeQueue.parked == 1)
        rig.commitsAtOnce = false
        #expect(rig.call(.undelivered, stored: sale) == nil)
        rig.failCommit()
        rig.commitsAtOnce = true
        rig.advance(61)
        #expect(rig.storedAttempt(order)?.state == .revoking)
        #expect(rig.storedSale(sale.id)?.truth == "being-returned")
    }

    @Test("Delivered is reported after all: a person is told; the sale's end stands (D3)")
    func deliveredAfterParked() throws {
        let (rig, order, sale) = try Self.parked()
        let actions = rig.send(
            .saleCalled(
                RequestID(7),
                sale.id,
                .delivered,
                stored: sale,
                attempts: [try #require(rig.storedAttempt(order))]
            )
        )
        #expect(actions.answer == .problem(.releaseParked))
        #expect(actions.events.map(\.reason) == ["delivered-after-parked"])
        #expect(rig.advance(3_600).steps.isEmpty)
        let call = RevokeCall.settle(.writtenOff, note: "the goods were taken", by: "b")
        guard case .revoke(let entry)? = rig.callRevoke(order, call) else {
            Issue.record("not settled")
            return
        }
        #expect(entry.attempt.state == .writtenOff)
    }

    @Test(
        "Undelivered is reported after a person let the money stay: refused, and told, once (C1, C5)"
    )
    func undeliveredAfterWrittenOff() throws {
        let (rig, order, sale) = try Self.parked()
        rig.callRevoke(order, .settle(.writtenOff, note: "the goods were taken", by: "b"))
        for round in 0..<2 {
            let actions = rig.send(
                .saleCalled(
                    RequestID(7),
                    sale.id,
                    .undelivered,
                    stored: sale,
                    attempts: [try #require(rig.storedAttempt(order))]
                )
            )
            #expect(actions.answer == .problem(.alreadySettled(.writtenOff)))
            let told = round == 0 ? ["undelivered-after-written-off"] : []
            #expect(actions.events.compactMap(\.reason) == told)
        }
        #expect(rig.storedAttempt(order)?.state == .writtenOff)
        #expect(rig.advance(3_600).steps.isEmpty)
    }

    // The kiosk had counted it as delivered itself; the application's truthful word was refused, and no person heard of it.
    @Test(
        "Undelivered is reported of a sale that counts as delivered: refused, and a person is told, once (C1, D3)",
        arguments: ["keep", "keep over a restart", "autoDeliver", "reported"]
    )
    func undeliveredAfterDelivered(by whose: String) throws {
        let change: (inout Policy) -> Void = {
            $0.sale.claimedUnreported = .keep
            $0.sale.autoDeliver = whose == "autoDeliver"
        }
        var rig = TillRig(change)
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        if whose != "autoDeliver" { _ = rig.call(.claim(key: "a")) }
        if whose == "reported" { _ = rig.call(.delivered) }
        if whose == "keep over a restart" {
            rig = rig.restarted()
            rig.advance(15)
            _ = rig.answerQuery(order, .paid(proof))
        }
        rig.advance(60.1)
        let sale = try #require(rig.storedSale())
        #expect(sale.state == .delivered)
        let report = TillEvent.saleCalled(
            RequestID(7),
            sale.id,
            .undelivered,
            stored: sale,
            attempts: [try #require(rig.storedAttempt(order))]
        )
        // Not stored, nobody is told, and the caller is not let go.
        rig.commitsAtOnce = false
        #expect(rig.send(report).answer == nil)
        let before = rig.log.count
        rig.failCommit()
        #expect(Array(rig.log[before...]).answer == .problem(.storageFailed))
        rig.commitsAtOnce = true
        rig.advance(61)
        for round in 0..<2 {
            let actions = rig.send(report)
            #expect(actions.answer == .problem(.alreadyDelivered))
            let told = round == 0 ? ["undelivered-after-delivered"] : []
            #expect(actions.events.compactMap(\.reason) == told)
            #expect(actions.events.allSatisfy { $0.kind == .flagged && $0.order == order })
        }
        #expect(rig.storedAttempt(order)?.state == .paid)
        #expect(rig.storedSale(sale.id)?.state == .delivered)
        #expect(rig.advance(3_600).steps.isEmpty)
    }

    @Test("Under a journal that is not ours such a report is kept for after the adoption (A5)")
    func undeliveredAfterDeliveredInCopy() throws {
        let (before, order, _) = try Self.claimed()
        _ = before.call(.delivered)
        let sale = try #require(before.storedSale())
        let rig = TillRig(custody: .foreign)
        let report = TillEvent.saleCalled(
            RequestID(7),
            sale.id,
            .undelivered,
            stored: sale,
            attempts: [try #require(before.storedAttempt(order))]
        )
        #expect(rig.send(report).answer == .problem(.journalNotAdopted))
        #expect(rig.journal.isEmpty)
        rig.send(.journalAdopted)
        #expect(rig.send(report).events.map(\.reason) == ["undelivered-after-delivered"])
    }

    @Test("Undelivered is reported while a settlement is being stored: that is awaited (A1, C5)")
    func undeliveredWhileSettling() throws {
        let (rig, order, sale) = try Self.parked()
        rig.commitsAtOnce = false
        rig.callRevoke(order, .settle(.writtenOff, note: "n", by: "b"))
        #expect(rig.call(.undelivered, stored: sale) == .problem(.releaseParked))
        rig.commit()
        #expect(!rig.hasUncommitted)
        #expect(rig.storedAttempt(order)?.state == .writtenOff)
        #expect(rig.till.revokeQueue.count == 0)
    }

    @Test("Trying again is no answer to where the goods are (D3)")
    func noRetry() throws {
        let (rig, order, _) = try Self.parked()
        #expect(rig.callRevoke(order, .retry) == .problem(.needsReport))
        #expect(rig.till.revokeQueue.parked == 1)
    }

    @Test("Calls while the parking is being stored; and a parking that is not stored (A3)")
    func whileParking() throws {
        let (rig, order, sale) = try Self.claimed()
        rig.advance(3_500)
        rig.commitsAtOnce = false
        rig.advance(101)
        let before = rig.log.count
        #expect(rig.call(.undelivered) == .problem(.releaseParked))
        #expect(rig.call(.delivered) == .problem(.releaseParked))
        #expect(rig.call(.claim(key: "a")) == .problem(.releaseParked))
        while rig.hasUncommitted { rig.failCommit() }
        #expect(Array(rig.log[before...]).slips.isEmpty)
        #expect(rig.till.activeSale == nil)
        rig.commitsAtOnce = true
        let back = rig.advance(60)
        #expect(back.events.map(\.kind).contains(.parked))
        #expect(rig.storedSale(sale.id)?.reason == "claimed-unreported")
        #expect(rig.storedAttempt(order)?.state == .parked)
    }
}
