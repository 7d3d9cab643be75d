import Payments

/// Stores records, several in one transaction. Owned by the writer thread.
final class Writer {
    private let database: Database
    private let begin: Statement
    private let commit: Statement
    private let savepoint: Statement
    private let release: Statement
    private let upsertSale: Statement
    private let upsertAttempt: Statement
    private let upsertRevoke: Statement
    private let upsertSettlement: Statement
    private let appendEvent: Statement
    private let markAttempt: Statement
    private let markPaidAttempts: Statement
    private let reserve: Reserve
    private let status: Status
    private var identity: Identity

    /// The stored floor of time may be this much behind: another page per commit would wear the
    /// card for nothing.
    private static let wallStep: Int64 = 60_000

    init(
        _ database: consuming Database,
        identity: Identity,
        reserve: Reserve,
        status: Status,
    ) throws(JournalError) {
        begin = try database.prepare("BEGIN IMMEDIATE", isKept: true)
        commit = try database.prepare("COMMIT", isKept: true)
        savepoint = try database.prepare("SAVEPOINT record", isKept: true)
        release = try database.prepare("RELEASE record", isKept: true)
        upsertSale = try database.prepare(SaleRow.table.upsert, isKept: true)
        upsertAttempt = try database.prepare(AttemptRow.table.upsert, isKept: true)
        upsertRevoke = try database.prepare(RevokeRow.table.upsert, isKept: true)
        upsertSettlement = try database.prepare(SettlementRow.table.upsert, isKept: true)
        appendEvent = try database.prepare(EventRow.table.append, isKept: true)
        let mark = "UPDATE attempts SET open = \(AttemptRow.isOpen)"
        markAttempt = try database.prepare(
            "\(mark) WHERE order_number = ? AND open <> \(AttemptRow.isOpen)",
            isKept: true
        )
        markPaidAttempts = try database.prepare(
            "\(mark) WHERE sale = ? AND state = 'paid' AND open <> \(AttemptRow.isOpen)",
            isKept: true
        )
        self.database = database
        self.identity = identity
        self.reserve = reserve
        self.status = status
    }

    /// One result per record, in order. What was stored is on the disk when this returns.
    ///
    /// The first "disk full" costs the reserve (rule A3); then every record gets one more try of
    /// its own.
    func store(_ records: [Record]) -> [Result<Void, JournalError>] {
        if let failure = status.failure { return records.map { _ in .failure(failure) } }
        let error: JournalError
        do { return try storeTogether(records) } catch let first { error = first }
        status.note(error)
        // A record that stores nothing is not worth the reserve.
        let mayGiveUp = records.contains { !$0.rows.isEmpty }
        guard error.kind == .diskFull, (mayGiveUp && reserve.giveUp()) || records.count > 1 else {
            return records.map { _ in .failure(error) }
        }
        return records.map(storeAlone)
    }

    /// A person vouches for the journal (rule A5).
    func adopt(_ adoption: Adoption) -> Result<Void, JournalError> {
        if let failure = status.failure { return .failure(failure) }
        do {
            identity = try adoption.store(in: database, after: identity)
            return .success(())
        } catch {
            status.note(error)
            return .failure(error)
        }
    }

    private func storeAlone(_ record: Record) -> Result<Void, JournalError> {
        if let failure = status.failure { return .failure(failure) }
        do {
            return try storeTogether([record]).first ?? .success(())
        } catch {
            status.note(error)
            return .failure(error)
        }
    }

