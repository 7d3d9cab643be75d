import Payments
import Testing

@testable import Journal

@Suite("Rows as they are stored")
struct RowTests {
    let scratch: Scratch
    let journal: Journal

    init() throws {
        scratch = try Scratch()
        journal = try scratch.open()
    }

    @Test("Every column of every row comes back")
    func roundTrip() throws {
        let sale = try SaleRow(
            id: Make.saleID(1),
            amount: Make.money(1),
            description: "储物柜 \u{0} é",
            reference: "",
            idempotencyKey: "key",
            bodyHash: "hash",
            created: .at(1),
            state: .delivering,
            updated: .at(2, synchronised: false),
            truth: "paid",
            reason: "why",
            claimKey: "claim",
            paid: .at(3),
            transactionID: "4200"
        )
        let attempt = try AttemptRow(
            order: Make.order(1),
            sale: sale.id,
            ordinal: 2,
            amount: Make.money(),
            fingerprint: CodeFingerprint("ab"),
            prepared: .at(4),
            state: .polling,
            updated: .at(5),
            submitted: .at(6),
            verdict: "unknown SYSTEMERROR",
            transactionID: "42",
            paidAtSeconds: -1,
            outcome: "returned"
        )
        let revoke = RevokeRow(
            order: attempt.order,
            reason: "expired",
            decided: .at(7),
            tries: 3,
            unknownAnswers: 6,
            due: .at(8),
            lastAnswer: "recall",
            accepted: .at(9),
            toConfirm: "ORDERNOTEXIST",
            toConfirmSince: .at(10),
            chargeSeen: true,
            needsPerson: true,
            refusal: "REVERSE_EXPIRE",
            refundDecided: .at(12),
            parked: .at(13),
            parkedReason: "refund CHANGE",
            isAdopted: true
        )
        let settlement = SettlementRow(
            order: attempt.order,
            outcome: .writtenOff,
            note: "已电话联系",
            by: "process 7 of user 1000, group 1000",
            at: .at(14)
        )
        let event = try EventRow(
            id: 1,
            kind: .releaseOffered,
            at: .at(11),
            sale: sale.id,
            order: attempt.order,
            state: .paid,
            amount: Make.money(),
            truth: "paid",
            reason: "code"
        )
        try journal.store([
            .sale(sale), .attempt(attempt), .revoke(revoke), .settlement(settlement), .event(event),
        ])
        try journal.store([.event(Make.event(2))])
        let unknown = try Make.order(9)
        try journal.readBlocking { reader throws(JournalError) in
            #expect(try reader.sale(sale.id) == sale)
            #expect(try reader.attempts(of: sale.id) == [attempt])
            #expect(try reader.attempt(attempt.order) == attempt)
            #expect(try reader.attempt(unknown) == nil)
            #expect(try reader.openRevokes() == [revoke])
            #expect(try reader.revoke(of: revoke.order) == revoke)
            #expect(try reader.settlement(of: attempt.order) == settlement)
            #expect(try reader.settlement(of: unknown) == nil)
            #expect(try reader.events(after: 0, limit: 9) == [event, Make.event(2)])
        }
    }

    @Test("A later row with the same key replaces the earlier one and keeps its place")
    func upsert() throws {
        var first = try Make.sale(1)
        try journal.store([.sale(first), .sale(Make.sale(2))])
        first.state = .cancelled
        try journal.store([.sale(first)])
        try journal.readBlocking { [first] reader throws(JournalError) in
            #expect(try reader.sale(first.id) == first)
            #expect(try reader.sales(limit: 10).map(\.id.text.last) == ["2", "1"])
            #expect(try reader.sales(limit: 1).map(\.id.text.last) == ["2"])
            #expect(try reader.sales(limit: -1).isEmpty)
        }
    }

    @Test("What was fixed when a row was made cannot change: the whole record is refused")
    func fixedColumns() throws {
        try journal.store([
            .sale(Make.sale(1)), .attempt(Make.attempt(1, sale: 1)), .revoke(Make.revoke(1)),
        ])
        let sale = try SaleRow(
            id: Make.saleID(1),
            amount: Make.money(999),
            description: "Locker",
            reference: nil,
            idempotencyKey: nil,
            bodyHash: nil,
            created: .at(1),
            state: .paid,
            updated: .at(2)
        )
        let revoke = try RevokeRow(
            order: Make.order(1),
            reason: "cancelled",
            decided: .at(2),
            due: .at(3)
        )
        let changes: [Row] = [
            .sale(sale), .attempt(try Make.attempt(1, sale: 1, .paid, prepared: .at(2))),
            .revoke(revoke),
        ]
        for change in changes {
            let events = try journal.readBlocking { reader throws(JournalError) in
                try reader.lastEventID()
            }
            let next: Row = .event(Make.event(events + 1))
            #expect(try kind { try journal.store([next, change]) } == .rejected)
        }
        try journal.readBlocking { reader throws(JournalError) in
            #expect(try reader.sales(limit: 9).map(\.amount.minorUnits) == [200])
            #expect(try reader.lastEventID() == 0)
        }
        // Nothing else suffers from a refused record.
        try journal.store([.sale(Make.sale(2))])
        #expect(journal.failure == nil)
    }

