import Payments
import Testing

@Suite("A payment that succeeds")
struct PaidTests {
    @Test("Record, then act: the submit leaves only after its row is committed (A1)")
    func recordThenAct() throws {
        let rig = TillRig()
        _ = rig.ask()
        rig.commitsAtOnce = false
        #expect(rig.scan().submitted == nil)
        #expect(rig.hasUncommitted)
        let before = rig.log.count
        rig.commit()
        #expect(Array(rig.log[before...]).submitted != nil)
    }

    @Test("A sale is named to nobody before its row is committed (A1)")
    func namedOnceStored() throws {
        let rig = TillRig()
        rig.commitsAtOnce = false
        #expect(rig.ask() == nil)
        #expect(rig.till.activeSale == nil)
        rig.commit()
        #expect(rig.till.activeSale?.state == .awaitingCode)
    }

    @Test("The submit is prepared while its row is stored, and leaves before anybody is told of it")
    func preparedMeanwhile() throws {
        let rig = TillRig()
        _ = rig.ask()
        rig.commitsAtOnce = false
        let scanned = rig.scan()
        let record = try #require(
            scanned.firstIndex { if case .record = $0 { true } else { false } }
        )
        let prepared = try #require(scanned.firstIndex { $0.preparedSubmit != nil })
        // The row goes first: preparing must not hold it up.
        #expect(record < prepared)
        let before = rig.log.count
        rig.commit()
        let committed = Array(rig.log[before...])
        let submit = try #require(scanned[prepared].preparedSubmit)
        let left = try #require(committed.firstIndex(of: submit))
        let told = try #require(
            committed.firstIndex { if case .announce = $0 { true } else { false } }
        )
        #expect(left < told)
    }

    @Test("What was prepared never leaves if its row cannot be stored (A1, A3)")
    func preparedInVain() throws {
        let rig = TillRig()
        _ = rig.ask()
        rig.commitsAtOnce = false
        let scanned = rig.scan()
        #expect(scanned.contains { $0.preparedSubmit != nil })
        let before = rig.log.count
        rig.failCommit()
        while rig.hasUncommitted { rig.commit() }
        #expect(Array(rig.log[before...]).submitted == nil)
    }

    @Test("Old scans are dropped before the application hears of its sale, no later ones (B8)")
    func discardBeforeAnswer() throws {
        let rig = TillRig()
        let actions = rig.asked()
        let discard = try #require(actions.firstIndex(of: .discardScans))
        let told = try #require(
            actions.firstIndex { action in
                switch action {
                case .announce, .answer: true
                default: false
                }
            }
        )
        #expect(discard < told)
        #expect(actions.count { $0 == .discardScans } == 1)
    }

    @Test("Password-exempt: paid, receipt, lights, offered, claimed, delivered (B1, D1)")
    func passwordExempt() throws {
        let rig = TillRig()
        guard case .created(let row)? = rig.ask() else {
            Issue.record("no sale")
            return
        }
        #expect(row.state == .awaitingCode)
        let order = try rig.submit()
        #expect(rig.saleState == .submitting)
        let actions = rig.reply(order, .paid(proof))
        #expect(actions.lights == [.approved])
        #expect(actions.slips.map(\.kind) == [.receipt(proof)])
        #expect(actions.events.map(\.kind) == [.saleChanged, .releaseOffered])
        #expect(rig.saleState == .paid)
        #expect(rig.advance(3).lights == [.quiet])

        #expect(rig.call(.claim(key: "a"))?.state == .delivering)
        #expect(rig.call(.claim(key: "a"))?.state == .delivering)
        #expect(rig.call(.claim(key: "b")) == .problem(.alreadyClaimed))
        #expect(rig.call(.delivered)?.state == .delivered)
        #expect(rig.till.activeSale == nil)
        #expect(rig.storedAttempt(order)?.state == .paid)
        #expect(rig.storedSale()?.transactionID == proof.transactionID)
        #expect(rig.log.reversed.isEmpty)
    }

    @Test("Approved is not shown again after a fault: the next payer would take it for theirs (G3)")
    func approvedOnce() throws {
        let rig = TillRig()
        _ = rig.ask()
        #expect(rig.reply(try rig.submit(), .paid(proof)).lights == [.approved])
        _ = rig.call(.delivered)
        #expect(rig.send(.deviceChanged(.scanner, .failed)).lights == [.outOfService])
        #expect(rig.send(.deviceChanged(.scanner, .working)).lights == [.ready])
    }

    @Test("Goods are offered only after Paid is committed (D1)")
    func offeredAfterCommit() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.commitsAtOnce = false
        let actions = rig.reply(order, .paid(proof))
        #expect(actions.events.isEmpty && actions.slips.isEmpty)
        #expect(actions.lights.isEmpty)
        #expect(rig.call(.claim(key: "a")) == .problem(.notPaid(.confirming)))
    }

    @Test("Password needed: a query every five seconds until SUCCESS (B2)")
    func password() throws {
        let rig = TillRig()
        let order = try rig.submit()
        #expect(rig.reply(order, .passwordNeeded).queries.isEmpty)
        #expect(rig.saleState == .confirming)
        #expect(rig.advance(4.9).queries.isEmpty)
        #expect(rig.advance(0.2).queries == [order])
        #expect(rig.answerQuery(order, .notPaid(.userPaying, transactionID: nil)).queries.isEmpty)
        #expect(rig.advance(5).queries == [order])
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.saleState == .paid)
        #expect(rig.storedAttempt(order)?.state == .paid)
    }

    @Test("A query without an answer does not keep the next ones from finding SUCCESS (B2)")
    func silentQuery() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .passwordNeeded)
        #expect(rig.advance(5).queries == [order])
        #expect(rig.advance(4.9).queries.isEmpty)
        #expect(rig.advance(0.1).queries == [order])
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.saleState == .paid)
    }

    @Test("However many queries stay silent, at most four are out at once (B2)")
    func silentQueries() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .passwordNeeded)
        #expect(rig.advance(29.9).queries.count == 4)
        // One answer makes room for the query that is due when the window ends.
        _ = rig.answerQuery(order, .unknown(.noReply(reason: "timed-out")))
        #expect(rig.advance(0.2).queries == [order])
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.saleState == .paid)
    }

    @Test("Silence is queried from ten seconds on while the submit is still open (B3)")
    func silence() throws {
        let rig = TillRig()
        let order = try rig.submit()
        #expect(rig.advance(9.9).queries.isEmpty)
        #expect(rig.advance(0.2).queries == [order])
        #expect(rig.saleState == .confirming)
        let actions = rig.answerQuery(order, .paid(proof))
        // The submit has no complete reply: it is aborted (C2).
        #expect(actions.abandoned == [order])
        #expect(rig.saleState == .paid)
    }

    @Test("Unknown is queried at once (B3)")
    func unknown() throws {
        let rig = TillRig()
        let order = try rig.submit()
        #expect(rig.reply(order, .unknown(.platform(code: "SYSTEMERROR"))).queries == [order])
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.saleState == .paid)
    }

    @Test("Refused but really paid: the confirming query finds SUCCESS (B4)")
    func refusedButPaid() throws {
        let rig = TillRig()
        let order = try rig.submit()
        let actions = rig.reply(order, .refused(notEnough))
        #expect(actions.queries == [order])
        #expect(actions.lights.isEmpty)
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.saleState == .paid)
    }

    @Test("autoDeliver counts a paid sale as delivered at once")
    func autoDeliver() throws {
        let rig = TillRig { $0.sale.autoDeliver = true }
        let order = try rig.submit()
        let actions = rig.reply(order, .paid(proof))
        #expect(actions.events.map(\.state) == [.paid, .delivered])
        #expect(rig.till.activeSale == nil)
    }

    @Test("No receipt is printed while Paid is still being stored (D4)")
    func reprintBeforePaid() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.reply(order, .paid(proof))
        #expect(rig.call(.receipt) == .problem(.outcomeOpen))
        #expect(rig.log.slips.isEmpty)
        rig.failCommit()
        #expect(rig.log.slips.allSatisfy { if case .receipt = $0.kind { false } else { true } })
    }

    @Test("A reprint is marked as a copy; a receipt is only for Paid (D4)")
    func reprint() throws {
        let rig = TillRig()
        _ = rig.ask()
        #expect(rig.call(.receipt) == .problem(.nothingToPrint))
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        let id = try #require(rig.till.activeSale?.id)
        let actions = rig.send(
            .saleCalled(RequestID(9), id, .receipt, stored: nil, attempts: [])
        )
        #expect(actions.slips.map(\.isCopy) == [true])
    }

    @Test("The receipt names the masked payer; a copy cannot: the payer is not stored (G1)")
    func payer() throws {
        let rig = TillRig()
        let order = try rig.submit()
        let named = PaymentProof(
            transactionID: proof.transactionID,
            paidAtSeconds: proof.paidAtSeconds,
            maskedPayer: "…7AG0"
        )
        #expect(rig.reply(order, .paid(named)).slips.map(\.kind) == [.receipt(named)])
        let id = try #require(rig.till.activeSale?.id)
        let copy = rig.send(.saleCalled(RequestID(9), id, .receipt, stored: nil, attempts: []))
        #expect(copy.slips.map(\.kind) == [.receipt(proof)])
    }

    @Test("A reprint says what has become of the money since (G3)")
    func reprintOfUndone() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.advance(60)
        let sale = try #require(rig.storedSale())
        #expect(sale.truth == "not-known-yet")
        func reprint(_ state: AttemptState, _ outcome: String?) throws -> [Slip] {
            var attempt = try #require(rig.storedAttempt(order))
            attempt.state = state
            attempt.outcome = outcome
            var later = attempt
            later.state = .undone
            later.outcome = "nothing-charged"
            let attempts = outcome == "returned" ? [attempt, later] : [attempt]
            return TillRig().send(
                .saleCalled(RequestID(9), sale.id, .receipt, stored: sale, attempts: attempts)
            ).slips
        }
        let open = try reprint(.revoking, nil)
        #expect(open.map(\.kind) == [.notCompleted(.notKnownYet(order), nil)])
        let settled = try reprint(.undone, "nothing-charged")
        #expect(settled.map(\.kind) == [.notCompleted(.nothingTaken, nil)])
        let unproven = try reprint(.undone, "nothing-kept")
        #expect(unproven.map(\.kind) == [.nothingKept])
        for slips in [try reprint(.undone, "returned"), try reprint(.refunded, "returned")] {
            #expect(slips.map(\.kind) == [.moneyReturned])
            #expect(slips.map(\.isCopy) == [true] && slips.map(\.order) == [order])
        }
    }

    @Test("A fixed-price kiosk has no application to tell the payer: paper says what to do (B4)")
    func refusedAtFixedPrice() throws {
        for isFixed in [true, false] {
            let rig = TillRig {
                guard isFixed else { return }
                $0.sale.fixedItem = .init(amount: TillRig.cny(500), description: "Wash")
            }
            let order = try isFixed ? #require(rig.scan().submitted) : rig.submit()
            _ = rig.reply(order, .refused(notEnough))
            _ = rig.answerQuery(order, .orderNotExist)
            if !isFixed { rig.advance(120) }
            #expect(rig.storedSale()?.state == .expired)
            let kinds = rig.log.slips.map(\.kind)
            #expect(kinds == (isFixed ? [.notCompleted(.nothingTaken, .otherCard)] : []))
        }
    }
}

extension Answer {
    var state: SaleState? {
        switch self {
        case .sale(let row), .created(let row), .accepted(let row): row.state
        case .problem, .revoke: nil
        }
    }
}

extension TillAction {
    /// The submit that this action prepares.
    fileprivate var preparedSubmit: TillAction? {
        guard case .prepareSubmit(let order, let code, let amount, let description) = self else {
            return nil
        }
        return .submit(order, code, amount, description: description)
    }
}
