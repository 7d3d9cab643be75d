import Payments
import Testing

@Suite("What a reprint is answered in every phase of a sale (D4, G3)")
struct ReceiptCallTests {
    private enum Told: Equatable {
        case nothingWasTaken
        case outcomeOpen
        case slip(Slip.Kind)
        case other
    }

    private static func told(_ actions: [TillAction]) -> Told {
        switch actions.answer {
        case .problem(.nothingToPrint): .nothingWasTaken
        case .problem(.outcomeOpen): .outcomeOpen
        case .accepted: actions.slips.last.map { $0.isCopy ? .slip($0.kind) : .other } ?? .other
        default: .other
        }
    }

    private func told(_ rig: TillRig, _ sale: SaleID) -> Told {
        let stored = rig.storedSale(sale)
        let attempts = rig.journal.reduce(into: [OrderNumber: AttemptRow]()) { found, row in
            if case .attempt(let attempt) = row, attempt.sale == sale {
                found[attempt.order] = attempt
            }
        }
        return Self.told(
            rig.send(
                .saleCalled(
                    RequestID(9),
                    sale,
                    .receipt,
                    stored: stored,
                    attempts: attempts.values.sorted { $0.ordinal < $1.ordinal }
                )
            )
        )
    }

    // The refusal said "nothing was taken" whenever there was no slip, also of a payment that WeChat Pay had confirmed.
    @Test("Paid, phase by phase: nothing is said of the money before it is known")
    func paid() throws {
        let rig = TillRig()
        rig.commitsAtOnce = false
        _ = rig.ask()
        let sale = try #require(rig.log.lazy.compactMap(\.recordedSale).first)
        #expect(told(rig, sale) == .nothingWasTaken, "opening")
        rig.commit()
        #expect(told(rig, sale) == .nothingWasTaken, "awaitingCode")
        rig.scan()
        #expect(told(rig, sale) == .outcomeOpen, "attempting, being recorded")
        rig.commit()
        let order = try #require(rig.log.submitted)
        rig.send(.submitStarted(order))
        #expect(told(rig, sale) == .outcomeOpen, "attempting, submitted")
        _ = rig.reply(order, .passwordNeeded)
        rig.commit()
        #expect(rig.saleState == .confirming)
        #expect(told(rig, sale) == .outcomeOpen, "attempting, confirming")
        _ = rig.answerQuery(order, .paid(proof))
        #expect(told(rig, sale) == .outcomeOpen, "paying")
        rig.commit()
        #expect(told(rig, sale) == .slip(.receipt(proof)), "paid")
        rig.commit()
        _ = rig.call(.claim(key: "a"))
        #expect(told(rig, sale) == .slip(.receipt(proof)), "claiming")
        rig.commit()
        #expect(told(rig, sale) == .slip(.receipt(proof)), "delivering")
        _ = rig.call(.delivered)
        #expect(told(rig, sale) == .slip(.receipt(proof)), "completing")
        rig.commit()
        #expect(rig.till.activeSale == nil)
        #expect(told(rig, sale) == .slip(.receipt(proof)), "over")
    }

    @Test("Refused, and another code: nothing was taken, then the outcome is open again (B6)")
    func refused() throws {
        let rig = TillRig()
        let first = try rig.submit()
        let sale = try #require(rig.till.activeSale?.id)
        _ = rig.reply(first, .refused(notEnough))
        #expect(told(rig, sale) == .outcomeOpen, "attempting, checking the refusal")
        rig.commitsAtOnce = false
        _ = rig.answerQuery(first, .orderNotExist)
        #expect(told(rig, sale) == .nothingWasTaken, "declining")
        rig.commitsAtOnce = true
        rig.commit()
        #expect(told(rig, sale) == .nothingWasTaken, "declined")
        rig.advance(3)
        let second = try rig.submit("131111111111111111")
        #expect(told(rig, sale) == .outcomeOpen, "attempting again")
        rig.commitsAtOnce = false
        rig.advance(60)
        let open = Told.slip(.notCompleted(.notKnownYet(second), nil))
        #expect(told(rig, sale) == open, "ending")
        rig.commitsAtOnce = true
        rig.commit()
        #expect(told(rig, sale) == open, "over")
    }

    @Test("Ended without a code: nothing was taken, while it is being stored and after")
    func ended() throws {
        let rig = TillRig()
        _ = rig.ask()
        let sale = try #require(rig.till.activeSale?.id)
        rig.commitsAtOnce = false
        _ = rig.call(.cancel)
        #expect(told(rig, sale) == .nothingWasTaken, "ending")
        rig.commit()
        #expect(told(rig, sale) == .nothingWasTaken, "over")
    }