    @Test("A person's word on an order is said once: another one is refused, the same one stands")
    func settlements() throws {
        try journal.store([
            .sale(Make.sale(1)), .attempt(Make.attempt(1, sale: 1)), .revoke(Make.revoke(1)),
        ])
        let word = try Make.settlement(1)
        try journal.store([.settlement(word)])
        try journal.store([.settlement(word)])
        let other = try Make.settlement(1, .writtenOff)
        #expect(try kind { try journal.store([.settlement(other)]) } == .rejected)
        try journal.readBlocking { reader throws(JournalError) in
            #expect(try reader.settlement(of: word.order) == word)
        }
        // No word on an order that nobody knows.
        #expect(try kind { try journal.store([.settlement(Make.settlement(2))]) } == .rejected)
    }

    @Test("Event ids follow one another without gaps")
    func eventOrder() throws {
        try journal.store([.event(Make.event(1)), .event(Make.event(2))])
        for id in [Int64(2), 4, 0, -1, .max] {
            #expect(try kind { try journal.store([.event(Make.event(id))]) } == .rejected)
        }
        try journal.store([.event(Make.event(3))])
        try journal.readBlocking { reader throws(JournalError) in
            #expect(try reader.events(after: 1, limit: 1).map(\.id) == [2])
            #expect(try reader.events(after: 1, limit: 5).map(\.id) == [2, 3])
            #expect(try reader.events(after: .max, limit: 5).isEmpty)
        }
    }

    @Test("One idempotency key makes one sale")
    func idempotencyKey() throws {
        try journal.store([.sale(Make.sale(1, key: "order-7"))])
        #expect(try kind { try journal.store([.sale(Make.sale(2, key: "order-7"))]) } == .rejected)
        try journal.readBlocking { reader throws(JournalError) in
            #expect(try reader.sale(idempotencyKey: "order-7")?.id.text.last == "1")
            #expect(try reader.sale(idempotencyKey: "order-8") == nil)
        }
    }

    @Test("A row names only rows that are there; an endless text is refused")
    func contradictions() throws {
        #expect(
            try kind { try journal.store([.attempt(Make.attempt(1, sale: 1))]) } == .rejected
        )
        #expect(try kind { try journal.store([.revoke(Make.revoke(1))]) } == .rejected)
        var endless = try Make.sale(1)
        endless.reason = String(repeating: "x", count: 70_000)
        let row = Row.sale(endless)
        #expect(try kind { try journal.store([row]) } == .rejected)
        try journal.store([])
        #expect(journal.failure == nil)
    }

    @Test("Nothing is deleted, and no event is rewritten (rule A4)")
    func nothingIsDeleted() throws {
        try journal.store([
            .sale(Make.sale(1)), .attempt(Make.attempt(1, sale: 1)), .revoke(Make.revoke(1)),
            .settlement(Make.settlement(1)), .event(Make.event(1)),
        ])
        for table in ["identity", "sales", "attempts", "revokes", "settlements", "events"] {
            #expect(try kind { try scratch.tamper("DELETE FROM \(table)") } == .rejected)
        }
        #expect(
            try kind { try scratch.tamper("UPDATE events SET kind = 'parked'") } == .rejected
        )
    }

    @Test("A row that was changed behind our back is damaged, not interpreted (rule A6)")
    func checksum() throws {
        try journal.store([.sale(Make.sale(1)), .sale(Make.sale(2))])
        try scratch.tamper("UPDATE sales SET amount = 1 WHERE number = 1")
        let sound = try Make.saleID(2)
        let read = try journal.readBlocking { reader throws(JournalError) in try reader.sale(sound)
        }
        #expect(read != nil)
        let error = #expect(throws: JournalError.self) { _ = try journal.openRows(now: .at(2)) }
        #expect(error?.kind == .damaged)
        #expect(error?.description.contains("journal recover") == true)
        #expect(error?.description.contains(scratch.path) == true)
    }

    @Test("CRC-32C has its published check value")
    func checksumVector() {
        var checksum = Checksum()
        checksum.add("123456789".utf8)
        #expect(checksum.value == 0xE306_9283)
        // Which column a value stands in, and NULL or empty, makes a difference.
        let rows: [[Value]] = [
            [.text("a"), .null], [.null, .text("a")], [.text(""), .text("a")], [.text("a")],
            [.integer(97), .null], [.text("a"), .integer(0)],
        ]
        #expect(Set(rows.map { Checksum.ofRow(in: "t", $0) }).count == rows.count)
    }
}
