import Payments
import Testing

@Suite("An attempt rehearsed while its code arrives")
struct AttemptRehearsalTests {
    private func rehearse(_ rig: TillRig) -> AttemptRehearsal? {
        AttemptRehearsal(rig.till, fingerprint: CodeFingerprint("none"), at: rig.now)
    }

    @Test(
        "It holds the rows that the attempt's record will hold, and the machine knows nothing of it"
    )
    func rows() throws {
        let rig = TillRig()
        #expect(rehearse(rig) == nil, "no code is taken without a sale")
        _ = rig.ask()
        let made = rehearse(rig)
        let rehearsal = try #require(made)
        rehearsal.committed(at: rig.now)
        #expect(rig.saleState == .awaitingCode)

        rig.commitsAtOnce = false
        let record = try #require(rig.scan().record)
        #expect(record.rows.map(\.kind) == rehearsal.record.rows.map(\.kind))
        rig.commit()
        let attempts = rig.journal.compactMap {
            if case .attempt(let row) = $0 { row } else { nil }
        }
        #expect(attempts.map(\.fingerprint) == [CodeFingerprint("f" + TillRig.code)])
        #expect(rehearse(rig) == nil, "a code has been taken")
    }

    @Test("In fixed-price mode it holds the sale, too; the code it is made with is nobody's")
    func fixedPrice() throws {
        let rig = TillRig {
            $0.sale.fixedItem = .init(amount: TillRig.cny(300), description: "Tea")
        }
        let made = rehearse(rig)
        let rehearsal = try #require(made)
        #expect(rehearsal.amount == TillRig.cny(300))
        #expect(rehearsal.description == "Tea")
        #expect(ScannedCode(recognising: "130000000000000000") == .weChat(rehearsal.code))
        #expect(rig.till.activeSale == nil)
        #expect(rig.journal.isEmpty)
    }
}

extension Row {
    fileprivate var kind: String {
        switch self {
        case .sale: "sale"
        case .attempt: "attempt"
        case .revoke: "revoke"
        case .settlement: "settlement"
        case .event: "event"
        }
    }
}

extension [TillAction] {
    fileprivate var record: Record? {
        lazy.compactMap { if case .record(let record) = $0 { record } else { nil } }.first
    }
}
