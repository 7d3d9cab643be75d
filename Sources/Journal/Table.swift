/// How one kind of row lies in its table. The columns' types and constraints are in ``Migration``.
struct Table: Sendable {
    let name: String
    /// The column that names the row.
    let key: String
    /// Columns that are set when the row is first stored and never change.
    let fixed: [String]
    /// Columns that a later row with the same key replaces.
    let changing: [String]
    /// The same of columns that a later schema brought; NULL in the rows of an older one.
    var added: [String] = []

    /// In the order of ``StoredRow/values`` and of the checksum.
    var columns: [String] { [key] + fixed + changing + added }

    /// Values to bind are ``columns`` and the checksum.
    private var insertion: String {
        let names = (columns + ["checksum"]).joined(separator: ", ")
        return "INSERT INTO \(name) (\(names))"
    }

    private var parameters: String {
        (1...columns.count + 1).map { "?\($0)" }.joined(separator: ", ")
    }

    /// Stores a row or replaces the one with the same key. Changes no row if a fixed column would
    /// change.
    var upsert: String {
        let changes = (changing + added + ["checksum"]).map { "\($0) = excluded.\($0)" }
        let agreements = fixed.map { "\(name).\($0) IS excluded.\($0)" }
        return """
            \(insertion) VALUES (\(parameters))
            ON CONFLICT (\(key)) DO UPDATE SET \(changes.joined(separator: ", "))
            WHERE \((agreements + ["TRUE"]).joined(separator: " AND "))
            """
    }

    /// Stores a row whose integer key follows the highest stored one. Changes no row if it does
    /// not.
    var append: String {
        """
        \(insertion) SELECT \(parameters)
        WHERE ?1 = (SELECT coalesce(max(\(key)), 0) + 1 FROM \(name))
        """
    }

    /// Columns, checksum and the order of first storing; conditions follow.
    var select: String {
        "SELECT \((columns + ["checksum", "rowid"]).joined(separator: ", ")) FROM \(name)"
    }
}

extension Table {
    /// The row's checksum. Added columns count up to the last that is not NULL, so that the rows of an older schema keep the
    /// checksum they were stored with.
    func checksum(of values: some BidirectionalCollection<Value>) -> Value {
        let old = 1 + fixed.count + changing.count
        let nulls = values.dropFirst(old).reversed().prefix { $0 == .null }.count
        return Checksum.ofRow(in: name, values.dropLast(nulls))
    }
}

/// The columns of a ``Moment``.
extension Table {
    static func moment(_ name: String) -> [String] {
        ["boot_id", "boot_ns", "wall_ms", "synchronised"].map { "\(name)_\($0)" }
    }
}
