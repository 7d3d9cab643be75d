/// A reply as a client sees it, read without the stand-in's code and without an XML library.
struct Answer: Sendable {
    let status: Int
    let head: String
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The elements under the root, in CDATA or plain; a name that comes twice has both values joined.
    var fields: [String: String] {
        var found: [String: String] = [:]
        var rest = text[...]
        while let open = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: open)...]
            guard let close = rest.firstIndex(of: ">") else { break }
            let name = String(rest[..<close])
            rest = rest[rest.index(after: close)...]
            guard name != "xml", let end = rest.firstRange(of: "</\(name)>") else { continue }
            found[name, default: ""] += Self.plain(String(rest[..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return found
    }

    subscript(_ name: String) -> String? { fields[name] }

    private static func plain(_ value: String) -> String {
        value.split(separator: "]]>", omittingEmptySubsequences: false).map { part in
            part.firstRange(of: "<![CDATA[").map { String(part[$0.upperBound...]) } ?? String(part)
        }.joined()
    }
}
