/// Walks JSON text far enough to say where something stands: path, line and depth.
///
/// Whether the text is JSON is jansson's decision alone; on text that is not, this still ends and never traps.
struct JSONScanner {
    private struct Frame {
        let isObject: Bool
        var key = ""
        var index = 0
        var expectsKey: Bool
    }

    private let bytes: [UInt8]
    private var offset = 0
    private var frames: [Frame] = []
    private(set) var line = 1
    /// Whether the last step began a member or an element, so that ``path`` names a new place.
    private var isAtNewPlace = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Objects and arrays open at this point.
    var depth: Int { frames.count }

    /// Where this point is, as `sale.amount` or `lines[2].name`.
    var path: String {
        var text = ""
        for frame in frames {
            if !frame.isObject {
                text += "[\(frame.index)]"
            } else if !frame.key.isEmpty {
                text += (text.isEmpty ? "" : ".") + frame.key
            }
        }
        return text
    }

    /// The path that the text has reached at `offset`.
    static func path(at offset: Int, in bytes: [UInt8]) -> String {
        var scanner = JSONScanner(bytes)
        while scanner.offset < offset, scanner.step() {}
        return scanner.path
    }

    /// The line on which the member or element with this path begins.
    static func line(of path: String, in bytes: [UInt8]) -> Int? {
        var scanner = JSONScanner(bytes)
        while scanner.step() {
            if scanner.isAtNewPlace, scanner.path == path { return scanner.line }
        }
        return nil
    }

    /// Where the text first goes deeper than `maximum`; `nil` if it nowhere does.
    static func firstPlace(deeperThan maximum: Int, in bytes: [UInt8]) -> (path: String, line: Int)?
    {
        var scanner = JSONScanner(bytes)
        while scanner.step() {
            if scanner.depth > maximum { return (scanner.path, scanner.line) }
        }
        return nil
    }

    /// Reads one mark, string or other byte; `false` at the end.
    private mutating func step() -> Bool {
        guard offset < bytes.count else { return false }
        let byte = bytes[offset]
        offset += 1
        isAtNewPlace = false
        switch byte {
        case UInt8(ascii: "{"): frames.append(Frame(isObject: true, expectsKey: true))
        case UInt8(ascii: "["):
            frames.append(Frame(isObject: false, expectsKey: false))
            isAtNewPlace = true
        case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = frames.popLast()
        case UInt8(ascii: ","): comma()
        case UInt8(ascii: ":"): if !frames.isEmpty { frames[frames.count - 1].expectsKey = false }
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "\n"): line += 1
        default: break
        }
        return true
    }

    private mutating func comma() {
        guard let last = frames.indices.last else { return }
        frames[last].expectsKey = frames[last].isObject
        frames[last].index += 1
        isAtNewPlace = !frames[last].isObject
    }

    private mutating func string() {
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
            if bytes[offset] == UInt8(ascii: "\n") { line += 1 }
            offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        let end = min(offset, bytes.count)
        offset = end + 1
        guard let last = frames.indices.last, frames[last].expectsKey else { return }
        frames[last].key = JSONScanner.printable(
            String(decoding: bytes[start..<end], as: UTF8.self)
        )
        isAtNewPlace = true
    }

    /// A key as an error may show it: at most 40 characters, none of them a control character, and `""` for a key
    /// without any. Of a run of digits as long as a payment code's the first two and the last four are left (rule G1).
    static func printable(_ key: String) -> String {
        if key.isEmpty { return "\"\"" }
        var masked: [Unicode.Scalar] = []
        var rest = key.unicodeScalars[...]
        while let first = rest.first {
            let run = rest.prefix { ("0"..."9").contains($0) }
            if run.count >= shortestCode {
                masked += Array(run.prefix(2)) + ["…"] + run.suffix(4)
            } else {
                masked += run.isEmpty ? [first] : Array(run)
            }
            rest = rest.dropFirst(max(1, run.count))
        }
        let shown = masked.prefix(40).map { scalar in
            scalar.properties.generalCategory == .control ? "?" : Character(scalar)
        }
        return String(shown) + (masked.count > 40 ? "…" : "")
    }

    /// Digits of the shortest code of any wallet.
    private static let shortestCode = 16
}
