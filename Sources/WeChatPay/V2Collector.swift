/// Builds the fields from what the XML parser reports, and decides what a document of API v2 may
/// hold.
///
/// It knows nothing of the parser. After the first fault it changes nothing any more: expat may
/// still report the end of an element after it was told to stop.
struct V2Collector {
    /// Bounds of one document. The longest field of a reply, `promotion_detail`, has 6000
    /// characters; a coupon takes three fields (wire facts, 1.8 and 1.9).
    static let maximumFields = 512
    static let maximumNameLength = 64
    static let maximumValueLength = 24_576

    private(set) var fields = V2Fields()
    private(set) var fault: V2DocumentFault?
    private var depth = 0
    private var name = ""
    private var value: [UInt8] = []

    mutating func fail(_ reason: V2DocumentFault) {
        if fault == nil { fault = reason }
    }

    mutating func declared(encoding: String?) {
        if let encoding, encoding.lowercased() != "utf-8" { fail(.encoding) }
    }

    /// Attributes are refused, not skipped: no signature covers them, and the platform sends none.
    /// This refuses namespaces as well, which are declared by attributes.
    mutating func opened(_ element: String, hasAttributes: Bool) {
        guard fault == nil else { return }
        depth += 1
        if hasAttributes {
            fail(.attribute)
        } else if depth == 1 {
            if element != "xml" { fail(.root) }
        } else if depth > 2 {
            fail(.depth)
        } else if element.utf8.count > Self.maximumNameLength
            || !element.utf8.allSatisfy({ $0.isIdentifierByte || $0 == UInt8(ascii: ".") })
        {
            // A name outside ASCII has no defined place in the order of signing; a colon means a
            // namespace.
            fail(.name)
        } else {
            name = element
            value.removeAll(keepingCapacity: true)
        }
    }

    mutating func text(_ bytes: some Collection<UInt8>) {
        guard fault == nil else { return }
        if depth != 2 {
            if !bytes.allSatisfy(\.isXMLWhitespace) { fail(.stray) }
        } else if value.count + bytes.count > Self.maximumValueLength {
            fail(.fieldTooLong)
        } else {
            value.append(contentsOf: bytes)
        }
    }

    mutating func closed() {
        guard fault == nil else { return }
        depth -= 1
        guard depth == 1 else { return }
        guard let text = String(validating: value, as: UTF8.self) else { return fail(.notXML) }
        guard fields.count < Self.maximumFields else { return fail(.tooManyFields) }
        if !fields.insert(text, named: name) { fail(.duplicate) }
    }
}
