/// What the platform says in words, for people alone.
extension V2Dialect {
    /// Bytes of a quotation at most.
    static let wordsLimit = 128
    /// Letters and digits in a row that may be a payment code, a payer or a key (rule G1).
    private static let secretLength = 16

    /// The words of a reply that was not accepted: `return_msg`, or `err_code_des` where that only says OK. They tell a wrong
    /// key from a wrong merchant (wire facts, 1.7). Nobody vouches for them, so they decide nothing.
    ///
    /// At most ``wordsLimit`` bytes; what is not plain text is escaped, and long runs of letters and digits are masked to the
    /// last four. `nil` if there are none.
    package func unverifiedWords(of reply: PlatformReply) -> String? {
        guard let fields = try? V2Reader.fields(of: reply.body) else { return nil }
        let message = fields["return_msg"].flatMap { $0 == "OK" ? nil : $0 }
        return (message ?? fields["err_code_des"]).map(Self.quotation)
    }

    static func quotation(_ text: String) -> String {
        var quoted = ""
        var run = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII, UInt8(ascii: scalar).isIdentifierByte {
                run.unicodeScalars.append(scalar)
            } else {
                quoted += masked(run) + escaped(scalar)
                run = ""
            }
        }
        return cut(quoted + masked(run))
    }

    private static func masked(_ run: String) -> String {
        run.utf8.count < secretLength ? run : "…" + run.suffix(4)
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            "\\u{\(String(scalar.value, radix: 16))}"
        default: scalar == "\\" || scalar == "\"" ? "\\\(scalar)" : String(scalar)
        }
    }

    private static func cut(_ text: String) -> String {
        var length = 0
        return String(
            text.prefix {
                length += $0.utf8.count
                return length <= wordsLimit
            }
        )
    }
}
