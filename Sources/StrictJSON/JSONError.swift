/// Why a JSON text is refused: one sentence that names the line and the path, and never a value (rule G1).
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is, for callers that answer differently to each.
    package enum Kind: Hashable, Sendable {
        /// Not JSON, not UTF-8, or not an object.
        case syntax
        /// More bytes than the caller allows.
        case tooLarge
        /// More than ``JSONReader/maximumDepth`` objects and arrays inside each other.
        case tooDeep
        case duplicateKey
        case unknownKey
        case missing
        case wrongType
        /// The right type, but not a value that is allowed there.
        case invalid
    }

    package let kind: Kind
    /// Where, as `sale.amount` or `lines[2].name`; empty for the text as a whole.
    package let path: String
    /// The line, counted from 1; `nil` where no line can be named.
    package let line: Int?
    /// What is wrong and what to do, to be read after the path.
    package let reason: String

    package init(kind: Kind, path: String, line: Int?, reason: String) {
        self.kind = kind
        self.path = path
        self.line = line
        self.reason = reason
    }

    /// `line 3: sale.amount: must be …`
    package var description: String {
        let place = [line.map { "line \($0)" }, path.isEmpty ? nil : path]
        return (place.compactMap(\.self) + [reason]).joined(separator: ": ")
    }
}
