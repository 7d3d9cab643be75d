import Payments
import Testing

/// A commit that failed may be found stored after a restart: a disk that cannot sync may keep what it took. And a claim that is
/// stored for certain may be withdrawn by a record that is not.
@Suite("Commits that failed and are stored all the same (A1, A3, D1, D3)")
struct DoubtfulCommitTests {
    private static func found(_ rig: TillRig, remembers: Bool = true) -> TillRig {
        rig.restarted(sameBoot: true, remembers: remembers)
    }

    /// A paid sale whose commit failed and is stored.
    private static func paid(
        _ change: @escaping (inout Policy) -> Void = { _ in }
    ) throws -> (TillRig, OrderNumber) {
        let rig = TillRig(change)
        let order = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.reply(order, .paid(proof))
        rig.failCommit(butStores: true)
        return (rig, order)
    }

    // A restart kept the money of a payer who was told that it goes back, or offered the goods for it.
    @Test(
        "Paid, and told as being returned: a restart in the same boot keeps that word (A3, G3)",
        arguments: [true, false],
        [true, false]
    )
    func told(_ isAutoDelivered: Bool, isStored: Bool) throws {
        let rig = TillRig { $0.sale.autoDeliver = isAutoDelivered }
        let order = try rig.submit()
        rig.commitsAtOnce = false
        let start = rig.log.count
        _ = rig.reply(order, .paid(proof))
        rig.failCommit(butStores: isStored)
        let told = Array(rig.log[start...])
        #expect(rig.returnsTold == [order])
        #expect(told.slips.map(\.kind) == [.notCompleted(.beingReturned, nil)])
        // Remembered before anybody reads it.
        let remembered = try #require(rig.log.firstIndex(of: .rememberReturn(order)))
        let notice = try #require(
            rig.log.firstIndex { if case .notice(.ended) = $0 { true } else { false } }
        )
        #expect(remembered < notice)
        let again = Self.found(rig)
        #expect(again.log.events.map(\.kind) == [.saleChanged])
        #expect(again.log.events.map(\.truth) == ["being-returned"])
        #expect(again.storedSale()?.state == (isStored ? .undelivered : .expired))
        #expect(again.storedAttempt(order)?.state == .revoking)
        #expect(again.storedRevoke(order)?.chargeSeen == true)
        // Twice: the first of the two starts could not store what it decided.
        let unstored = rig.restarted(commitsAtOnce: false).restarted()
        #expect(unstored.storedAttempt(order)?.state == .revoking)
        #expect(again.advance(15.1).steps == [order])
    }

    @Test("Claimed, and told as being returned: the claim is not acknowledged any more (A3, D1)")
    func toldClaim() throws {
        for isDoubtful in [true, false] {
            let (before, order) = try Self.withdrawn(.keep, isClaimDoubtful: isDoubtful)
            let rig = before.restarted()
            let sale = try #require(rig.storedSale())
            #expect(sale.state == .undelivered && sale.truth == "being-returned")
            #expect(rig.till.activeSale == nil)
            #expect(rig.call(.claim(key: "a"), stored: sale) == .problem(.releaseWithdrawn))
            #expect(rig.advance(15.1).steps == [order])
        }
    }

    @Test("Told as being returned, and then the journal is adopted: it goes back (A3, A5)")
    func toldAndAdopted() throws {
        let (before, order) = try Self.paid()
        let rig = before.restarted(custody: .foreign)
        rig.send(.journalAdopted)
        #expect(rig.log.events.map(\.truth) == ["being-returned"])
        rig.advance(15.1)
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.advance(60).reversed == [order])
    }

    @Test(
        "Paid, and what was told is forgotten: the money stays as long as a restart would release the goods",
        arguments: [true, false]
    )
    func paid(_ isAutoDelivered: Bool) throws {
        let (rig, order) = try Self.paid { $0.sale.autoDeliver = isAutoDelivered }
        #expect(rig.storedSale()?.state == .paid)
        #expect(rig.advance(59).steps.isEmpty)
        let inside = Self.found(rig, remembers: false)
        if isAutoDelivered {
            #expect(inside.storedSale()?.state == .delivered)
        } else {
            #expect(inside.log.events.map(\.kind).contains(.releaseOffered))
        }
        #expect(rig.advance(1.1).reversed == [order])
        let outside = Self.found(rig, remembers: false)
        #expect(outside.log.events.map(\.kind) == [.saleChanged])
        #expect(outside.storedSale()?.state == .undelivered)
        #expect(outside.storedAttempt(order)?.state == .revoking)
    }

    @Test(
        "The revoke is stored: no restart releases the goods any more, and the money goes back at once"
    )
    func stored() throws {
        let rig = TillRig { $0.sale.deliveryWait = .seconds(600) }
        let order = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.reply(order, .paid(proof))
        rig.failCommit()
        #expect(rig.advance(59).steps.isEmpty)
        rig.commitsAtOnce = true
        #expect(rig.advance(2).reversed == [order])
        #expect(rig.storedAttempt(order)?.state == .revoking)
        let again = Self.found(rig)
        #expect(again.log.events.isEmpty && again.till.activeSale == nil)
    }

    /// A sale whose claim is in the journal and whose money the kiosk has sent back, which is not.
    private static func withdrawn(
        _ policy: SalePolicy.ClaimedUnreported,
        isClaimDoubtful: Bool,
    ) throws -> (TillRig, OrderNumber) {
        let rig = TillRig { $0.sale.claimedUnreported = policy }
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        rig.commitsAtOnce = false
        _ = rig.call(.claim(key: "a"))
        if isClaimDoubtful {
            rig.failCommit(butStores: true)
        } else {
            rig.commit()
            _ = rig.call(.undelivered)
            rig.failCommit()
        }
        #expect(rig.advance(60.1).reversed == [order])
        rig.send(.reverseEnded(order, .accepted(recall: false)))
        rig.advance(0.3)
        #expect(rig.storedSale()?.state == .delivering)
        return (rig, order)
    }

    @Test(
        "Claimed, and the money is back: a restart neither acknowledges the claim nor counts it",
        arguments: [SalePolicy.ClaimedUnreported.ask, .keep],
        [true, false]
    )
    func claimed(_ policy: SalePolicy.ClaimedUnreported, isClaimDoubtful: Bool) throws {
        let (before, order) = try Self.withdrawn(policy, isClaimDoubtful: isClaimDoubtful)
        for sameBoot in [true, false] {
            let rig = before.restarted(sameBoot: sameBoot, remembers: false)
            let sale = try #require(rig.storedSale())
            #expect(sale.state == .delivering)
            #expect(rig.call(.claim(key: "a")) == .problem(.claimUnchecked))
            #expect(rig.call(.claim(key: "b")) == .problem(.alreadyClaimed))
            // The question is asked at once, and says nothing of the money (G3).
            #expect(rig.log.events.map(\.kind) == (policy == .ask ? [.releaseUnreported] : []))
            #expect(rig.log.events.allSatisfy { $0.truth == nil })
            // Not before a revoke of the ended process can have arrived (C2).
            #expect(rig.advance(14.9).queries.isEmpty)
            #expect(rig.advance(0.2).queries == [order])
            #expect(rig.call(.claim(key: "a")) == .problem(.claimUnchecked))
            _ = rig.answerQuery(order, .notPaid(.revoked, transactionID: "1"))
            #expect(rig.storedSale()?.state == .undelivered)
            #expect(rig.storedSale()?.truth == "being-returned")
            #expect(rig.log.slips.map(\.kind) == [.notCompleted(.beingReturned, nil)])
            #expect(rig.log.events.allSatisfy { $0.kind != .releaseOffered })
            #expect(rig.call(.claim(key: "a"), stored: sale) == .problem(.releaseWithdrawn))
            #expect(rig.advance(20).reversed == [order])
            rig.send(.reverseEnded(order, .accepted(recall: false)))
            rig.advance(0.3)
            _ = rig.answerQuery(order, .notPaid(.revoked, transactionID: "1"))
            #expect(rig.storedAttempt(order)?.state == .undone)
            #expect(rig.till.reasons.isEmpty)
        }
    }

    @Test(
        "Claimed, and the money is there: the same claim is acknowledged, or counts as delivered (D1, D3)"
    )
    func moneyIsThere() throws {
        for policy in [SalePolicy.ClaimedUnreported.ask, .keep] {
            let (before, order, _) = try ReleaseTests.claimed { $0.sale.claimedUnreported = policy }
            let rig = before.restarted()
            rig.advance(15)
            for verdict in [QueryVerdict.unknown(.noReply(reason: "cut")), .orderNotExist] {
                _ = rig.answerQuery(order, verdict)
                #expect(rig.call(.claim(key: "a")) == .problem(.claimUnchecked))
                #expect(rig.advance(5).queries == [order])
            }
            _ = rig.answerQuery(order, .paid(proof))
            let state: SaleState = policy == .ask ? .delivering : .delivered
            #expect(rig.call(.claim(key: "a"), stored: rig.storedSale())?.state == state)
            #expect(rig.storedAttempt(order)?.state == .paid)
            #expect(rig.advance(600).steps.isEmpty)
        }
    }

    @Test(
        "Nobody says how the money stands for an hour: a person is asked, and the kiosk sells again (D3)"
    )
    func neverChecked() throws {
        for policy in [SalePolicy.ClaimedUnreported.ask, .keep] {
            let (before, order, sale) = try ReleaseTests.claimed {
                $0.sale.claimedUnreported = policy
            }
            let rig = before.restarted(sameBoot: false)
            for _ in 0..<800 {
                for _ in rig.advance(5).queries {
                    _ = rig.answerQuery(order, .unknown(.noReply(reason: "cut")))
                }
            }
            #expect(rig.storedAttempt(order)?.state == .parked)
            #expect(rig.storedRevoke(order)?.parkedReason == "claimed-unreported")
            #expect(rig.till.activeSale == nil)
            // No return may be promised of what a person decides about, on paper or anywhere (G3).
            #expect(rig.storedSale(sale.id)?.truth == nil)
            #expect(rig.log.events.allSatisfy { $0.truth == nil })
            #expect(rig.log.slips.isEmpty)
            #expect(rig.log.reversed.isEmpty)
        }
    }

    @Test("The application's own word needs no check (D1, D2)", arguments: [true, false])
    func reported(_ isDelivered: Bool) throws {
        let (before, order, _) = try ReleaseTests.claimed()
        let rig = before.restarted()
        let state: SaleState = isDelivered ? .delivered : .undelivered
        #expect(rig.call(isDelivered ? .delivered : .undelivered)?.state == state)
        #expect(rig.storedSale()?.state == state)
        if isDelivered {
            #expect(rig.advance(600).steps.isEmpty)
        } else {
            #expect(rig.advance(15.1).reversed == [order])
        }
    }
}
