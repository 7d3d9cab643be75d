/// Text measured in the columns of a terminal, where a Chinese character takes two.
enum TerminalText {
    static func columns(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
    }

    /// Exactly so many columns: cut, with an ellipsis, or filled with spaces. Control characters become spaces.
    static func fit(_ text: String, _ width: Int) -> String {
        guard columns(of: text) > width else {
            return clean(text) + String(repeating: " ", count: width - columns(of: text))
        }
        var kept = ""
        var used = 0
        for scalar in text.unicodeScalars {
            let next = columns(of: scalar)
            guard used + next < width else { break }
            kept.unicodeScalars.append(scalar)
            used += next
        }
        return clean(kept) + "…" + String(repeating: " ", count: max(0, width - used - 1))
    }

    /// Lines of at most so many columns, broken between words; words that are longer than a line, as Chinese sentences are,
    /// anywhere.
    static func wrap(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let longer = line.isEmpty ? String(word) : line + " " + word
            if columns(of: longer) <= width {
                line = longer
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = ""
            for character in word {
                if columns(of: line + String(character)) > width {
                    lines.append(line)
                    line = ""
                }
                line.append(character)
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }

    private static func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
            )
        )
    }

    /// East Asian wide and full-width characters (Unicode, UAX 11), as far as slips and messages use them.
    private static func columns(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            2
        default: 1
        }
    }
}
