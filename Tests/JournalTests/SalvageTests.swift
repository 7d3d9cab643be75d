import Glibc
import Payments
import TestKit
import Testing

@testable import Journal

@Suite("A damaged journal is set aside and recovered (rule A6)")
struct SalvageTests {
    /// Sets aside what lies there and brings it back; the report.
    private func recovered(_ scratch: Scratch) throws -> RecoveryReport {
        try overwrite(scratch.place.suspicion, with: Array("a test\n".utf8))
        guard let report = try scratch.recover() else { throw Failed(what: "nothing to recover") }
        return report
    }

    @Test(
        "Of a sound journal every row is found, from the file and from the log",
        arguments: [true, false]
    )
    func everything(isClosed: Bool) throws {
        let card = try KioskCard.sold(isClosed: isClosed)
        let (old, new) = (try card.insert(), try card.insert())
        let report = try recovered(new)
        #expect(report.lostOrders == [] && report.lostSales == 0 && report.missingEvents == 0)
        #expect(report.openOrders == 2 && report.openSums == ["CNY": 400])
        #expect(try new.rows(SaleRow.self) == old.rows(SaleRow.self))
        #expect(try new.rows(AttemptRow.self) == old.rows(AttemptRow.self))
        #expect(try new.rows(RevokeRow.self) == old.rows(RevokeRow.self))
        let events = try new.rows(EventRow.self)
        #expect(try events.dropLast() == old.rows(EventRow.self)[...])
        #expect(events.last?.reason == "journal-recovered")
        #expect(events.last?.id == Int64(KioskCard.soldSales) + Recovery.eventLeap)
        #expect(try new.care().verify().problems == [])
        let journal = try new.open()
        #expect(journal.origin == .same && journal.damage == nil && journal.isAdoptionPending)
        #expect(try journal.openRows(now: .at(600)).attempts.count == 2)
        #expect(journal.close())
    }

    @Test(
        "A suspicion that a second look at the start does not confirm is dropped; one that it does sets the journal aside"
    )
    func suspicion() throws {
        let scratch = try KioskCard.sold().insert()
        let sales = try scratch.rows(SaleRow.self)
        try overwrite(scratch.place.suspicion, with: Array("a test\n".utf8))
        var journal = try scratch.open()
        #expect(journal.damage == nil && journal.close())
        #expect(try scratch.rows(SaleRow.self) == sales)
        #expect(try scratch.place.suspectedDamage() == nil)

        // Of a sale that is long over: nothing but the second look reads it.
        try scratch.tamper("UPDATE sales SET description = 'x' WHERE state = 'delivered'")
        try overwrite(scratch.place.suspicion, with: Array("a test\n".utf8))
        journal = try scratch.open()
        #expect(journal.damage?.reason == "a test" && journal.close())
    }

    @Test("The later of two states of a row stays, whichever lies first")
    func laterState() throws {
        let scratch = try Scratch()
        var journal = try scratch.open()
        try journal.store([.sale(Make.sale(1)), .attempt(Make.attempt(1, sale: 1))])
        #expect(journal.close())
        journal = try scratch.open()
        try journal.store([.sale(Make.sale(1, .cancelled, at: .at(20)))])
        let card = try KioskCard(scratch.path)
        let new = try card.insert()
        _ = try recovered(new)
        #expect(try new.rows(SaleRow.self).map(\.state) == [.cancelled])
    }

    @Test("Recovering twice, also after a power cut before its marks, changes nothing")
    func idempotent() throws {
        let scratch = try KioskCard.sold().insert()
        #expect(try scratch.recover() == nil)
        _ = try recovered(scratch)
        let sales = try scratch.rows(SaleRow.self)
        let events = try scratch.rows(EventRow.self)
        #expect(try scratch.recover() == nil)
        _ = unsafe unlink(scratch.place.damaged + "/1/recovered")
        #expect(try scratch.recover()?.openOrders == 2)
        #expect(try scratch.rows(SaleRow.self) == sales)
        #expect(try scratch.rows(EventRow.self) == events)
        #expect(try scratch.rows(CustodyRow.self).map(\.kind) == [.recovered])
        #expect(Directory.exists(scratch.place.damaged + "/1/journal.db"))
        #expect(try scratch.place.text(of: scratch.place.damaged + "/1/report.json") == "2\n")
    }

