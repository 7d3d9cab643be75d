/// Writes one JSON object on one line; keys appear in the order they were added.
struct LineJSON {
    private var members: [String] = []

    var text: String { "{" + members.joined(separator: ",") + "}" }

    mutating func add(_ key: String, _ value: String?) {
        members.append(Self.string(key) + ":" + (value.map(Self.string) ?? "null"))
    }

    mutating func add(_ key: String, _ value: Int64?) {
        members.append(Self.string(key) + ":" + (value.map { String($0) } ?? "null"))
    }

    /// `elements` are JSON texts already.
    mutating func add(_ key: String, _ elements: [String]) {
        members.append(Self.string(key) + ":[" + elements.joined(separator: ",") + "]")
    }

    /// A JSON string literal (RFC 8259, 7).
    static func string(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                literal += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }
}
