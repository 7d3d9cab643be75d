/// One character as the printer gets it: one byte and one column, or two bytes and two columns.
struct Glyph: Hashable, Sendable {
    let scalar: Unicode.Scalar
    let bytes: [UInt8]

    /// A printer draws every double-byte character two columns wide, whatever Unicode says of its width.
    var columns: Int { bytes.count }
    var isWide: Bool { bytes.count == 2 }
    var isSpace: Bool { scalar == " " }

    /// For characters of our own that are in ASCII.
    init(ascii character: Unicode.Scalar) {
        scalar = character
        bytes = [UInt8(truncatingIfNeeded: character.value & 0x7F)]
    }

    init(scalar: Unicode.Scalar, bytes: [UInt8]) {
        self.scalar = scalar
        self.bytes = bytes
    }

    static let space = Glyph(ascii: " ")
    static let unprintable = Glyph(ascii: "?")
}

/// Turns text from anywhere into glyphs that every printer with a Chinese font prints, and that cannot be a command.
struct PrintableText {
    private let encoder: GB18030Encoder?

    /// `nil` for the encoder: the C library has no GB18030, and everything beyond ASCII becomes `?`.
    init(_ encoder: GB18030Encoder?) { self.encoder = encoder }

    func glyphs(_ text: String) -> [Glyph] {
        text.unicodeScalars.compactMap(glyph)
    }

    private func glyph(_ scalar: Unicode.Scalar) -> Glyph? {
        switch scalar {
        case "\t", "\n", "\r", "\u{A0}": return .space
        case " "..."~": return Glyph(ascii: scalar)
        // Its GB18030 form has four bytes with digits among them, which would corrupt an amount (device facts, 2.3).
        case "¥": return encoded("￥")
        default: break
        }
        switch scalar.properties.generalCategory {
        // Commands, and marks that have no column of their own.
        case .control, .format, .nonspacingMark, .enclosingMark, .lineSeparator,
            .paragraphSeparator:
            return nil
        default: return encoded(scalar)
        }
    }

    /// Four-byte forms are dangerous on printers that only know GBK: they print a wrong glyph and two digits.
    private func encoded(_ scalar: Unicode.Scalar) -> Glyph {
        guard let bytes = encoder?.bytes(of: scalar), bytes.count == 2 else { return .unprintable }
        return Glyph(scalar: scalar, bytes: bytes)
    }
}
