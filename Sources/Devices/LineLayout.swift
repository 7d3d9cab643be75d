/// Fits glyphs into lines of a fixed number of columns.
struct LineLayout {
    /// Columns of the paper.
    let columns: Int

    func centred(_ glyphs: [Glyph], _ style: SlipLine.Style = .normal) -> [SlipLine] {
        let width = columns / style.widthFactor
        return wrapped(glyphs, to: width).map { line in
            let indent = (width - Self.columns(of: line)) / 2
            return SlipLine(glyphs: Self.spaces(indent) + line, style: style)
        }
    }

    func paragraph(_ glyphs: [Glyph]) -> [SlipLine] {
        wrapped(glyphs, to: columns).map { SlipLine(glyphs: $0, style: .normal) }
    }

    /// Label on the left, value on the right; on lines of their own where they do not fit beside each other.
    func pair(_ label: [Glyph], _ value: [Glyph]) -> [SlipLine] {
        let room = columns - Self.columns(of: label) - Self.columns(of: value)
        if room >= 1 {
            return [SlipLine(glyphs: label + Self.spaces(room) + value, style: .normal)]
        }
        let values = wrapped(value, to: columns).map { line in
            SlipLine(
                glyphs: Self.spaces(columns - Self.columns(of: line)) + line, style: .normal)
        }
        return paragraph(label) + values
    }

    func rule() -> SlipLine {
        SlipLine(
            glyphs: Array(repeating: Glyph(ascii: "-"), count: columns), style: .normal)
    }

    static let blank = SlipLine(glyphs: [], style: .normal)

    /// Breaks at spaces and beside Chinese characters; a word longer than a line is cut. No glyph is ever split.
    private func wrapped(_ glyphs: [Glyph], to width: Int) -> [[Glyph]] {
        var lines: [[Glyph]] = []
        var start = 0
        var index = 0
        var used = 0
        var lastBreak: Int?
        while index < glyphs.count {
            if used + glyphs[index].columns > width, index > start {
                let end = lastBreak ?? index
                lines.append(Self.trimmed(glyphs[start..<end]))
                start = end
                while start < glyphs.count, glyphs[start].isSpace { start += 1 }
                index = start
                used = 0
                lastBreak = nil
                continue
            }
            used += glyphs[index].columns
            index += 1
            if index < glyphs.count, Self.canBreak(glyphs[index - 1], glyphs[index]) {
                lastBreak = index
            }
        }
        lines.append(Self.trimmed(glyphs[start...]))
        return lines.filter { !$0.isEmpty }
    }

    private static func canBreak(_ left: Glyph, _ right: Glyph) -> Bool {
        if left.isSpace || right.isSpace { return true }
        // Closing marks do not begin a line, opening marks do not end one.
        if "，。、；：！？）》」』”’…,.;:!?)".unicodeScalars.contains(right.scalar) { return false }
        if "（《「『“‘(".unicodeScalars.contains(left.scalar) { return false }
        return left.isWide || right.isWide
    }

    private static func trimmed(_ glyphs: ArraySlice<Glyph>) -> [Glyph] {
        var glyphs = glyphs
        while glyphs.last?.isSpace == true { glyphs.removeLast() }
        while glyphs.first?.isSpace == true { glyphs.removeFirst() }
        return Array(glyphs)
    }

    private static func columns(of glyphs: [Glyph]) -> Int {
        glyphs.reduce(0) { $0 + $1.columns }
    }

    private static func spaces(_ count: Int) -> [Glyph] {
        Array(repeating: .space, count: max(0, count))
    }
}
