import Payments

/// What can be read of a journal beside a daemon that has it open, or without one. Nothing is changed.
extension JournalCare {
    /// Checks everything: the file, every row's checksum, the rows' relations, the marks that start-up relies on. Sentence parts,
    /// one for each problem, at most ``IntegrityReport/mostProblems``; empty for a sound journal.
    package func verify() throws(JournalError) -> IntegrityReport {
        var report = IntegrityReport()
        for remains in directory.unrecovered {
            report.add(
                "a damaged journal lies in \(remains.path) (\(remains.reason)); run `kioskpay journal recover`"
            )
        }
        if let reason = try directory.suspectedDamage() {
            report.add("damage was met in use (\(reason)); the next start sets the journal aside")
        }
        do {
            if let problem = try problemAtRest() { report.add(problem) }
            guard let database = try readableDatabase() else {
                report.add("there is no journal")
                return report
            }
            let check = IntegrityCheck(database, pause: .zero, stop: StopSignal())
            check.run()
            report.rowsChecked = check.report.rowsChecked
            report.isComplete = check.report.isComplete
            check.report.problems.forEach { report.add($0) }
        } catch {
            guard error.kind == .damaged else { throw error }
            report.add(error.description)
        }
        return report
    }

    /// The log changes all the time while a daemon writes, so it is looked at only without one.
    private func problemAtRest() throws(JournalError) -> String? {
        do throws(JournalError) {
            let lock = try DirectoryLock(directory)
            defer { lock.release() }
            return try directory.problem()
        } catch {
            guard error.kind == .inUse else { throw error }
            return nil
        }
    }

    /// A stored row for people and other programs.
    package struct ExportedRow: Sendable {
        package let table: String
        /// In the order of the table. Fingerprints of codes and hashes of bodies are left out (rule G1).
        package let columns: [(name: String, value: Value)]
        /// False for a row that does not fit its checksum.
        package let isSound: Bool
    }

    package static let exportedTables = [
        "sales", "attempts", "revokes", "settlements", "events", "custody",
    ]

    /// Hands out every row of `tables` as of one moment, in the order of first storing, until `body` returns false. Memory does
    /// not grow with the journal; a daemon that has it open goes on, and only its log grows meanwhile.
    ///
    /// - Parameter since: in milliseconds since 1970: rows that changed before are left out. Those whose clock was not
    ///   synchronised never are, nor are revokes that are not settled.
    package func export(
        tables: [String],
        since: Int64?,
        _ body: (ExportedRow) -> Bool,
    ) throws(JournalError) {
        guard let database = try readableDatabase() else { throw .noJournal(directory.path) }
        try database.execute("BEGIN")
        defer { try? database.execute("COMMIT") }
        for table in Self.allTables where tables.contains(table.table.name) {
            var goesOn = true
            let condition = since == nil ? "" : " WHERE \(table.since)"
            let values = since.map { [Value.integer($0)] } ?? []
            try database.prepare(table.table.select + condition + " ORDER BY rowid").forEachRow(
                values
            ) { row in
                goesOn = body(Self.exported(row, of: table.table))
                return goesOn
            }
            guard goesOn else { return }
        }
    }

    private struct Source {
        let table: Table
        /// Which rows are new enough for `?1`.
        let since: String

        init(_ table: Table, by moment: String, or other: String = "FALSE") {
            self.table = table
            since = "\(moment)_synchronised = 0 OR \(moment)_wall_ms >= ?1 OR \(other)"
        }
    }

    private static var allTables: [Source] {
        [
            Source(SaleRow.table, by: "updated"),
            Source(AttemptRow.table, by: "updated"),
            Source(
                RevokeRow.table,
                by: "decided",
                or: "settled_boot_id IS NULL OR settled_synchronised = 0 OR settled_wall_ms >= ?1"
            ),
            Source(SettlementRow.table, by: "at"),
            Source(EventRow.table, by: "at"),
            Source(CustodyRow.table, by: "at"),
        ]
    }

    private static let hidden: Set<String> = ["fingerprint", "body_hash"]

    private static func exported(_ row: [Value], of table: Table) -> ExportedRow {
        let values = row.dropLast(2)
        let columns = zip(table.columns, values).filter { !hidden.contains($0.0) }
        return ExportedRow(
            table: table.name,
            columns: columns.map { (name: $0.0, value: $0.1) },
            isSound: table.checksum(of: values) == row.dropLast().last
        )
    }

    /// `nil` if there is no journal. Never lets SQLite throw away a log whose database is empty.
    private func readableDatabase() throws(JournalError) -> Database? {
        guard Directory.size(of: directory.database) > 0 else {
            guard Directory.size(of: directory.log) == 0 else {
                throw .damaged(directory.database, "it is missing or empty, its log is not")
            }
            return nil
        }
        if let problem = try FileHeader.problem(of: directory.database) {
            throw .damaged(directory.database, problem)
        }
        let database = try Database.open(directory.database, for: .reading)
        let version = try database.integer("PRAGMA user_version") ?? 0
        let known = Migration.all.count
        guard version <= known else {
            throw .newerSchema(directory.database, found: version, known: known)
        }
        guard version == known else {
            throw .olderSchema(directory.database, found: version, known: known)
        }
        return database
    }
}
