import Glibc
import Payments
import Testing

@testable import Journal

@Suite("Checking and exporting a journal")
struct CareTests {
    private func export(
        _ scratch: Scratch,
        _ tables: [String] = JournalCare.exportedTables,
        since: Int64? = nil,
    ) throws -> [JournalCare.ExportedRow] {
        var rows: [JournalCare.ExportedRow] = []
        try scratch.care().export(tables: tables, since: since) {
            rows.append($0)
            return true
        }
        return rows
    }

    @Test("A sound journal has no problems, while it is open and while it is not")
    func sound() throws {
        let scratch = try KioskCard.sold().insert()
        let report = try scratch.care().verify()
        #expect(report.problems == [] && report.isComplete)
        #expect(report.rowsChecked == 1 + KioskCard.soldSales * 3 + 12)
        let journal = try scratch.open()
        #expect(try scratch.care().verify().problems == [])
        try journal.store([.sale(Make.sale(90))])
        #expect(journal.close())
    }

    @Test("Damage of every kind is a line each")
    func problems() throws {
        let scratch = try KioskCard.sold().insert()
        try scratch.tamper(
            """
            PRAGMA foreign_keys = OFF;
            UPDATE sales SET description = 'x' WHERE number = 2;
            UPDATE sales SET id = 'S000000000000000Z' WHERE number = 3;
            UPDATE attempts SET open = 1 WHERE number = 1;
            """
        )
        let problems = try scratch.care().verify().problems
        for problem in [
            "table sales: row 2 does not fit its checksum",
            "table attempts: row 1 is marked open or settled wrongly",
            "table attempts: row 3 refers to a row of sales that is not there",
        ] { #expect(problems.contains(problem), "\(problems)") }
        #expect(try scratch.care().verify() == scratch.care().verify())
    }

    @Test("No journal, an older one and a newer one are told apart, and nothing is changed")
    func versions() throws {
        let scratch = try Scratch()
        #expect(try scratch.care().verify().problems == ["there is no journal"])
        #expect(try kind { _ = try export(scratch) } == .directory)
        #expect(!Directory.exists(scratch.place.database))
        let sold = try KioskCard.sold().insert()
        try sold.tamper("PRAGMA user_version = 3")
        #expect(try kind { _ = try sold.care().verify() } == .olderSchema)
        try sold.tamper("PRAGMA user_version = 5; CREATE TABLE later (a)")
        #expect(try kind { _ = try sold.care().verify() } == .newerSchema)
        #expect(try kind { _ = try sold.open() } == .newerSchema)
    }

    @Test("Every row is exported once, in order, without fingerprints (rule G1)")
    func exported() throws {
        let scratch = try KioskCard.sold().insert()
        let rows = try export(scratch)
        #expect(rows.count == KioskCard.soldSales * 3 + 12)
        #expect(rows.filter { !$0.isSound }.isEmpty)
        let names = Set(rows.flatMap { $0.columns.map(\.name) })
        #expect(names.isDisjoint(with: ["fingerprint", "body_hash", "checksum"]))
        let numbers = try export(scratch, ["attempts"]).map { $0.columns[0].value }
        #expect(try numbers == (1...KioskCard.soldSales).map { .text(try Make.order($0).text) })
        #expect(try export(scratch, ["sales"], since: Moment.at(10).wall.milliseconds).count == 7)
    }

    @Test("A row that does not fit is exported and marked; reading ends when nobody wants more")
    func unsound() throws {
        let scratch = try KioskCard.sold().insert()
        try scratch.tamper("UPDATE sales SET description = 'x' WHERE number = 2")
        #expect(try export(scratch, ["sales"]).filter { !$0.isSound }.count == 1)
        var count = 0
        try scratch.care().export(tables: ["sales", "events"], since: nil) { _ in
            count += 1
            return count < 3
        }
        #expect(count == 3)
    }

    @Test("An export is of one moment, and the daemon's commits go on meanwhile")
    func snapshot() throws {
        let scratch = try KioskCard.sold().insert()
        let journal = try scratch.open()
        var sales = 0
        try scratch.care().export(tables: ["sales"], since: nil) { _ in
            sales += 1
            if sales <= 5 { try? journal.store([.sale(Make.sale(100 + sales))]) }
            return true
        }
        #expect(sales == KioskCard.soldSales)
        #expect(try export(scratch, ["sales"]).count == KioskCard.soldSales + 5)
    }
}