    @Test("An order whose row is lost is queued with what other rows say of it")
    func lostRow() throws {
        let scratch = try KioskCard.sold().insert()
        try scratch.tamper(
            "UPDATE attempts SET amount = amount + 1; UPDATE sales SET description = 'x' WHERE number > 8;"
                + "PRAGMA wal_checkpoint(TRUNCATE)"
        )
        let report = try recovered(scratch)
        #expect(report.lostOrders.count == KioskCard.soldSales)
        #expect(report.lostSales == 8)
        let attempts = try scratch.rows(AttemptRow.self)
        #expect(try Set(attempts.map(\.order)) == Set((1...KioskCard.soldSales).map(Make.order)))
        #expect(try attempts.allSatisfy { try $0.amount == Make.money() })
        // Those with a settled revoke had ended, and nobody asks for a delivered sale's money.
        for lost in report.lostOrders {
            let revoke = try scratch.rows(RevokeRow.self).first { $0.order == lost.order }
            #expect((lost.course == .ended) == (revoke?.settled != nil), "\(lost)")
        }
        #expect(try scratch.care().verify().problems == [])
    }

    @Test("An order of which only the number is left goes to a person (rule B1)")
    func numberAlone() throws {
        let scratch = try Scratch()
        let order = try Make.order(7)
        let bytes = [UInt8](repeating: 0, count: 5_000) + Array("\u{1}\(order.text)S0000".utf8)
        try overwrite(scratch.place.database, with: bytes + [UInt8](repeating: 9, count: 500))
        let report = try recovered(scratch)
        #expect(report.lostOrders.map(\.order) == [order])
        #expect(report.lostOrders.map(\.course) == [.forPerson])
        let revoke = try scratch.rows(RevokeRow.self)
        #expect(revoke.map(\.parkedReason) == ["amount-lost"])
        #expect(revoke.map(\.isAdopted) == [true])
        // Nobody may have it tried again: its goods may have left.
        #expect(ParkedReason.aboutGoods.contains("amount-lost"))
        #expect(try scratch.rows(AttemptRow.self).map(\.state) == [.parked])
        #expect(try scratch.care().verify().problems == [])
    }