    // Found by the simulation: the newer journal knew that the money had gone back.
    @Test("A copied journal prints no slip again, whatever its sale's end is (A5, G3)")
    func copiedEnd() throws {
        let before = TillRig()
        let order = try before.submit()
        _ = before.reply(order, .paid(proof))
        let paid = try #require(before.till.activeSale?.id)
        _ = before.call(.delivered)
        let sale = try #require(before.storedSale(paid))
        #expect(sale.state == .delivered)
        let rig = TillRig(rows: OpenRows(), custody: .foreign)
        let call = TillEvent.saleCalled(
            RequestID(9),
            paid,
            .receipt,
            stored: sale,
            attempts: [try #require(before.storedAttempt(order))]
        )
        #expect(rig.send(call).answer == .problem(.journalNotAdopted))
        #expect(rig.log.slips.isEmpty)
    }

    // Found by the simulation (seed 47998): the money had gone back since the copy was made.
    @Test("Paid is not printed again of a sale that was taken over from a copied journal (A5, G3)")
    func adoptedPaid() throws {
        for isClaimed in [false, true] {
            let before = TillRig()
            let order = try before.submit()
            _ = before.reply(order, .paid(proof))
            if isClaimed { _ = before.call(.claim(key: "a")) }
            let sale = try #require(before.till.activeSale?.id)
            let rig = before.restarted(sameBoot: false, custody: .foreign)
            rig.send(.journalAdopted)
            #expect(rig.storedSale(sale)?.truth == "paid")
            #expect(rig.storedAttempt(order)?.state == .parked)
            #expect(told(rig, sale) == .outcomeOpen)
            #expect(rig.log.slips.isEmpty)
        }
    }

    @Test("A claimed release that nobody reported is printed as paid: its money is here (D3)")
    func unreported() throws {
        let (rig, _, sale) = try ReleaseTests.claimed()
        rig.advance(3_700)
        #expect(rig.storedSale(sale.id)?.reason == "claimed-unreported")
        #expect(told(rig, sale.id) == .slip(.receipt(proof)))
    }

    @Test(
        "A sale stored as paid whose order is being undone: a return is printed where it is known and no person decides (A6, G3)",
        arguments: [false, true],
        [false, true]
    )
    func paidAndUndone(isChargeSeen: Bool, isAdopted: Bool) {
        var rows = QueuedOrders(1).rows
        rows.sales[0].state = .delivered
        rows.sales[0].truth = Truth.paid.word
        rows.sales[0].transactionID = proof.transactionID
        rows.revokes[0].chargeSeen = isChargeSeen
        rows.revokes[0].isAdopted = isAdopted
        let journal = [Row.sale(rows.sales[0]), .attempt(rows.attempts[0])]
        let rig = TillRig(rows: rows, journal: journal)
        #expect(
            told(rig, rows.sales[0].id)
                == (isChargeSeen && !isAdopted
                    ? .slip(.notCompleted(.beingReturned, nil)) : .outcomeOpen)
        )
    }

    // Found by the simulation (seed 44293): a later attempt, which the copy does not know, was charged.
    @Test("A copied journal that is adopted prints of no sale that nothing is kept (A5, G3)")
    func adoptedUndone() throws {
        let before = TillRig()
        let order = try before.submit()
        _ = before.reply(order, .passwordNeeded)
        var rows = RecoveryTests.openRows(before)
        rows.attempts[0].state = .undone
        rows.attempts[0].outcome = AttemptRow.nothingKept
        for custody in [JournalCustody.foreign, .own] {
            let rig = TillRig(rows: rows, custody: custody)
            if custody == .foreign { rig.send(.journalAdopted) }
            let isOwn = custody == .own
            #expect(rig.storedSale()?.state == .expired)
            #expect(rig.storedSale()?.truth == (isOwn ? "not-known-yet" : nil))
            #expect(rig.log.slips.map(\.kind) == (isOwn ? [.nothingKept] : []))
            #expect(rig.log.events.map(\.order) == [order])
        }
    }

    @Test(
        "Of a sale found open in a copied journal nobody says so, before the adoption and after (A5)",
        arguments: [SaleState.awaitingCode, .declined, .submitting, .confirming],
        [true, false]
    )
    func copied(state: SaleState, isFixed: Bool) throws {
        let before = TillRig()
        _ = before.ask()
        var rows = RecoveryTests.openRows(before)
        rows.sales[0].state = state
        rows.sales[0].truth = state == .declined ? "nothing-taken" : nil
        let sale = rows.sales[0]
        let rig = TillRig(
            {
                if isFixed {
                    $0.sale.fixedItem = .init(amount: TillRig.cny(200), description: "Wash")
                }
            },
            rows: rows,
            custody: .foreign
        )
        let call = TillEvent.saleCalled(
            RequestID(9),
            sale.id,
            .receipt,
            stored: sale,
            attempts: []
        )
        #expect(rig.send(call).answer == .problem(.journalNotAdopted))
        rig.send(.journalAdopted)
        #expect(told(rig, sale.id) == .outcomeOpen)
    }
}

extension TillAction {
    fileprivate var recordedSale: SaleID? {
        guard case .record(let record) = self else { return nil }
        return record.rows.lazy.compactMap { if case .sale(let row) = $0 { row.id } else { nil } }
            .first
    }
}
