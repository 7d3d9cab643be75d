/// A second reader of JSON (RFC 8259), by hand and apart from jansson. Keeps what the product must refuse or read
/// exactly: keys that stand twice, and numbers as they are written.
indirect enum PlainJSON {
    case object([(key: String, value: PlainJSON)])
    case array([PlainJSON])
    case string(String)
    case number(String)
    case boolean(Bool)
    case null

    /// `nil` if `text` is no JSON, or nested more than 64 levels deep.
    init?(_ text: [UInt8]) {
        var parser = Parser(rest: text[...])
        guard String(validating: text, as: UTF8.self) != nil, let value = parser.value(depth: 0)
        else { return nil }
        parser.skipSpace()
        guard parser.rest.isEmpty else { return nil }
        self = value
    }

    /// Objects and arrays inside each other.
    var depth: Int {
        switch self {
        case .object(let members): 1 + (members.map(\.value.depth).max() ?? 0)
        case .array(let elements): 1 + (elements.map(\.depth).max() ?? 0)
        case .string, .number, .boolean, .null: 0
        }
    }

    /// Whether a key stands twice in one object, here or deeper.
    var hasTwins: Bool {
        switch self {
        case .object(let members):
            Set(members.map(\.key)).count < members.count || members.contains { $0.value.hasTwins }
        case .array(let elements): elements.contains { $0.hasTwins }
        case .string, .number, .boolean, .null: false
        }
    }

    var isObject: Bool {
        if case .object = self { true } else { false }
    }

    /// The keys of an object, in order; none of anything else.
    var keys: [String] {
        if case .object(let members) = self { members.map(\.key) } else { [] }
    }

    subscript(key: String) -> PlainJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// A number written with nothing but digits and a sign, if it fits.
    var integer: Int64? {
        guard case .number(let text) = self, !text.contains(where: { ".eE".contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    /// A string without control characters, of so many bytes.
    func string(_ bytes: ClosedRange<Int>) -> String? {
        guard case .string(let text) = self, bytes.contains(text.utf8.count) else { return nil }
        let hasControl = text.unicodeScalars.contains { $0.value < 0x20 || 0x7F...0x9F ~= $0.value }
        return hasControl ? nil : text
    }
}

extension PlainJSON {
    private struct Parser {
        var rest: ArraySlice<UInt8>

        mutating func skipSpace() { rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) } }

        mutating func value(depth: Int) -> PlainJSON? {
            guard depth <= 64 else { return nil }
            skipSpace()
            switch rest.first {
            case UInt8(ascii: "{"): return object(depth: depth)
            case UInt8(ascii: "["): return array(depth: depth)
            case UInt8(ascii: "\""): return string().map { .string($0) }
            case UInt8(ascii: "t"): return take("true") ? .boolean(true) : nil
            case UInt8(ascii: "f"): return take("false") ? .boolean(false) : nil
            case UInt8(ascii: "n"): return take("null") ? .null : nil
            default: return number()
            }
        }

        private mutating func take(_ text: String) -> Bool {
            guard rest.starts(with: text.utf8) else { return false }
            rest = rest.dropFirst(text.utf8.count)
            return true
        }

        private mutating func object(depth: Int) -> PlainJSON? {
            _ = take("{")
            skipSpace()
            var members: [(key: String, value: PlainJSON)] = []
            if take("}") { return .object(members) }
            while true {
                skipSpace()
                guard rest.first == UInt8(ascii: "\""), let key = string() else { return nil }
                skipSpace()
                guard take(":"), let value = value(depth: depth + 1) else { return nil }
                members.append((key, value))
                skipSpace()
                if take("}") { return .object(members) }
                guard take(",") else { return nil }
            }
        }

        private mutating func array(depth: Int) -> PlainJSON? {
            _ = take("[")
            skipSpace()
            var elements: [PlainJSON] = []
            if take("]") { return .array(elements) }
            while true {
                guard let value = value(depth: depth + 1) else { return nil }
                elements.append(value)
                skipSpace()
                if take("]") { return .array(elements) }
                guard take(",") else { return nil }
            }
        }

        private mutating func number() -> PlainJSON? {
            let before = rest
            _ = take("-")
            if !take("0"), !digits() { return nil }
            if take("."), !digits() { return nil }
            if take("e") || take("E") {
                _ = take("+") || take("-")
                guard digits() else { return nil }
            }
            let text = before[..<rest.startIndex]
            return .number(String(decoding: text, as: UTF8.self))
        }

        private mutating func digits() -> Bool {
            let run = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(run.count)
            return !run.isEmpty
        }

        /// The string that begins here; NUL is refused, as a C library cannot hold it.
        private mutating func string() -> String? {
            _ = take("\"")
            var units: [UInt16] = []
            while let byte = rest.first {
                if take("\"") { return Self.text(units) }
                if take("\\") {
                    guard let unit = escape(), unit != 0 else { return nil }
                    units.append(unit)
                } else {
                    guard byte >= 0x20 else { return nil }
                    let plain = rest.prefix { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
                    units += String(decoding: plain, as: UTF8.self).utf16
                    rest = rest.dropFirst(plain.count)
                }
            }
            return nil
        }

        private mutating func escape() -> UInt16? {
            let simple: [UInt8: UInt16] = [
                0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
            ]
            guard let byte = rest.popFirst() else { return nil }
            if let unit = simple[byte] { return unit }
            let digits = rest.prefix(4)
            guard byte == UInt8(ascii: "u"), digits.count == 4,
                digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80 })
            else { return nil }
            rest = rest.dropFirst(4)
            return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        }

        /// `nil` for half of a surrogate pair.
        private static func text(_ units: [UInt16]) -> String? {
            String(validating: units, as: UTF16.self)
        }
    }
}
