/// Writes JSON: members in the order given, strings escaped, numbers whole.
///
///     let body = JSONWriter.object { sale in
///         sale.string("id", "S0…")
///         sale.integer("amount", 200)
///         sale.array("attempts") { $0.object { $0.string("order", "K7-…") } }
///     }
///
/// Giving each key once is the caller's part; a debug build stops on a repeated one.
package struct JSONWriter: Sendable {
    private var bytes: [UInt8] = []
    /// Whether a comma must come before the next member or element.
    private var needsComma = false
    private var keys: [String] = []

    fileprivate init() {}

    /// The bytes of one object, in UTF-8, without line ends.
    package static func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.nest("{", "}", body)
        return writer.bytes
    }

    // MARK: - Members

    /// A string, or null for `nil`.
    package mutating func string(_ key: String, _ value: String?) {
        begin(key)
        if let value { quote(value) } else { raw("null") }
    }

    /// A whole number, or null for `nil`.
    package mutating func integer(_ key: String, _ value: (some BinaryInteger)?) {
        begin(key)
        raw(value.map { String($0) } ?? "null")
    }

    package mutating func boolean(_ key: String, _ value: Bool) {
        begin(key)
        raw(value ? "true" : "false")
    }

    package mutating func null(_ key: String) {
        begin(key)
        raw("null")
    }

    package mutating func object(_ key: String, _ body: (inout JSONWriter) -> Void) {
        begin(key)
        nest("{", "}", body)
    }

    package mutating func array(_ key: String, _ body: (inout JSONArrayWriter) -> Void) {
        begin(key)
        nest("[", "]") { writer in
            var elements = JSONArrayWriter(writer: JSONWriter())
            swap(&elements.writer, &writer)
            body(&elements)
            swap(&elements.writer, &writer)
        }
    }

    // MARK: - Inside

    /// Runs `body` between two marks, with commas and keys of its own.
    fileprivate mutating func nest(
        _ opening: String,
        _ closing: String,
        _ body: (inout JSONWriter) -> Void,
    ) {
        raw(opening)
        var inner = JSONWriter()
        swap(&inner.bytes, &bytes)
        body(&inner)
        swap(&inner.bytes, &bytes)
        raw(closing)
    }

    private mutating func begin(_ key: String) {
        assert(!keys.contains(key), "the key \(key) is written twice")
        keys.append(key)
        comma()
        quote(key)
        raw(":")
    }

    fileprivate mutating func comma() {
        if needsComma { raw(",") }
        needsComma = true
    }

    private mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Escapes what JSON must, and `<`, `>`, `&`, U+2028 and U+2029 so that the text is harmless inside a page too.
    fileprivate mutating func quote(_ text: String) {
        raw("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": raw("\\\"")
            case "\\": raw("\\\\")
            case "\n": raw("\\n")
            case "\r": raw("\\r")
            case "\t": raw("\\t")
            case "\0"..."\u{1F}", "\u{7F}", "<", ">", "&", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                raw("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: raw(String(scalar))
            }
        }
        raw("\"")
    }
}

/// Writes the elements of one array.
package struct JSONArrayWriter: Sendable {
    fileprivate var writer: JSONWriter

    package mutating func string(_ value: String) {
        writer.comma()
        writer.quote(value)
    }

    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        writer.comma()
        writer.nest("{", "}", body)
    }
}
