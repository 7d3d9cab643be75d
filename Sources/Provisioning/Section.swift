import StrictJSON

/// One section of the configuration: its own keys over those of the board file.
///
/// A key that cannot be read is noted in ``problems`` and a placeholder returned; the placeholder is never used, because
/// a configuration with a problem is never handed out.
struct Section {
    private let name: String
    private let problems: Problems
    private let configurationFile: ConfigurationFile
    private let own: JSONReader?
    private let board: (reader: JSONReader, file: String)?
    /// No key is asked for: the section is of the wrong type, which has been noted, or missing and not needed.
    private let isSilent: Bool

    /// - Parameters:
    ///   - board: the board file, if there is one and it may hold this section.
    ///   - isRequired: whether a missing section's required keys are problems.
    init(
        _ name: String,
        of file: ConfigurationFile,
        board: BoardFile? = nil,
        isRequired: Bool = true,
        _ problems: Problems,
    ) {
        self.name = name
        self.problems = problems
        configurationFile = file
        let (own, ownFailed) = Self.object(name, in: file.reader, file.path, problems)
        self.own = own
        let (reader, boardFailed) =
            board.map { Self.object(name, in: $0.reader, $0.path, problems) } ?? (nil, false)
        self.board = board.flatMap { board in reader.map { ($0, board.path) } }
        isSilent = ownFailed || boardFailed || (own == nil && !isRequired)
    }

    /// A section that may be null or missing: `nil` unless the configuration has it, or the board file has it with `key`.
    static func optional(
        _ name: String,
        of file: ConfigurationFile,
        board: BoardFile?,
        from key: String?,
        _ problems: Problems,
    ) -> Section? {
        let inBoard = board?.reader.presence(of: name) ?? .absent
        switch file.reader.presence(of: name) {
        case .value: return Section(name, of: file, board: board, problems)
        case .null: return nil
        case .absent:
            guard let key, inBoard == .value else { return nil }
            let section = Section(name, of: file, board: board, problems)
            return section.mentions(key) ? section : nil
        }
    }

    private static func object(
        _ name: String,
        in reader: JSONReader,
        _ file: String,
        _ problems: Problems,
    ) -> (JSONReader?, failed: Bool) {
        guard reader.presence(of: name) != .absent else { return (nil, false) }
        do throws(JSONError) {
            return (try reader.object(name), false)
        } catch {
            problems.add(error, in: file)
            return (nil, true)
        }
    }

    // MARK: - Values

    func string(_ key: String, bytes: ClosedRange<Int>, default fallback: String? = nil) -> String {
        take(key, fallback ?? "") { reader throws(JSONError) in
            try reader.string(key, bytes: bytes, default: fallback)
        }
    }

    /// `nil` if the key is missing or null.
    func optionalString(_ key: String, bytes: ClosedRange<Int>) -> String? {
        take(key, nil) { reader throws(JSONError) in
            try reader.optionalString(key, bytes: bytes)
        }
    }

    func integer<Number: FixedWidthInteger>(
        _ key: String,
        in range: ClosedRange<Number>,
        default fallback: Number? = nil,
    ) -> Number {
        take(key, fallback ?? range.lowerBound) { reader throws(JSONError) in
            try reader.integer(key, in: range, default: fallback)
        }
    }

    /// `nil` if the key is missing or null.
    func optionalInteger<Number: FixedWidthInteger>(
        _ key: String,
        in range: ClosedRange<Number>,
    ) -> Number? {
        take(key, nil) { reader throws(JSONError) in
            try reader.optionalInteger(key, in: range)
        }
    }

    func boolean(_ key: String, default fallback: Bool) -> Bool {
        take(key, fallback) { reader throws(JSONError) in
            try reader.boolean(key, default: fallback)
        }
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        default fallback: Choice,
    ) -> Choice where Choice.RawValue == String {
        take(key, fallback) { reader throws(JSONError) in
            try reader.choice(key, of: Choice.self, default: fallback)
        }
    }

    func seconds(
        _ key: String,
        in range: ClosedRange<Duration>,
        default fallback: Duration,
    ) -> Duration {
        take(key, fallback) { reader throws(JSONError) in
            try reader.seconds(key, in: range, default: fallback)
        }
    }

