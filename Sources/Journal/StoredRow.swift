import Payments

/// A row of the vocabulary as columns and back.
protocol StoredRow {
    static var table: Table { get }

    /// In the order of ``Table/columns``.
    var values: [Value] { get }

    init(_ columns: inout Columns) throws(Columns.Unreadable)
}

extension StoredRow {
    /// What to bind to ``Table/upsert`` or ``Table/append``.
    var boundValues: [Value] {
        let values = values
        return values + [Self.table.checksum(of: values)]
    }

    /// Reads what ``Table/select`` returned. A row whose checksum does not fit is never interpreted
    /// (rule A6).
    init(selected: [Value], file: String) throws(JournalError) {
        let values = selected.dropLast(2)
        let isSound = Self.table.checksum(of: values) == selected.dropLast().last
        var columns = Columns(values)
        guard isSound, let row = try? Self(&columns), columns.isAtEnd else {
            throw JournalError.damaged(file, "a row of table \(Self.table.name)")
        }
        self = row
    }
}

extension Moment {
    var values: [Value] {
        [
            .text(bootID.text), .integer(boot.nanoseconds), .integer(wall.milliseconds),
            Value(wall.isSynchronised),
        ]
    }

    static func values(_ moment: Moment?) -> [Value] {
        moment?.values ?? [.null, .null, .null, .null]
    }
}

extension Money {
    var values: [Value] { [.integer(minorUnits), .text(currency.code)] }

    static func values(_ money: Money?) -> [Value] { money?.values ?? [.null, .null] }
}

/// Reads a row's columns one after another into the vocabulary's types.
struct Columns {
    private var rest: ArraySlice<Value>

    /// The column holds nothing that the vocabulary knows.
    struct Unreadable: Error {}

    init(_ values: ArraySlice<Value>) { rest = values }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func optionalText() throws(Unreadable) -> String? {
        switch rest.popFirst() {
        case .text(let text): return text
        case .null: return nil
        case .integer, nil: throw Unreadable()
        }
    }

    mutating func optionalInteger() throws(Unreadable) -> Int64? {
        switch rest.popFirst() {
        case .integer(let integer): return integer
        case .null: return nil
        case .text, nil: throw Unreadable()
        }
    }

    /// A value that must be there.
    static func present<T>(_ value: T?) throws(Unreadable) -> T {
        guard let value else { throw Unreadable() }
        return value
    }

    mutating func text() throws(Unreadable) -> String { try Self.present(optionalText()) }
    mutating func integer() throws(Unreadable) -> Int64 { try Self.present(optionalInteger()) }
    mutating func count() throws(Unreadable) -> Int { try Self.present(Int(exactly: integer())) }

    mutating func flag() throws(Unreadable) -> Bool {
        switch try integer() {
        case 0: return false
        case 1: return true
        default: throw Unreadable()
        }
    }

    mutating func optionalMoment() throws(Unreadable) -> Moment? {
        guard case .null? = rest.first else { return try moment() }
        for _ in 0..<4 where rest.popFirst() != .null { throw Unreadable() }
        return nil
    }

    mutating func moment() throws(Unreadable) -> Moment {
        let bootID = try BootID(text())
        let boot = try BootTime(nanoseconds: integer())
        let milliseconds = try integer()
        let wall = try WallTime(milliseconds: milliseconds, isSynchronised: flag())
        return Moment(boot: boot, bootID: bootID, wall: wall)
    }

    mutating func optionalMoney() throws(Unreadable) -> Money? {
        guard case .null? = rest.first else { return try money() }
        for _ in 0..<2 where rest.popFirst() != .null { throw Unreadable() }
        return nil
    }

    mutating func money() throws(Unreadable) -> Money {
        let minorUnits = try integer()
        let currency = try Self.present(Currency(text()))
        return try Self.present(Money(minorUnits: minorUnits, currency: currency))
    }

    mutating func word<T: RawRepresentable<String>>() throws(Unreadable) -> T {
        try Self.present(T(rawValue: text()))
    }

    /// A text that one of the vocabulary's types must accept, or NULL.
    mutating func optional<T>(_ read: (String) -> T?) throws(Unreadable) -> T? {
        guard let text = try optionalText() else { return nil }
        return try Self.present(read(text))
    }
}
