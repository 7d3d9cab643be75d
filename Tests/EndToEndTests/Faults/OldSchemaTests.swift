import Payments
import TestKit
import Testing

@testable import Journal

@Suite("A journal from an older version, end to end (A4, C6)")
struct OldSchemaTests {
    struct Case: CustomTestStringConvertible, Sendable {
        /// Steps of the schema that the older version knew.
        let version: Int
        let sale: SaleState
        let attempt: AttemptState

        var testDescription: String {
            "schema \(version), sale \(sale.rawValue), attempt \(attempt.rawValue)"
        }

        /// One sale can be live at a time; each state in which a power cut can have left it.
        static let all = (1..<Migration.all.count).flatMap { version in
            [
                (SaleState.submitting, AttemptState.prepared), (.submitting, .submitted),
                (.confirming, .polling), (.declined, .refused), (.delivering, .paid),
            ].map { Case(version: version, sale: $0.0, attempt: $0.1) }
        }
    }

    @Test("The daemon brings it up to date, settles what was open, and sells", arguments: Case.all)
    func settles(_ old: Case) async throws {
        // The platform of this test knows nothing of those orders, and the journal nothing of their events.
        try await Kiosk.run(isAudited: false) { kiosk in
            let live = try SeededOrder(1, old.sale, old.attempt, at: SeededOrder.now())
            let waiting = try SeededOrder(2, .expired, .revoking, at: SeededOrder.now())
            try Self.write([waiting, live], version: old.version, in: kiosk.stateDirectory)
            try kiosk.start(isReady: false)
            if old.attempt == .paid {
                let path = "/v1/sales/\(live.sale.id.text)/delivered"
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
            for (order, state) in [
                (live, old.attempt == .paid ? "paid" : "undone"), (waiting, "undone"),
            ] {
                let number = order.attempt.order.text
                let row = try journal.rows(
                    "SELECT state FROM attempts WHERE order_number = '\(number)'"
                )
                #expect(row.first?["state"] == state)
            }
        }
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
