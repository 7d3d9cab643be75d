internal import StrictJSON

/// What was measured, held against what is wanted.
struct Report {
    /// One line of the table. Values are in the unit's base: nanoseconds, bytes, millionths.
    struct Row {
        let name: String
        let unit: Unit
        var median: Int64?
        var p99: Int64?
        /// What the median, or the only value, may be at most.
        var medianBound: Int64?
        var p99Bound: Int64?

        /// `nil` where nothing is asked for.
        var isGood: Bool? {
            let checks = [(median, medianBound), (p99, p99Bound)].compactMap { value, bound in
                bound.map { bound in value.map { $0 <= bound } ?? false }
            }
            return checks.isEmpty ? nil : checks.allSatisfy(\.self)
        }
    }

    enum Unit: String {
        case nanoseconds
        case bytes
        /// Per second, in millionths.
        case perSecond
        /// Of one core, in millionths.
        case share
        case count

        func text(_ value: Int64) -> String {
            switch self {
            case .nanoseconds: Self.decimal(value, over: 1_000_000, digits: 3) + " ms"
            case .bytes: Self.decimal(value, over: 1_048_576, digits: 2) + " MiB"
            case .perSecond: Self.decimal(value, over: 1_000_000, digits: 2) + " /s"
            case .share: Self.decimal(value, over: 10_000, digits: 3) + " %"
            case .count: "\(value)"
            }
        }

        /// `value / divisor`, rounded half up to so many digits.
        private static func decimal(_ value: Int64, over divisor: Int64, digits: Int) -> String {
            let power = (0..<digits).reduce(Int64(1)) { product, _ in product * 10 }
            let scaled = (value.magnitude * UInt64(power) + UInt64(divisor / 2)) / UInt64(divisor)
            let fraction = String(scaled % UInt64(power))
            let zeros = String(repeating: "0", count: digits - fraction.count)
            let sign = value < 0 && scaled > 0 ? "-" : ""
            return "\(sign)\(scaled / UInt64(power)).\(zeros)\(fraction)"
        }
    }

    var rows: [Row] = []
    var notes: [String] = []

    var isGood: Bool { rows.allSatisfy { $0.isGood ?? true } }

    var markdown: String {
        var lines = [
            "| measure | median or value | p99 | bound | verdict |",
            "| --- | --- | --- | --- | --- |",
        ]
        for row in rows {
            let median = row.median.map(row.unit.text) ?? "–"
            let p99 = row.p99.map(row.unit.text) ?? "–"
            let bounds = [
                row.medianBound.map { "≤ " + row.unit.text($0) },
                row.p99Bound.map { "p99 ≤ " + row.unit.text($0) },
            ].compactMap(\.self)
            let bound = bounds.isEmpty ? "–" : bounds.joined(separator: ", ")
            let verdict = row.isGood.map { $0 ? "ok" : "MISSED" } ?? "–"
            lines.append("| \(row.name) | \(median) | \(p99) | \(bound) | \(verdict) |")
        }
        return (lines + [""] + notes.map { "- " + $0 }).joined(separator: "\n")
    }

    /// One object; values in base units, as `unit` says.
    var json: String {
        let bytes = JSONWriter.object { root in
            root.boolean("good", isGood)
            root.array("measures") { list in
                for row in rows {
                    list.object { object in
                        object.string("name", row.name)
                        object.string("unit", row.unit.rawValue)
                        object.integer("median", row.median)
                        object.integer("p99", row.p99)
                        object.integer("medianBound", row.medianBound)
                        object.integer("p99Bound", row.p99Bound)
                        if let isGood = row.isGood {
                            object.boolean("good", isGood)
                        } else {
                            object.null("good")
                        }
                    }
                }
            }
            root.array("notes") { list in for note in notes { list.string(note) } }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