    // Found by the simulation.
    @Test("An order that a person settled, and whose settlement is lost, goes to a person again")
    func settlementLost() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        var revoke = try Make.revoke(1, settled: .at(9))
        revoke.parked = .at(8)
        revoke.parkedReason = "claimed-unreported"
        revoke.chargeSeen = true
        try journal.store([
            .sale(Make.sale(1, .undelivered)), .attempt(Make.attempt(1, sale: 1, .writtenOff)),
            .revoke(revoke), .settlement(Make.settlement(1, .writtenOff)),
        ])
        #expect(journal.close())
        try scratch.tamper(
            "UPDATE attempts SET amount = amount + 1; UPDATE settlements SET note = 'x';"
                + "PRAGMA wal_checkpoint(TRUNCATE)"
        )
        let report = try recovered(scratch)
        #expect(report.lostOrders.map(\.course) == [.forPerson])
        #expect(try scratch.rows(AttemptRow.self).map(\.state) == [.parked])
        let found = try scratch.rows(RevokeRow.self)
        #expect(found.map(\.parkedReason) == ["entry-lost"])
        #expect(found.map(\.settled) == [nil])
        #expect(try scratch.care().verify().problems == [])
    }

    @Test(
        "An attempt of which only an older version is left ends as the settled row of its order says",
        arguments: [AttemptState.submitted, .paid, .refused, .revoking, .refunding, .parked]
    )
    func olderAttempt(_ state: AttemptState) throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        var rows: [Row] = []
        for number in 1...4 {
            rows.append(.sale(try Make.sale(number, .undelivered)))
            rows.append(.attempt(try Make.attempt(number, sale: number, state)))
            var revoke = try Make.revoke(number, settled: .at(9))
            revoke.chargeSeen = true
            if number == 2 { revoke.refundDecided = .at(7) }
            if number >= 3 {
                revoke.parked = .at(8)
                revoke.parkedReason = "claimed-unreported"
            }
            // Its own settled row is older, too.
            if number == 4 { revoke.settled = nil }
            rows.append(.revoke(revoke))
        }
        rows.append(.settlement(try Make.settlement(4, .writtenOff)))
        try journal.store(rows)
        #expect(journal.close())
        let report = try recovered(scratch)
        let attempts = try scratch.rows(AttemptRow.self)
        #expect(attempts.map(\.state) == [.undone, .refunded, .parked, .writtenOff])
        #expect(attempts.map(\.outcome) == ["returned", "returned", nil, "written-off"])
        #expect(report.openOrders == 1)
        let revokes = try scratch.rows(RevokeRow.self)
        #expect(revokes.map { $0.settled != nil } == [true, true, false, true])
        #expect(revokes[2].parkedReason == "entry-lost")
        try takeOver(scratch, "\(state)")
    }

    // Found by the simulation: the row stayed open and had no owner.
    @Test("No row of the queue stays open beside an attempt that has ended or seems delivered")
    func strayRevoke() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let states: [AttemptState] = [.undone, .refunded, .writtenOff, .paid, .paid, .paid]
        var rows: [Row] = []
        for (number, state) in zip(1..., states) {
            rows.append(.sale(try Make.sale(number, .delivered)))
            rows.append(.attempt(try Make.attempt(number, sale: number, state)))
            var revoke = try Make.revoke(number)
            if number == 5 { revoke.refundDecided = .at(7) }
            if number == 6 {
                revoke.parked = .at(8)
                revoke.parkedReason = "paid-before-adoption"
            }
            rows.append(.revoke(revoke))
        }
        try journal.store(rows)
        #expect(journal.close())
        let report = try recovered(scratch)
        let attempts = try scratch.rows(AttemptRow.self).map(\.state)
        #expect(attempts == [.undone, .refunded, .writtenOff, .revoking, .refunding, .parked])
        let revokes = try scratch.rows(RevokeRow.self)
        #expect(revokes.map { $0.settled != nil } == [true, true, true, false, false, false])
        #expect(report.openOrders == 3)
        try takeOver(scratch, "stray rows")
    }

    /// Starts on what is there, takes it over and stores that, as the daemon does.
    private func takeOver(_ scratch: Scratch, _ what: String) throws {
        let journal = try scratch.open()
        let kiosk = try #require(KioskID("K1"))
        var (till, actions) = try Till.recovering(
            journal.openRows(now: .at(60)),
            policy: Policy(kiosk: kiosk),
            generator: SplitMix64(seed: 1),
            at: .at(60),
            custody: .foreign
        )
        actions += till.handle(.journalAdopted, at: .at(60))
        for case .record(let record) in actions {
            #expect(throws: Never.self, "\(what)") {
                try journal.store(record.rows, endsAdoption: record.endsAdoption)
            }
        }
        #expect(journal.close())
        let next = try scratch.open()
        #expect(!next.isAdoptionPending, "\(what)")
        #expect(next.close())
    }

    @Test("A time that reads like the end of a name makes no order number of the text behind it")
    func timesLikeNames() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        // Stored in six bytes, the last of them "X-".
        let moment = Moment(
            boot: BootTime(nanoseconds: 7_000_000_000),
            bootID: BootID("boot-1"),
            wall: WallTime(
                milliseconds: (1_763_000_000_000 & ~0xFFFF) | 0x582D,
                isSynchronised: true
            )
        )
        // And one that an application calls as it likes.
        var sale = try SaleRow(
            id: Make.saleID(1),
            amount: Make.money(),
            description: "Locker",
            reference: "SHOP4-20261121000000000001",
            idempotencyKey: nil,
            bodyHash: nil,
            created: moment,
            state: .paid,
            updated: moment
        )
        try journal.store([
            .sale(sale), .attempt(Make.attempt(1, sale: 1, .paid, prepared: moment)),
        ])
        // Stored over, it stays in the free part of its page, where no row is found any more.
        for state in [SaleState.paid, .delivering, .delivered] {
            sale.state = state
            sale.paid = moment
            sale.transactionID = "4200000001202611210000000001"
            sale.claimKey = state == .paid ? nil : "locker-7"
            try journal.store([.sale(sale)])
        }
        let event = EventRow(
            id: 1,
            kind: .saleChanged,
            at: moment,
            sale: sale.id,
            order: try Make.order(1),
            state: .delivered,
            amount: try Make.money()
        )
        try journal.store([.event(event)])
        #expect(journal.close())
        let report = try recovered(scratch)
        #expect(report.lostOrders == [] && report.openOrders == 0)
    }

    @Test(
        "A number of another name is found though its row is damaged, and the name is told exactly"
    )
    func otherName() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let order = try #require(OrderNumber("OLD9-0123456789ABCDEFGHJK"))
        var old = try Make.attempt(2, sale: 2)
        old = AttemptRow(
            order: order,
            sale: old.sale,
            ordinal: 1,
            amount: old.amount,
            fingerprint: old.fingerprint,
            prepared: old.prepared,
            state: .submitted,
            updated: old.updated
        )
        try journal.store([
            .sale(Make.sale(1, .delivered)), .attempt(Make.attempt(1, sale: 1, .paid)),
        ])
        try journal.store([.sale(Make.sale(2, .expired)), .attempt(old)])
        #expect(journal.close())
        try scratch.tamper(
            "UPDATE attempts SET amount = amount + 1 WHERE order_number LIKE 'OLD9%'; PRAGMA wal_checkpoint(TRUNCATE)"
        )
        let report = try recovered(scratch)
        #expect(report.lostOrders.map(\.order) == [order])
    }

    @Test("Text in front of a number is told from the kiosk's name")
    func names() throws {
        let number = "0123456789ABCDEFGHJK"
        for (kiosks, text, expected) in [
            (Set(["K7"]), "XS01234K7-\(number)", "K7-\(number)"),
            ([], "\u{2}K7-\(number)ZZZ", "K7-\(number)"),
            ([], "S0123K7-\(number) \u{2}K7-1123456789ABCDEFGHJK", "K7-\(number)"),
            // Without a name that is known nothing is lost for what chance has made.
            ([], "\u{2}X-\(number) \u{2}K7-1123456789ABCDEFGHJK", "K7-1123456789ABCDEFGHJK"),
        ] {
            var scan = OrderScan(kiosks: kiosks)
            try scan.add(Array(text.utf8)) { _ in false }
            #expect(scan.orders.contains { $0.text == expected }, "\(text)")
        }
    }

    @Test("A changed byte anywhere: it starts, and nothing that was open is lost without a word")
    func everyPage() throws {
        for isClosed in [true, false] {
            let card = try KioskCard.sold(isClosed: isClosed, isStepByStep: true)
            let file = isClosed ? "journal.db" : "journal.db-wal"
            let length = card.files[file]?.count ?? 0
            var random = SplitMix64(seed: 20_261_121)
            var places = Array(stride(from: 17, to: isClosed ? 100 : 32, by: 7))
            // Every page of the database; of the log, which is longer and whose checks have tests of their own, some.
            for page in stride(from: 0, to: length / 4_096, by: isClosed ? 1 : 9) {
                let isHead = page.isMultiple(of: 2)
                places += [page * 4_096 + Int.random(in: 0..<(isHead ? 12 : 4_096), using: &random)]
            }
            for place in places where place < length {
                var damaged = card
                damaged.files[file]?[place] ^= UInt8.random(in: 1...255, using: &random)
                try check(damaged, "\(file) at \(place)")
            }
        }
    }

    private func check(_ card: KioskCard, _ what: String) throws {
        let scratch = try card.insert()
        let open = try [14, 15].map(Make.order)
        let journal = try scratch.open()
        if journal.damage == nil, journal.origin == .same {
            let rows = try journal.openRows(now: .at(60))
            let done = Semaphore()
            try journal.checkIntegrity(pause: .zero) { _ in done.signal() }
            #expect(done.wait(atMost: .seconds(30)))
            if journal.damageMet == nil {
                #expect(
                    rows.attempts.filter { !$0.state.isFinal }.map(\.order).contains(open),
                    "\(what)"
                )
            }
        }
        #expect(journal.close())
        _ = try scratch.recover()
        let attempts = try scratch.rows(AttemptRow.self)
        if journal.origin == .same || journal.damage != nil {
            #expect(open.allSatisfy { order in attempts.contains { $0.order == order } }, "\(what)")
        }
        #expect(try scratch.care().verify().problems == [], "\(what)")
        let next = try scratch.open()
        #expect(next.damage == nil, "\(what)")
        #expect(next.close())
        if journal.damage != nil { try takeOver(scratch, what) }
    }

    @Test("Files that are cut, empty, garbage or gone are known for what they are")
    func wholeFiles() throws {
        let card = try KioskCard.sold(isClosed: false)
        let garbage = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 7_919) }
        let cases: [(String, (inout KioskCard) -> Void, isDamaged: Bool)] = [
            ("garbage", { $0.files["journal.db"] = garbage }, true),
            ("empty, with its log", { $0.files["journal.db"] = [] }, true),
            ("gone, with its log", { $0.files["journal.db"] = nil }, true),
            (
                "all gone",
                {
                    $0.files["journal.db"] = nil; $0.files["journal.db-wal"] = nil
                }, false
            ),
            ("without its log", { $0.files["journal.db-wal"] = nil }, false),
            ("without its newest rows", { $0.files["journal.db-wal"] = [] }, false),
        ]
        for (name, change, isDamaged) in cases {
            var changed = card
            change(&changed)
            let scratch = try changed.insert()
            let journal = try scratch.open()
            #expect((journal.damage != nil) == isDamaged, "\(name)")
            // What is not damaged is not ours either, so nothing is sold.
            if !isDamaged { #expect(journal.origin != .same, "\(name)") }
            #expect(journal.close())
            if isDamaged {
                let report = try scratch.recover()
                #expect(report?.openOrders == 2, "\(name): \(String(describing: report))")
                #expect(try scratch.care().verify().problems == [], "\(name)")
            } else {
                // Also at the next start, when SQLite has made a new log.
                #expect(try scratch.open().origin != .same, "\(name)")
            }
        }
    }

    @Test("A file that is cut short is set aside, and what is left of it is found")
    func cut() throws {
        let card = try KioskCard.sold()
        let length = card.files["journal.db"]?.count ?? 0
        for part in [length - 1, length - 4_096, length / 2, 4_096, 100, 10] {
            var changed = card
            changed.files["journal.db"] = Array((card.files["journal.db"] ?? []).prefix(part))
            let scratch = try changed.insert()
            let journal = try scratch.open()
            if journal.damage == nil {
                let done = Semaphore()
                try journal.checkIntegrity(pause: .zero) { _ in done.signal() }
                #expect(done.wait(atMost: .seconds(30)))
                // SQLite reads what is cut off the last page as zeros, which it may have been.
                #expect(journal.damageMet != nil || part == length - 1, "\(part)")
            }
            #expect(journal.close())
            let isRecovered = try scratch.recover() != nil
            #expect(isRecovered || part == length - 1, "\(part)")
            #expect(try scratch.care().verify().problems == [], "\(part)")
        }
    }
}
