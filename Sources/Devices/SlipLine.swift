/// One line of a slip, ready to be sent: never wider than the paper.
struct SlipLine: Hashable, Sendable {
    enum Style: Hashable, Sendable {
        case normal
        case bold
        /// Bold and twice as high.
        case tall
        /// Twice as wide and twice as high: half as many columns.
        case large

        /// How many columns of the paper one column of this style takes.
        var widthFactor: Int { self == .large ? 2 : 1 }
    }

    let glyphs: [Glyph]
    let style: Style

    /// Columns of the paper that the line takes.
    var columns: Int { glyphs.reduce(0) { $0 + $1.columns } * style.widthFactor }

    var text: String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: glyphs.lazy.map(\.scalar))
        return String(text)
    }
}
