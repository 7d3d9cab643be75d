import Payments
import Sandbox
import TestKit
import Testing

@testable import Journal

@Suite("A journal from an older version, end to end (A4, C6)")
struct OldSchemaTests {
    /// What the older version left of a live sale, and what becomes of it.
    struct Live: Sendable {
        let sale: SaleState
        let attempt: AttemptState
        /// Whether the platform took its payer's money.
        var isCharged = false
        /// What the application says of the goods, if it was paid.
        var report: String?
        let end: SaleState

        /// One sale can be live at a time; each state in which a power cut can have left it.
        static let all = [
            // Not known to the platform, or known and not heard of (rule A1).
            Live(sale: .submitting, attempt: .prepared, end: .expired),
            Live(sale: .submitting, attempt: .prepared, isCharged: true, end: .expired),
            Live(sale: .submitting, attempt: .submitted, isCharged: true, end: .expired),
            Live(sale: .confirming, attempt: .polling, end: .expired),
            Live(sale: .confirming, attempt: .polling, isCharged: true, end: .expired),
            Live(sale: .declined, attempt: .refused, end: .expired),
            Live(
                sale: .delivering,
                attempt: .paid,
                isCharged: true,
                report: "delivered",
                end: .delivered
            ),
            Live(
                sale: .delivering,
                attempt: .paid,
                isCharged: true,
                report: "undelivered",
                end: .undelivered
            ),
        ]
    }

    struct Case: CustomTestStringConvertible, Sendable {
        /// Steps of the schema that the older version knew.
        let version: Int
        let live: Live

        var testDescription: String {
            "schema \(version), sale \(live.sale.rawValue), attempt \(live.attempt.rawValue), "
                + "\(live.isCharged ? "charged" : "not charged"), then \(live.end.rawValue)"
        }

        static let all = (1..<Migration.all.count).flatMap { version in
            Live.all.map { Case(version: version, live: $0) }
        }
    }

    @Test(
        "The daemon brings it up to date, settles what was open, keeps what was delivered, and sells",
        arguments: Case.all
    )
    func settles(_ old: Case) async throws {
        // Audited within: by then it is known which orders are older than the kiosk's life in this test.
        try await Kiosk.run(isAudited: false) { kiosk in
            let now = SeededOrder.now()
            var delivered = try SeededOrder(1, .delivered, .paid, at: now)
            var waiting = try SeededOrder(2, .expired, .revoking, at: now)
            var live = try SeededOrder(3, old.live.sale, old.live.attempt, at: now)
            delivered.charge(at: kiosk.sandbox)
            waiting.charge(at: kiosk.sandbox)
            if old.live.isCharged { live.charge(at: kiosk.sandbox) }
            let orders = [delivered, waiting, live]
            try Self.write(orders, version: old.version, in: kiosk.stateDirectory)
            try kiosk.start(isReady: false)
            if let report = old.live.report {
                let path = "/v1/sales/\(live.sale.id.text)/\(report)"
                #expect(try kiosk.ask("POST", path).status == 200)
            }
            try kiosk.settle()
            try kiosk.payOnce()
            try kiosk.awaitPaper()
            #expect(try kiosk.stop() == .exit(0))
            let journal = try JournalFile(kiosk.stateDirectory + "/journal.db")
            #expect(
                try journal.rows("PRAGMA user_version").first?["user_version"]
                    == String(Migration.all.count)
            )
            try Self.check(delivered, .delivered, isCharged: true, journal, kiosk)
            try Self.check(waiting, .expired, isCharged: true, journal, kiosk)
            try Self.check(live, old.live.end, isCharged: old.live.isCharged, journal, kiosk)
            // Their slips were the older version's.
            var allowance = Audit.Allowance(missingSlips: true)
            allowance.earlierOrders = Set(orders.map(\.attempt.order.text))
            for finding in try Audit(kiosk, allowance).findings { Issue.record("\(finding)") }
        }
    }

    /// What was delivered keeps its money; of everything else nothing is held, and what was taken has gone back.
    private static func check(
        _ order: SeededOrder,
        _ end: SaleState,
        isCharged: Bool,
        _ journal: JournalFile,
        _ kiosk: Kiosk,
    ) throws {
        let number = order.attempt.order.text
        let rows = try journal.rows(
            """
            SELECT attempts.state, outcome, sales.state AS sale_state FROM attempts
            JOIN sales ON sales.id = attempts.sale WHERE order_number = '\(number)'
            """
        )
        let row = try #require(rows.first)
        let isKept = end == .delivered
        #expect(row["sale_state"] == end.rawValue)
        #expect(row["state"] == (isKept ? "paid" : "undone"))
        #expect(row["outcome"] == (isKept ? nil : isCharged ? "returned" : "nothing-charged"))
        let entry = try #require(kiosk.sandbox.entry(of: number))
        #expect((entry.charged != nil) == isCharged)
        #expect(entry.holdsMoney == isKept, "\(entry)")
    }

    /// Makes the file with the steps of then, and stores the rows as that version did: without the columns that came later.
    private static func write(_ orders: [SeededOrder], version: Int, in folder: String) throws {
        let place = Directory(path: folder)
        if !Files.exists(folder) { try Files.makeFolder(folder) }
        try place.makeDatabaseFile()
        let database = try Database.open(place.database, for: .writing)
        try database.migrate(Array(Migration.all.prefix(version)))
        for order in orders {
            try store(order.sale, in: database)
            try store(order.attempt, in: database)
            if let revoke = order.revoke { try store(revoke, in: database) }
        }
        try database.execute("UPDATE attempts SET open = \(AttemptRow.isOpen)")
    }

    private static func store<R: StoredRow>(_ row: R, in database: borrowing Database) throws {
        let table = R.table
        let older = Table(
            name: table.name,
            key: table.key,
            fixed: table.fixed,
            changing: table.changing
        )
        let values = Array(row.values.prefix(older.columns.count))
        try database.prepare(older.upsert).run(values + [older.checksum(of: values)])
    }
}
