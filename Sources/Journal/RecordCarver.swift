import Payments

/// Finds rows in the bytes of a database or a log, whatever state its trees are in (rule A6).
///
/// A row lies in one piece in a leaf page: its length, its number, and a record whose header gives each column's type
/// (https://sqlite.org/fileformat2.html, 1.6 and 2.1). Every place of a page is tried; what has the shape of a row of one of
/// our tables and fits its own checksum is one. Chance makes that of other bytes once in four thousand million times, and a
/// row that does not fit is never interpreted. Our rows are too short to spill over into a second page.
struct RecordCarver {
    /// A row as it lies in its page.
    struct Found {
        let layout: Layout
        /// Its number, or its key where the two are one.
        let number: Int64
        /// In the order of ``Table/columns``.
        let values: [Value]
    }

    /// How a table's columns lie in a record.
    struct Layout: Sendable {
        let table: Table
        /// Its key is the number itself, so the record's first column is empty.
        let isNumbered: Bool
        /// Columns behind the checksum that are not part of the row.
        let trailing: Int

        static let all = [
            Layout(table: Identity.table, isNumbered: true, trailing: 0),
            Layout(table: SaleRow.table, isNumbered: false, trailing: 0),
            Layout(table: AttemptRow.table, isNumbered: false, trailing: 1),
            Layout(table: RevokeRow.table, isNumbered: false, trailing: 0),
            Layout(table: SettlementRow.table, isNumbered: false, trailing: 0),
            Layout(table: EventRow.table, isNumbered: true, trailing: 0),
            Layout(table: CustodyRow.table, isNumbered: true, trailing: 0),
        ]

        /// Which column of a record is the order's number; `nil` in a table without.
        var orderNumber: Int? {
            table.columns.firstIndex(of: "order_number").map { isNumbered ? $0 : $0 + 1 }
        }

        private var baseCount: Int { table.columns.count - table.added.count }

        /// Columns in a record: those of the first schema, the checksum, and as many of the later ones as it was stored with.
        var counts: ClosedRange<Int> {
            // Of a numbered table the key takes the place of the number.
            let base = baseCount + 1 + trailing + (isNumbered ? 0 : 1)
            return base...(base + table.added.count)
        }

        /// The row, if the record is one of this table's and fits its checksum.
        func row(_ number: Int64, _ record: [Value]) -> [Value]? {
            guard counts.contains(record.count), record.first == .null else { return nil }
            let base =
                isNumbered
                ? [.integer(number)] + record[1..<baseCount] : Array(record[1...baseCount])
            let checksum = record[isNumbered ? baseCount : baseCount + 1]
            let added = record.dropFirst(counts.lowerBound)
            let missing = repeatElement(Value.null, count: table.added.count - added.count)
            let values = base + added + missing
            return table.checksum(of: values) == checksum ? values : nil
        }
    }

    private static let shortest = 20
    private static let columnCounts = Set(Layout.all.flatMap { Array($0.counts) })

    /// Hands out every row that lies in `page`, which is one page or a part of one.
    static func rows(in page: [UInt8], _ body: (Found) throws -> Void) rethrows {
        guard page.count > shortest else { return }
        for offset in 0..<(page.count - shortest) {
            guard let cell = cell(in: page, at: offset) else { continue }
            for layout in Layout.all {
                guard let values = layout.row(cell.number, cell.record) else { continue }
                try body(Found(layout: layout, number: cell.number, values: values))
            }
        }
    }

    private static func cell(
        in page: [UInt8],
        at offset: Int,
    ) -> (number: Int64, record: [Value])? {
        var place = offset
        guard let length = varint(page, &place), length >= shortest,
            length <= page.count - place,
            let number = varint(page, &place), number > 0
        else { return nil }
        let start = place
        let end = start + Int(length)
        guard end <= page.count, let headerLength = varint(page, &place), headerLength > 1,
            headerLength <= length
        else { return nil }
        let bodyStart = start + Int(headerLength)
        var types: [Int] = []
        var size = 0
        while place < bodyStart {
            guard let type = varint(page, &place), let bytes = width(ofType: type) else {
                return nil
            }
            types.append(Int(type))
            size += bytes
            guard size <= end - bodyStart else { return nil }
        }
        guard place == bodyStart, bodyStart + size == end, columnCounts.contains(types.count) else {
            return nil
        }
        var record: [Value] = []
        for type in types {
            guard let value = value(page, &place, type) else { return nil }
            record.append(value)
        }
        return (number, record)
    }

    /// Most bytes from the beginning of a record to the end of its order number: header, and the columns before it.
    private static let longestLead = 256

    /// Where in `place` an order number lies that ends where `place` ends: the whole of the column that holds it in a row of
    /// ours, or of an index on one column. Nothing is held against a checksum: the row may be damaged, or be stored over.
    static func orderNumber(in page: [UInt8], within place: Range<Int>) -> Range<Int>? {
        for start in max(0, place.upperBound - longestLead)..<place.upperBound {
            var end = start
            guard let headerLength = varint(page, &end), (3...100).contains(headerLength) else {
                continue
            }
            let bodyStart = start + Int(headerLength)
            guard bodyStart < place.upperBound else { continue }
            var column = bodyStart..<bodyStart
            var found: (column: Range<Int>, index: Int)?
            var count = 0
            while end < bodyStart, let type = varint(page, &end), let bytes = width(ofType: type) {
                column = column.upperBound..<(column.upperBound + bytes)
                if type >= 13, column.upperBound == place.upperBound,
                    place.contains(column.lowerBound)
                {
                    found = (column, count)
                }
                count += 1
            }
            if let found, end == bodyStart, isOrderNumber(found.index, ofColumns: count) {
                return found.column
            }
        }
        return nil
    }

    private static func isOrderNumber(_ index: Int, ofColumns count: Int) -> Bool {
        // Of an index: the key, and the row's number.
        if count == 2 { return index == 0 }
        return Layout.all.contains { $0.counts.contains(count) && $0.orderNumber == index }
    }

    /// SQLite's own variable-length integer; `nil` where it runs out of the page.
    private static func varint(_ page: [UInt8], _ place: inout Int) -> Int64? {
        var value: UInt64 = 0
        for index in 0..<9 {
            guard place < page.count else { return nil }
            let byte = page[place]
            place += 1
            if index == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
            value = value << 7 | UInt64(byte & 0x7F)
            if byte < 0x80 { return Int64(bitPattern: value) }
        }
        return nil
    }

    /// `nil` for what our columns never hold: reals, blobs, types that mean nothing.
    private static func width(ofType type: Int64) -> Int? {
        switch type {
        case 0, 8, 9: 0
        case 1...4: Int(type)
        case 5: 6
        case 6: 8
        case 13... where type & 1 == 1 && type < 1 << 16: Int(type - 13) / 2
        default: nil
        }
    }

    private static func value(_ page: [UInt8], _ place: inout Int, _ type: Int) -> Value? {
        switch type {
        case 0: return .null
        case 8: return .integer(0)
        case 9: return .integer(1)
        case 1...6:
            let size = type < 5 ? type : type == 5 ? 6 : 8
            var value = Int64(Int8(bitPattern: page[place]))
            for byte in page[(place + 1)..<(place + size)] { value = value << 8 | Int64(byte) }
            place += size
            return .integer(value)
        default:
            let size = (type - 13) / 2
            defer { place += size }
            return String(validating: page[place..<(place + size)], as: UTF8.self).map(Value.text)
        }
    }
}
