import Payments

/// Something that was done to the journal as a whole, and by whom (rules A5, A6, G2).
struct CustodyRow: Hashable, Sendable, StoredRow {
    enum Kind: String, Hashable, Sendable {
        case adopted
        case recovered
    }

    static let table = Table(
        name: "custody",
        key: "number",
        fixed: ["kind", "said_by", "detail"] + Table.moment("at") + ["event_id"],
        changing: []
    )

    let number: Int64
    let kind: Kind
    let by: String
    let detail: String
    let at: Moment
    /// The last event before it. Of a recovery: the first event after it, to which ids may be missing.
    let eventID: Int64

    var values: [Value] {
        [.integer(number), .text(kind.rawValue), .text(by), .text(detail)] + at.values
            + [.integer(eventID)]
    }

    init(number: Int64, kind: Kind, by: String, detail: String, at: Moment, eventID: Int64) {
        self.number = number
        self.kind = kind
        self.by = by
        self.detail = detail
        self.at = at
        self.eventID = eventID
    }

    init(_ columns: inout Columns) throws(Columns.Unreadable) {
        try self.init(
            number: columns.integer(),
            kind: columns.word(),
            by: columns.text(),
            detail: columns.text(),
            at: columns.moment(),
            eventID: columns.integer()
        )
    }

    /// Stores what was done as the next row.
    static func store(
        _ kind: Kind,
        by person: String,
        detail: String,
        at now: Moment,
        eventID: Int64,
        in database: borrowing Database,
    ) throws(JournalError) {
        let last = try database.integer("SELECT max(number) FROM custody") ?? 0
        let row = Self(
            number: last + 1,
            kind: kind,
            by: person,
            detail: detail,
            at: now,
            eventID: eventID
        )
        try database.prepare(table.append).run(row.boundValues)
    }
}
