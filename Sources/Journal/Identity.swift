import Payments

/// The one row about the journal itself (rules A5, F1).
struct Identity: Hashable, Sendable, StoredRow {
    static let table = Table(
        name: "identity",
        key: "id",
        fixed: [],
        changing: ["machine", "starts", "latest_wall_ms"],
        added: ["adoption"]
    )

    /// The machine the journal belongs to.
    var machine: String
    /// How often the journal was opened to sell.
    var starts: Int64
    /// The latest synchronised time stored, at most a minute behind; `nil` before any.
    var latestWallMilliseconds: Int64?
    /// A person has vouched for the rows, and the machines have not taken them over yet (rules A5, A6). Ends with the record
    /// that says so (``Record/endsAdoption``), in its transaction, and with no other.
    var isAdoptionPending = false

    var latestWall: WallTime? {
        latestWallMilliseconds.map { WallTime(milliseconds: $0, isSynchronised: true) }
    }

    /// Moves the latest stored time on; synchronised times count only, for a clock that nothing
    /// vouches for may be far ahead, and a floor never comes down again (rule F1).
    mutating func advance(to wall: WallTime) {
        guard wall.isSynchronised else { return }
        latestWallMilliseconds = max(latestWallMilliseconds ?? .min, wall.milliseconds)
    }

    var values: [Value] {
        [
            .integer(1), .text(machine), .integer(starts), Value(latestWallMilliseconds),
            isAdoptionPending ? .integer(1) : .null,
        ]
    }

    init(machine: String, starts: Int64, latestWallMilliseconds: Int64?) {
        self.machine = machine
        self.starts = starts
        self.latestWallMilliseconds = latestWallMilliseconds
    }

    init(_ columns: inout Columns) throws(Columns.Unreadable) {
        guard try columns.integer() == 1 else { throw Columns.Unreadable() }
        try self.init(
            machine: columns.text(),
            starts: columns.integer(),
            latestWallMilliseconds: columns.optionalInteger()
        )
        isAdoptionPending = try columns.optionalInteger() != nil
    }

    /// `nil` in a journal that was never opened to sell.
    static func stored(in database: borrowing Database) throws(JournalError) -> Self? {
        guard let row = try database.rows(table.select).first else { return nil }
        return try Self(selected: row, file: database.file)
    }

    func store(in database: borrowing Database) throws(JournalError) {
        try database.prepare(Self.table.upsert).run(boundValues)
    }
}
