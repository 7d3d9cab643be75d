/// The fields of one v2 document: ASCII names, decoded values.
struct V2Fields: Hashable, Sendable {
    private var values: [String: String] = [:]

    var count: Int { values.count }

    /// The value, or `nil` where it is absent or empty: an empty value is not signed (wire facts,
    /// 1.6), so whoever could slip one in must not be able to say anything with it.
    subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// Whether the field is there and is byte for byte `text`.
    ///
    /// Bytes, because Swift's `==` takes the Kelvin sign for a K, and order numbers and REVOKED
    /// have a K.
    func holds(_ text: String, in name: String) -> Bool {
        self[name].map { $0.utf8.elementsEqual(text.utf8) } ?? false
    }

    /// Adds a field; `false`, changing nothing, if the name is taken.
    @discardableResult
    mutating func insert(_ value: String, named name: String) -> Bool {
        guard values[name] == nil else { return false }
        values[name] = value
        return true
    }

    /// All fields with a value, by ascending bytes of their names.
    var sorted: [(name: String, value: String)] {
        values.filter { !$0.value.isEmpty }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { (name: $0.key, value: $0.value) }
    }
}
