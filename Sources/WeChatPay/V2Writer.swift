/// Writes the flat document of API v2: root `xml`, one element per field (wire facts, 1.4).
enum V2Writer {
    /// Values of letters, digits and a few signs are written plain, all others as CDATA. Fields
    /// without a value are left out, as they are from the signature.
    static func document(_ fields: V2Fields) -> [UInt8] {
        var text = "<xml>"
        for (name, value) in fields.sorted {
            text += "<\(name)>\(escaped(value))</\(name)>"
        }
        return Array((text + "</xml>").utf8)
    }

    private static func escaped(_ value: String) -> String {
        if value.utf8.allSatisfy({ $0.isIdentifierByte || $0 == UInt8(ascii: ".") }) {
            return value
        }
        // A section cannot hold its own end mark, so the mark is split between two sections.
        var sections = "<![CDATA["
        var brackets = 0
        for scalar in value.unicodeScalars {
            if scalar == ">", brackets >= 2 { sections += "]]><![CDATA[" }
            brackets = scalar == "]" ? brackets + 1 : 0
            sections.unicodeScalars.append(scalar)
        }
        return sections + "]]>"
    }
}
