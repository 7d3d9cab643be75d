/// Reads one JSON object key by key, the way money needs it (rule E1).
///
/// Each call asks for one key with its type and bounds. ``finish()`` then refuses every key that nobody asked for, so
/// a misspelt key is an error and not a silent default. Not for use from two tasks at once.
package final class JSONReader {
    /// Objects and arrays inside each other, at most.
    package static let maximumDepth = 16

    /// Whether a key stands in the object.
    package enum Presence: Hashable, Sendable {
        case absent
        case null
        case value
    }

    /// Where this object stands, as `sale` or `lines[2]`; empty for the outermost.
    package let path: String
    private let members: [String: JSONValue]
    private let order: [String]
    private let source: [UInt8]
    /// Kept in order, so that the hint for a misspelt key does not depend on hashing.
    private(set) var asked: [String] = []
    private(set) var children: [JSONReader] = []

    /// Parses a text whose outermost value must be an object.
    ///
    /// - Parameter maximumBytes: the caller's bound on the text's size.
    package static func parse(
        _ bytes: [UInt8],
        maximumBytes: Int,
    ) throws(JSONError) -> JSONReader {
        let value = try JSONParser.parse(bytes, maximumBytes: maximumBytes)
        guard case .object(let members) = value else {
            throw JSONError(
                kind: .wrongType,
                path: "",
                line: 1,
                reason: "must be an object, not \(value.typeName)",
            )
        }
        return JSONReader(members, path: "", source: bytes)
    }

    /// An object without members, for a section that is missing: its errors name the path all the same.
    package static func empty(at path: String) -> JSONReader {
        JSONReader([], path: path, source: [])
    }

    private init(_ members: [(key: String, value: JSONValue)], path: String, source: [UInt8]) {
        self.path = path
        self.order = members.map(\.key)
        // Keys are unique: the parser has refused duplicates.
        self.members = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        self.source = source
    }

    /// Whether the key is missing, null or has a value. Counts as asking for it.
    package func presence(of key: String) -> Presence {
        asked.append(key)
        switch members[key] {
        case nil: return .absent
        case .null: return .null
        case .some: return .value
        }
    }

    /// An error about one key of this object, for rules that the reader does not know.
    package func error(_ key: String, _ reason: String) -> JSONError {
        error(.invalid, key, reason)
    }

    // MARK: - Nested objects

    /// The object under `key`, to be read in turn; ``finish()`` of the outermost object covers it.
    package func object(_ key: String) throws(JSONError) -> JSONReader {
        try read(key, "an object", nil) { value in
            guard case .object(let members) = value else { return nil }
            return child(members, at: place(of: key))
        }
    }

    /// The objects of the array under `key`.
    package func objects(
        _ key: String,
        maximumCount: Int,
    ) throws(JSONError) -> [JSONReader] {
        let wanted = "an array of at most \(maximumCount) objects"
        return try read(key, wanted, nil) { value throws(JSONError) in
            guard case .array(let elements) = value else { return nil }
            guard elements.count <= maximumCount else { throw error(key, "must be \(wanted)") }
            var readers: [JSONReader] = []
            for (index, element) in elements.enumerated() {
                guard case .object(let members) = element else {
                    throw error(key, "must hold only objects, not \(element.typeName)")
                }
                readers.append(child(members, at: "\(place(of: key))[\(index)]"))
            }
            return readers
        }
    }

    // MARK: - The end

    /// Refuses the first key that nobody asked for, here or in an object read from here.
    package func finish() throws(JSONError) {
        if let first = unknownKeys(maximumCount: 1).first { throw first }
    }

    /// One error for each key that nobody asked for, here and in the objects read from here, with the nearest known key.
    ///
    /// - Parameter maximumCount: how many at most, because each costs a walk through the text.
    package func unknownKeys(maximumCount: Int = 20) -> [JSONError] {
        var errors: [JSONError] = []
        for key in order where !asked.contains(key) && errors.count < maximumCount {
            let hint = Spelling.nearest(to: key, among: asked)
            let advice = hint.map { "did you mean \"\($0)\"?" } ?? "remove it"
            errors.append(error(.unknownKey, key, "is not a known key; \(advice)"))
        }
        for child in children where errors.count < maximumCount {
            errors += child.unknownKeys(maximumCount: maximumCount - errors.count)
        }
        return errors
    }

    // MARK: - Inside

    /// Asks for a key. `convert` answers nil for a value of the wrong type.
    func read<Value>(
        _ key: String,
        _ wanted: String,
        _ fallback: Value?,
        _ convert: (JSONValue) throws(JSONError) -> Value?,
    ) throws(JSONError) -> Value {
        asked.append(key)
        guard let value = members[key] else {
            if let fallback { return fallback }
            throw error(.missing, key, "is missing; give \(wanted)")
        }
        guard let converted = try convert(value) else {
            throw error(.wrongType, key, "must be \(wanted), not \(value.typeName)")
        }
        return converted
    }

    private func child(
        _ members: [(key: String, value: JSONValue)],
        at path: String,
    ) -> JSONReader {
        let reader = JSONReader(members, path: path, source: source)
        children.append(reader)
        return reader
    }

    private func place(of key: String) -> String {
        let shown = JSONScanner.printable(key)
        return path.isEmpty ? shown : path + "." + shown
    }

    private func error(_ kind: JSONError.Kind, _ key: String, _ reason: String) -> JSONError {
        let place = place(of: key)
        // A missing key stands nowhere: its object's line helps most.
        let line = JSONScanner.line(of: kind == .missing ? path : place, in: source)
        return JSONError(kind: kind, path: place, line: line, reason: reason)
    }
}