    /// One transaction. Throws if nothing of it was stored; of several records, one that
    /// contradicts what is stored fails alone.
    private func storeTogether(
        _ records: [Record]
    ) throws(JournalError) -> [Result<Void, JournalError>] {
        try begin.run()
        do {
            var results: [Result<Void, JournalError>] = []
            var latest = identity
            for record in records {
                let result = try records.count == 1 ? storeAll(record) : storeApart(record)
                results.append(result)
                guard case .success = result else { continue }
                for row in record.rows { latest.advance(to: row.wall) }
                if record.endsAdoption { latest.isAdoptionPending = false }
            }
            let step =
                (latest.latestWallMilliseconds ?? 0) - (identity.latestWallMilliseconds ?? 0)
            if records.contains(where: \.rows.isEmpty) { try tryWriting() }
            let storesIdentity =
                step >= Self.wallStep || latest.isAdoptionPending != identity.isAdoptionPending
            if storesIdentity { try latest.store(in: database) }
            try commit.run()
            if storesIdentity { identity = latest }
            if step > 0 { status.committed(latest.latestWall) }
            return results
        } catch {
            // Some errors have already rolled back (https://sqlite.org/lang_transaction.html, 2.3).
            if database.isInTransaction { try? database.execute("ROLLBACK") }
            throw error
        }
    }

    /// A record without rows asks whether a write works (see `ShellContract`). SQLite dirties no page whose content stays
    /// the same, so a row is changed and changed back.
    private func tryWriting() throws(JournalError) {
        var other = identity
        other.starts += 1
        try other.store(in: database)
        try identity.store(in: database)
    }

    private func storeAll(_ record: Record) throws(JournalError) -> Result<Void, JournalError> {
        for row in record.rows { try store(row) }
        return .success(())
    }

    /// Undoes a record that contradicts what is stored, and only that one.
    private func storeApart(_ record: Record) throws(JournalError) -> Result<Void, JournalError> {
        try savepoint.run()
        do {
            let result = try storeAll(record)
            try release.run()
            return result
        } catch {
            guard error.kind == .rejected, database.isInTransaction else { throw error }
            try database.execute("ROLLBACK TO record; RELEASE record")
            return .failure(error)
        }
    }

    private func store(_ row: Row) throws(JournalError) {
        let changes: Int
        let name: String
        switch row {
        case .sale(let sale):
            changes = try upsertSale.run(sale.boundValues)
            name = "sale \(sale.id)"
            if sale.state == .delivered { try markPaidAttempts.run([.text(sale.id.text)]) }
        case .attempt(let attempt):
            changes = try upsertAttempt.run(attempt.boundValues)
            name = "attempt \(attempt.order)"
            if attempt.mayBeClosed { try markAttempt.run([.text(attempt.order.text)]) }
        case .revoke(let revoke):
            changes = try upsertRevoke.run(revoke.boundValues)
            name = "revoke \(revoke.order)"
        case .settlement(let settlement):
            changes = try upsertSettlement.run(settlement.boundValues)
            name = "settlement of \(settlement.order)"
        case .event(let event):
            guard try appendEvent.run(event.boundValues) == 1 else {
                throw .rejected(database.file, "event \(event.id) does not follow the last one")
            }
            return
        }
        guard changes == 1 else {
            throw .rejected(database.file, "\(name) would change what was fixed when it was made")
        }
    }
}

extension AttemptRow {
    /// SQL: whether its state is no end (``AttemptState/isFinal``).
    static let isUnfinished = "state NOT IN ('void', 'undone', 'refunded', 'written_off')"

    /// SQL: whether start-up must hand the attempt to the machine. Not final, and not paid for a
    /// delivered sale.
    static let isOpen = """
        (\(isUnfinished) AND NOT (state = 'paid' \
        AND EXISTS (SELECT 1 FROM sales WHERE id = attempts.sale AND sales.state = 'delivered')))
        """

    /// False where ``isOpen`` holds whatever the sale: a row is stored as open and never opens again, so nothing is to be
    /// marked. The payer waits for the record of a `prepared` one.
    fileprivate var mayBeClosed: Bool {
        switch state {
        case .prepared, .submitted, .polling, .refused, .revoking, .refunding, .parked: false
        case .paid, .void, .undone, .refunded, .writtenOff: true
        }
    }
}

extension Row {
    /// When the row says what it says.
    fileprivate var wall: WallTime {
        switch self {
        case .sale(let sale): sale.updated.wall
        case .attempt(let attempt): attempt.updated.wall
        case .revoke(let revoke): revoke.decided.wall
        case .settlement(let settlement): settlement.at.wall
        case .event(let event): event.at.wall
        }
    }
}