    /// A string that `parse` understands; `reason` says what it must be when `parse` answers nil.
    func parsed<Value>(
        _ key: String,
        bytes: ClosedRange<Int>,
        default fallback: String? = nil,
        placeholder: Value,
        _ reason: String,
        _ parse: (String) -> Value?,
    ) -> Value {
        take(key, placeholder) { reader throws(JSONError) in
            let text = try reader.string(key, bytes: bytes, default: fallback)
            guard let value = parse(text) else { throw reader.error(key, reason) }
            return value
        }
    }

    /// As ``parsed(_:bytes:default:placeholder:_:_:)``; `nil` if the key is missing or null.
    func optionalParsed<Value>(
        _ key: String,
        bytes: ClosedRange<Int>,
        _ reason: String,
        _ parse: (String) -> Value?,
    ) -> Value? {
        take(key, nil) { reader throws(JSONError) in
            guard let text = try reader.optionalString(key, bytes: bytes) else { return nil }
            guard let value = parse(text) else { throw reader.error(key, reason) }
            return value
        }
    }

    /// A path, made absolute: relative ones start at the configuration file's folder.
    func path(_ key: String, default fallback: String? = nil) -> String {
        configurationFile.resolve(string(key, bytes: pathBytes, default: fallback))
    }

    /// `nil` if the key is missing or null.
    func optionalPath(_ key: String) -> String? {
        optionalString(key, bytes: pathBytes).map(configurationFile.resolve)
    }

    /// A file named by path or as `credential:NAME`.
    func file(_ key: String) -> SecretFile {
        parsed(
            key,
            bytes: pathBytes,
            placeholder: SecretFile(path: "", isCredential: false, place: place(of: key)),
            SecretFile.credentialRule,
        ) { SecretFile(reference: $0, in: configurationFile, place: place(of: key)) }
    }

    /// `nil` if the key is missing or null.
    func optionalFile(_ key: String) -> SecretFile? {
        optionalParsed(key, bytes: pathBytes, SecretFile.credentialRule) {
            SecretFile(reference: $0, in: configurationFile, place: place(of: key))
        }
    }

    /// `PATH_MAX` without its NUL.
    private var pathBytes: ClosedRange<Int> { 1...4095 }

    // MARK: - Rules

    /// Notes that `key` is wrong unless `holds`. Skipped when a key it depends on is already known to be wrong.
    ///
    /// - Parameter keys: the other keys the rule looks at, with their sections, as `timing.hardEndSeconds`.
    func require(
        _ holds: Bool,
        _ key: String,
        and keys: [String] = [],
        _ reason: @autoclosure () -> String,
    ) {
        guard !holds, !isSilent, !problems.concerns([name + "." + key] + keys) else { return }
        problems.add(place(of: key).problem(reason()))
    }

    /// Whether the key stands in the configuration or in the board file, be it as null.
    func mentions(_ key: String) -> Bool { source(of: key).reader.presence(of: key) != .absent }

    /// Whether the configuration or the board file has this section.
    var isPresent: Bool { own != nil || board != nil }

    /// Where a key stands, for problems found later.
    func place(of key: String) -> KeyPlace {
        let (reader, file) = source(of: key)
        let error = reader.error(key, "")
        return KeyPlace(file: file, line: error.line, key: error.path)
    }

    // MARK: - Inside

    private func take<Value>(
        _ key: String,
        _ placeholder: Value,
        _ read: (JSONReader) throws(JSONError) -> Value,
    ) -> Value {
        let (reader, file) = source(of: key)
        guard !isSilent else { return placeholder }
        do throws(JSONError) {
            return try read(reader)
        } catch {
            problems.add(error, in: file)
            return placeholder
        }
    }

    /// The object that decides `key`. Both are asked, so that neither reports the key as unknown.
    private func source(of key: String) -> (reader: JSONReader, file: String) {
        let inOwn = own.map { $0.presence(of: key) } ?? .absent
        let inBoard = board.map { $0.reader.presence(of: key) } ?? .absent
        if inOwn == .absent, inBoard != .absent, let board { return board }
        return (own ?? JSONReader.empty(at: name), configurationFile.path)
    }
}
