/// A second reader of API v2's flat documents, by hand and apart from expat: what the product accepts must mean the
/// same to it. It need not refuse all that the product refuses.
struct PlainXML {
    typealias Field = (name: String, value: String)

    private var rest: Substring.UnicodeScalarView
    private var fields: [Field] = []

    /// The fields in the order of the text, also those without a value; `nil` if this is no such document.
    static func fields(of body: [UInt8]) -> [Field]? {
        guard var text = String(validating: body, as: UTF8.self) else { return nil }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        var reader = PlainXML(rest: text.unicodeScalars[...])
        return reader.readDocument() ? reader.fields : nil
    }

    private mutating func readDocument() -> Bool {
        if take("<?xml") {
            guard let end = upTo("?>"), !end.contains("<") else { return false }
        }
        takeSpace()
        guard take("<xml"), takeTagEnd() else {
            // The root may be empty too.
            return take("/>") && isAtEnd
        }
        while true {
            guard skipToTag() else { return false }
            if take("</xml") { return takeTagEnd() && isAtEnd }
            guard take("<"), let name = takeName() else { return false }
            takeSpace()
            if take("/>") {
                fields.append((name, ""))
                continue
            }
            guard take(">"), let value = takeValue(), take("</" + name), takeTagEnd() else {
                return false
            }
            fields.append((name, value))
        }
    }

    /// Skips what stands between elements; that it is white space is not checked here.
    private mutating func skipToTag() -> Bool {
        while true {
            takeSpace()
            if take("<![CDATA[") {
                guard upTo("]]>") != nil else { return false }
            } else if rest.first == "&" {
                guard upTo(";") != nil else { return false }
            } else {
                return rest.first == "<"
            }
        }
    }

    private var isAtEnd: Bool { rest.allSatisfy(Self.isSpace) }

    private mutating func takeTagEnd() -> Bool {
        takeSpace()
        return take(">")
    }

    private mutating func takeName() -> String? {
        let name = rest.prefix {
            $0.properties.isAlphabetic || "0123456789_-.".unicodeScalars.contains($0)
        }
        guard !name.isEmpty, name.allSatisfy(\.isASCII) else { return nil }
        rest = rest[name.endIndex...]
        return String(name)
    }

    private mutating func takeValue() -> String? {
        var value = ""
        while let scalar = rest.first {
            if take("<![CDATA[") {
                guard let text = upTo("]]>") else { return nil }
                value.unicodeScalars.append(contentsOf: Self.normalised(text))
            } else if scalar == "<" {
                return value
            } else if scalar == "&" {
                guard let reference = upTo(";"), let character = Self.character(reference) else {
                    return nil
                }
                value.unicodeScalars.append(character)
            } else {
                let text = rest.prefix { $0 != "<" && $0 != "&" }
                rest = rest[text.endIndex...]
                value.unicodeScalars.append(contentsOf: Self.normalised(text))
            }
        }
        return nil
    }

    /// Line ends as XML has them: one line feed each.
    private static func normalised(_ text: Substring.UnicodeScalarView) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        var wasReturn = false
        for scalar in text {
            if scalar == "\r" {
                scalars.append("\n")
            } else if scalar != "\n" || !wasReturn {
                scalars.append(scalar)
            }
            wasReturn = scalar == "\r"
        }
        return scalars
    }

    /// The character that `&…;` stands for.
    private static func character(_ reference: Substring.UnicodeScalarView) -> Unicode.Scalar? {
        let name = String(reference.dropFirst())
        let known: [String: Unicode.Scalar] = [
            "lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'",
        ]
        if let scalar = known[name] { return scalar }
        guard name.hasPrefix("#") else { return nil }
        let isHexadecimal = name.hasPrefix("#x")
        let digits = name.dropFirst(isHexadecimal ? 2 : 1)
        return UInt32(digits, radix: isHexadecimal ? 16 : 10).flatMap(Unicode.Scalar.init)
    }

    // MARK: The text

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
    }

    private mutating func takeSpace() { rest = rest.drop(while: Self.isSpace) }

    private mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest = rest.dropFirst(text.unicodeScalars.count)
        return true
    }

    /// What stands before `mark`, which is taken too.
    private mutating func upTo(_ mark: String) -> Substring.UnicodeScalarView? {
        var before = rest.startIndex
        while before < rest.endIndex {
            if rest[before...].starts(with: mark.unicodeScalars) {
                let text = rest[..<before]
                rest = rest[before...].dropFirst(mark.unicodeScalars.count)
                return text
            }
            before = rest.index(after: before)
        }
        return nil
    }
}
