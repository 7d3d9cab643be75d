/// The values a key can have. Each call takes a missing key as `default`, or as an error if there is none.
extension JSONReader {
    /// A string of `bytes` bytes in UTF-8, without control characters.
    package func string(
        _ key: String,
        bytes: ClosedRange<Int>,
        default fallback: String? = nil,
    ) throws(JSONError) -> String {
        let wanted =
            bytes.count == 1
            ? "a string of exactly \(bytes.lowerBound) bytes"
            : "a string of \(bytes.lowerBound) to \(bytes.upperBound) bytes"
        return try read(key, wanted, fallback) { value throws(JSONError) in
            guard case .string(let text) = value else { return nil }
            guard bytes.contains(text.utf8.count) else { throw error(key, "must be \(wanted)") }
            let scalars = text.unicodeScalars
            guard !scalars.contains(where: { $0.properties.generalCategory == .control }) else {
                throw error(key, "must not hold control characters such as a line end or a tab")
            }
            return text
        }
    }

    /// As ``string(_:bytes:default:)``; `nil` if the key is missing or null.
    package func optionalString(
        _ key: String,
        bytes: ClosedRange<Int>,
    ) throws(JSONError) -> String? {
        presence(of: key) == .value ? try string(key, bytes: bytes) : nil
    }

    /// A whole number, written without decimals and exponent (rule E1).
    package func integer<Number: FixedWidthInteger>(
        _ key: String,
        in range: ClosedRange<Number>,
        default fallback: Number? = nil,
    ) throws(JSONError) -> Number {
        let wanted = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return try read(key, wanted, fallback) { value throws(JSONError) in
            guard case .integer(let wide) = value else { return nil }
            guard let number = Number(exactly: wide), range.contains(number) else {
                throw error(key, "must be \(wanted)")
            }
            return number
        }
    }

    /// As ``integer(_:in:default:)``; `nil` if the key is missing or null.
    package func optionalInteger<Number: FixedWidthInteger>(
        _ key: String,
        in range: ClosedRange<Number>,
    ) throws(JSONError) -> Number? {
        presence(of: key) == .value ? try integer(key, in: range) : nil
    }

    package func boolean(_ key: String, default fallback: Bool? = nil) throws(JSONError) -> Bool {
        try read(key, "true or false", fallback) { value in
            guard case .boolean(let flag) = value else { return nil }
            return flag
        }
    }

    /// One of an enumeration's words.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        of type: Choice.Type,
        default fallback: Choice? = nil,
    ) throws(JSONError) -> Choice where Choice.RawValue == String {
        let words = type.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        let wanted = type.allCases.count == 1 ? words : "one of \(words)"
        return try read(key, wanted, fallback) { value throws(JSONError) in
            guard case .string(let word) = value else { return nil }
            guard let choice = Choice(rawValue: word) else {
                throw error(key, "must be \(wanted)")
            }
            return choice
        }
    }

    /// A length of time in seconds, whole or with a fraction, to the nanosecond.
    package func seconds(
        _ key: String,
        in range: ClosedRange<Duration>,
        default fallback: Duration? = nil,
    ) throws(JSONError) -> Duration {
        let bounds = "\(range.lowerBound.secondsText) to \(range.upperBound.secondsText)"
        let wanted = "a number of seconds from \(bounds)"
        return try read(key, wanted, fallback) { value throws(JSONError) in
            let duration: Duration
            switch value {
            case .integer(let seconds): duration = .seconds(seconds)
            // Beyond 1e9 seconds the nanoseconds would not fit, and no bound of ours is that far.
            case .real(let seconds) where abs(seconds) < 1e9:
                duration = .nanoseconds(Int64((seconds * 1e9).rounded()))
            case .real: throw error(key, "must be \(wanted)")
            case .object, .array, .string, .boolean, .null: return nil
            }
            guard range.contains(duration) else { throw error(key, "must be \(wanted)") }
            return duration
        }
    }
}

extension Duration {
    /// The length in seconds as people write it: `45`, `0.05`.
    package var secondsText: String {
        let (seconds, attoseconds) = components
        guard attoseconds != 0 else { return String(seconds) }
        var fraction = String(attoseconds.magnitude)
        fraction = String(repeating: "0", count: 18 - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return (seconds == 0 && attoseconds < 0 ? "-" : "") + "\(seconds).\(fraction)"
    }
}
