import Payments

/// What a full check of the journal found.
package struct IntegrityReport: Hashable, Sendable {
    /// Each one sentence part naming table and row; at most ``mostProblems``. Empty for a sound
    /// journal.
    package internal(set) var problems: [String] = []
    package internal(set) var rowsChecked = 0
    /// False if the journal was closed before the check was through.
    package internal(set) var isComplete = false

    package static let mostProblems = 100

    mutating func add(_ problem: String) {
        guard problems.count < Self.mostProblems else { return }
        problems.append(problem)
    }
}

/// Reads everything once: every row against its checksum, every table and index against itself.
/// Repairs nothing.
///
/// Rows are read in batches, each in a short transaction, with pauses: an open reader keeps the log
/// from being emptied.
final class IntegrityCheck {
    private let database: Database
    private let pause: Duration
    private let stop: StopSignal
    private(set) var report = IntegrityReport()

    private static let rowsPerBatch = 500

    init(_ database: consuming Database, pause: Duration, stop: StopSignal) {
        var database = database
        database.install(Database.Watch { stop.isSet }, every: 10_000)
        self.database = database
        self.pause = pause
        self.stop = stop
    }

    func run() {
        check(Identity.self)
        check(SaleRow.self)
        check(AttemptRow.self)
        check(RevokeRow.self)
        check(SettlementRow.self)
        check(EventRow.self)
        check(CustodyRow.self)
        checkRelations()
        report.isComplete = !stop.isSet
    }

    private func check<Row: StoredRow>(_ type: Row.Type) {
        let table = Row.table.name
        do throws(JournalError) {
            try checkRows(type)
            guard !stop.isSet else { return }
            for row in try database.rows("PRAGMA integrity_check('\(table)')")
            where row != [.text("ok")] {
                guard case .text(let problem)? = row.first else { continue }
                report.add("table \(table): \(problem)")
            }
        } catch {
            // A stopped statement reports itself as interrupted; that is no problem of the journal.
            if !stop.isSet { report.add("table \(table): \(error)") }
        }
    }

    private func checkRows<Row: StoredRow>(_ type: Row.Type) throws(JournalError) {
        let table = Row.table.name
        let query = "\(Row.table.select) WHERE rowid > ? ORDER BY rowid LIMIT \(Self.rowsPerBatch)"
        var last: Int64 = 0
        // Events that a recovery did not find are not missing anew.
        let recovered =
            try database.integer("SELECT max(event_id) FROM custody WHERE kind = 'recovered'") ?? 0
        while stop.allowsMore(after: pause) {
            let first = last
            let rows = try database.rows(query, [.integer(last)])
            for row in rows {
                guard case .integer(let number)? = row.last else { continue }
                if (try? Row(selected: row, file: database.file)) == nil {
                    report.add("table \(table): row \(number) does not fit its checksum")
                }
                if type == EventRow.self, number != last + 1, number > recovered {
                    report.add("table \(table): rows are missing before row \(number)")
                }
                last = number
            }
            report.rowsChecked += rows.count
            if type == AttemptRow.self { try checkOpenMarks(after: first, through: last) }
            if rows.count < Self.rowsPerBatch { return }
        }
    }

    /// Every attempt has its sale, every revoke and settlement its attempt.
    private func checkRelations() {
        guard !stop.isSet else { return }
        do throws(JournalError) {
            for row in try database.rows("PRAGMA foreign_key_check") {
                guard case .text(let table)? = row.first,
                    case .integer(let number)? = row.dropFirst().first,
                    case .text(let parent)? = row.dropFirst(2).first
                else { continue }
                report.add(
                    "table \(table): row \(number) refers to a row of \(parent) that is not there"
                )
            }
        } catch {
            if !stop.isSet { report.add("relations: \(error)") }
        }
    }

    /// The mark that start-up relies on must say what the states say.
    private func checkOpenMarks(after: Int64, through: Int64) throws(JournalError) {
        let wrong = try database.rows(
            """
            SELECT number FROM attempts
            WHERE number > ? AND number <= ? AND open <> \(AttemptRow.isOpen)
            """,
            [.integer(after), .integer(through)]
        )
        for case .integer(let number)? in wrong.map(\.first) {
            report.add("table attempts: row \(number) is marked open or settled wrongly")
        }
    }
}
