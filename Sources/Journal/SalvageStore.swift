import Payments

/// Stores rows that were found in a damaged journal, in any order and more than once: of two states of a row the later stays.
final class SalvageStore {
    let database: Database
    private(set) var counts: [String: Int] = [:]
    /// The damaged journal's own row about itself; of several the one that knows most starts.
    private(set) var identity: Identity?

    private let sales: Keeper<SaleRow>
    private let attempts: Keeper<AttemptRow>
    private let revokes: Keeper<RevokeRow>
    private let settlements: Keeper<SettlementRow>
    private let event: Statement
    private let custody: Statement

    init(_ database: consuming Database) throws(JournalError) {
        sales = try Keeper(database) { $0.isLater(than: $1) }
        attempts = try Keeper(database) { $0.isLater(than: $1) }
        revokes = try Keeper(database) { $0.isLater(than: $1) }
        settlements = try Keeper(database) { _, _ in false }
        event = try database.prepare(EventRow.table.insertOrIgnore, isKept: true)
        custody = try database.prepare(CustodyRow.table.insertOrIgnore, isKept: true)
        self.database = database
    }

    func store(_ found: RecordCarver.Found) throws(JournalError) {
        var isNew = false
        switch found.layout.table.name {
        case Identity.table.name:
            if let row: Identity = Self.read(found), row.starts >= identity?.starts ?? 0 {
                identity = row
            }
        case SaleRow.table.name: isNew = try keep(found, sales)
        case AttemptRow.table.name: isNew = try keep(found, attempts)
        case RevokeRow.table.name: isNew = try keep(found, revokes)
        case SettlementRow.table.name: isNew = try keep(found, settlements)
        case EventRow.table.name: isNew = try append(EventRow.self, found, event)
        default: isNew = try append(CustodyRow.self, found, custody)
        }
        if isNew { counts[found.layout.table.name, default: 0] += 1 }
    }

    private static func read<Row: StoredRow>(_ found: RecordCarver.Found) -> Row? {
        var columns = Columns(found.values[...])
        guard let row = try? Row(&columns), columns.isAtEnd else { return nil }
        return row
    }

    private func keep<Row: StoredRow>(
        _ found: RecordCarver.Found,
        _ keeper: Keeper<Row>,
    ) throws(JournalError) -> Bool {
        guard let row: Row = Self.read(found) else { return false }
        return try keeper.keep(row, number: found.number)
    }

    private func append<Row: StoredRow>(
        _ type: Row.Type,
        _ found: RecordCarver.Found,
        _ statement: borrowing Statement,
    ) throws(JournalError) -> Bool {
        guard let row: Row = Self.read(found) else { return false }
        return try statement.run(row.boundValues) == 1
    }
}

/// Stores the rows of one table so that the later of two states stays.
private final class Keeper<Row: StoredRow> {
    private let stored: Statement
    private let place: Statement
    private let insert: Statement
    private let upsert: Statement
    private let file: String
    private let isLater: (_ new: Row, _ old: Row) -> Bool

    init(
        _ database: borrowing Database,
        isLater: @escaping (_ new: Row, _ old: Row) -> Bool,
    ) throws(JournalError) {
        let table = Row.table
        file = database.file
        stored = try database.prepare("\(table.select) WHERE \(table.key) = ?", isKept: true)
        place = try database.prepare("SELECT 1 FROM \(table.name) WHERE number = ?", isKept: true)
        insert = try database.prepare(table.insertNumbered, isKept: true)
        upsert = try database.prepare(table.upsert, isKept: true)
        self.isLater = isLater
    }

    /// Whether the row was not there before.
    func keep(_ row: Row, number: Int64) throws(JournalError) -> Bool {
        guard let key = row.values.first else { return false }
        if let old = try stored.rows([key]).first {
            // A fixed column never changes: what differs there is another row, and the first one stays.
            if isLater(row, try Row(selected: old, file: file)) { try upsert.run(row.boundValues) }
            return false
        }
        // The order of first storing is kept, as far as two journals do not claim the same place.
        let isTaken = try !place.rows([.integer(number)]).isEmpty
        return try insert.run(row.boundValues + [isTaken ? .null : .integer(number)]) == 1
    }
}

extension Table {
    /// Values to bind are those of ``upsert`` and the number, NULL for the next one.
    fileprivate var insertNumbered: String {
        let names = (columns + ["checksum", "number"]).joined(separator: ", ")
        let marks = (1...columns.count + 2).map { "?\($0)" }.joined(separator: ", ")
        return "INSERT INTO \(name) (\(names)) VALUES (\(marks)) ON CONFLICT DO NOTHING"
    }

    /// Values to bind are those of ``append``.
    var insertOrIgnore: String {
        let names = (columns + ["checksum"]).joined(separator: ", ")
        let marks = (1...columns.count + 1).map { "?\($0)" }.joined(separator: ", ")
        return "INSERT INTO \(name) (\(names)) VALUES (\(marks)) ON CONFLICT DO NOTHING"
    }
}
