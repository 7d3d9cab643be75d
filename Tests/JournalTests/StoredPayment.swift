import Payments

@testable import Journal

/// The records of two sales, one delivered and one undone, and what the journal holds after each.
struct StoredPayment {
    let records: [[Row]]
    /// Before the first record, and after each.
    let dumps: [String]

    /// Stores everything once, on a disk that works.
    init() throws {
        records = try Self.makeRecords()
        let scratch = try Scratch()
        let journal = try Self.open(scratch)
        var dumps = [try Self.dump(scratch)]
        for record in records {
            try journal.store(record, urgent: true)
            dumps.append(try Self.dump(scratch))
        }
        guard journal.close() else { throw Failed(what: "close") }
        self.dumps = dumps
    }

    static func open(_ scratch: Scratch) throws(JournalError) -> Journal {
        try Journal.open(
            directory: scratch.path,
            reserveBytes: 65_536,
            machineID: "machine-a",
            now: .at(0)
        )
    }

    private static func makeRecords() throws -> [[Row]] {
        var returned = try Make.revoke(2, settled: .at(9))
        returned.tries = 2
        return try [
            [.sale(Make.sale(1)), .event(Make.event(1))],
            [
                .sale(Make.sale(1, .submitting)), .attempt(Make.attempt(1, sale: 1)),
                .event(Make.event(2)),
            ],
            [.attempt(Make.attempt(1, sale: 1, .submitted))],
            [
                .sale(Make.sale(1, .paid)), .attempt(Make.attempt(1, sale: 1, .paid)),
                .event(Make.event(3)), .event(Make.event(4)),
            ],
            [.sale(Make.sale(1, .delivering)), .event(Make.event(5))],
            [.sale(Make.sale(1, .delivered)), .event(Make.event(6))],
            [.sale(Make.sale(2)), .event(Make.event(7))],
            [
                .sale(Make.sale(2, .submitting)), .attempt(Make.attempt(2, sale: 2)),
                .event(Make.event(8)),
            ],
            [
                .sale(Make.sale(2, .expired)), .attempt(Make.attempt(2, sale: 2, .revoking)),
                .revoke(Make.revoke(2)), .event(Make.event(9)),
            ],
            [.attempt(Make.attempt(2, sale: 2, .undone)), .revoke(returned)],
        ]
    }

    /// Every stored row of every table but the journal's own.
    static func dump(_ scratch: Scratch) throws -> String {
        let database = try Database.open(scratch.place.database, for: .reading)
        var lines: [String] = []
        for table in ["sales", "attempts", "revokes", "events"] {
            let name = try database.rows(
                "SELECT 1 FROM sqlite_schema WHERE name = ?",
                [.text(table)]
            )
            guard !name.isEmpty else { continue }
            for row in try database.rows("SELECT * FROM \(table)") {
                lines.append("\(table) \(row)")
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Stores until a record fails; how many were acknowledged.
    func store(in journal: Journal) -> Int {
        for (index, record) in records.enumerated() {
            do { try journal.store(record, urgent: true) } catch { return index }
        }
        return records.count
    }

    /// Opens what a fault left behind: it must hold all that was acknowledged, at most the one record more that was on its
    /// way, and nothing else; and it must take the rest.
    func proveSound(_ scratch: Scratch, acknowledged: Int, _ what: String) throws {
        let journal: Journal
        do { journal = try Self.open(scratch) } catch {
            throw Failed(what: "\(what): does not open: \(error)")
        }
        let dump = try Self.dump(scratch)
        guard let found = dumps.indices.last(where: { dumps[$0] == dump }) else {
            throw Failed(what: "\(what): acknowledged \(acknowledged), holds\n\(dump)")
        }
        guard (acknowledged...acknowledged + 1).contains(found) else {
            throw Failed(what: "\(what): acknowledged \(acknowledged), holds \(found)")
        }
        let check = try Database.open(scratch.place.database, for: .reading)
        guard try check.rows("PRAGMA integrity_check") == [[.text("ok")]] else {
            throw Failed(what: "\(what): SQLite finds damage")
        }
        do { for record in records[found...] { try journal.store(record, urgent: true) } } catch {
            throw Failed(what: "\(what): does not go on from \(found): \(error)")
        }
        guard journal.close() else { throw Failed(what: "\(what): does not close") }
        let end = try Self.dump(scratch)
        guard end == dumps.last else { throw Failed(what: "\(what): ends with\n\(end)") }
    }
}
