/// Text on its way into a field.
enum WireText {
    /// `text` without control characters and without white space around it, cut to `limit` bytes of
    /// UTF-8 between two characters.
    ///
    /// White space around a value is never sent: the platform's own kits trim before they sign, so
    /// such a value could verify on one side only (wire facts, 1.6). A first character longer than
    /// `limit` leaves nothing.
    static func clean(_ text: String, limit: Int) -> String {
        let allowed = text.unicodeScalars.filter {
            $0.properties.generalCategory != .control && !$0.properties.isNoncharacterCodePoint
        }
        let whole = trim(Substring(String(String.UnicodeScalarView(allowed))))
        var length = 0
        let fitting = whole.prefix {
            length += $0.utf8.count
            return length <= limit
        }
        return String(trim(fitting))
    }

    private static func trim(_ text: Substring) -> Substring {
        var scalars = text.unicodeScalars.drop(while: \.properties.isWhitespace)
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return Substring(scalars)
    }
}
