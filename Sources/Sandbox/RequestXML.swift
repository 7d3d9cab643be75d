internal import CExpat

/// Reads a request body: one root `xml`, one flat level of children, nothing else (wire facts, 1.4).
enum RequestXML {
    /// Why a body is no request; the words go into violations.
    enum Malformation: String, Error, Hashable, Sendable {
        case notWellFormed = "not-well-formed"
        case doctype
        case attributes
        case wrongRoot = "wrong-root"
        case tooDeep = "too-deep"
        case textBesideElements = "text-beside-elements"
        case duplicate = "duplicate-element"
        case tooManyElements = "too-many-elements"
    }

    static let maxElements = 64

    /// The fields in the order they were sent.
    static func fields(
        of body: [UInt8]
    ) throws(Malformation) -> [(name: String, value: String)] {
        let reader = Reader()
        // The encoding is fixed, so that a declaration cannot choose another; the parser is freed below, on one path.
        guard let parser = unsafe XML_ParserCreate("UTF-8") else { throw .notWellFormed }
        let context = unsafe Unmanaged.passUnretained(reader)
        // `reader` outlives the parser (used after XML_ParserFree), and the handlers run only inside XML_Parse.
        unsafe XML_SetUserData(parser, unsafe context.toOpaque())
        unsafe XML_SetElementHandler(
            parser,
            { unsafe RequestXML.started($0, $1, $2) },
            { data, _ in
                unsafe RequestXML.reader(data)?.elementEnded()
            }
        )
        unsafe XML_SetCharacterDataHandler(parser) { data, text, count in
            guard let text = unsafe text else { return }
            let bytes = unsafe UnsafeBufferPointer(start: text, count: Int(count))
            unsafe RequestXML.reader(data)?.text(unsafe bytes.map { UInt8(bitPattern: $0) })
        }
        unsafe XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
            unsafe RequestXML.reader(data)?.fail(.doctype)
        }
        // XML_TRUE is a cast, which the importer skips: the body is all there is.
        let isFinal: Int32 = 1
        let status = unsafe body.withUnsafeBytes { bytes in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            return unsafe XML_Parse(parser, start, Int32(bytes.count), isFinal)
        }
        unsafe XML_ParserFree(parser)
        if let failure = reader.failure { throw failure }
        guard status == XML_STATUS_OK else { throw .notWellFormed }
        return reader.fields
    }

    private static func reader(_ data: UnsafeMutableRawPointer?) -> Reader? {
        // The pointer is the one set above, and its object is alive while XML_Parse runs.
        unsafe data.map { unsafe Unmanaged<Reader>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func started(
        _ data: UnsafeMutableRawPointer?,
        _ name: UnsafePointer<XML_Char>?,
        _ attributes: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?,
    ) {
        // Expat passes a terminated name and a list of attributes ended by a null pointer.
        guard let name = unsafe name, let reader = unsafe reader(data) else { return }
        if unsafe attributes?.pointee != nil { reader.fail(.attributes) }
        reader.elementStarted(unsafe String(cString: name))
    }

    /// Collects one document; it never leaves the call that parses it.
    private final class Reader {
        private(set) var fields: [(name: String, value: String)] = []
        private(set) var failure: Malformation?
        private var names: Set<String> = []
        private var depth = 0
        private var value: [UInt8] = []

        func fail(_ failure: Malformation) {
            if self.failure == nil { self.failure = failure }
        }

        func elementStarted(_ name: String) {
            depth += 1
            switch depth {
            case 1: if name != "xml" { fail(.wrongRoot) }
            case 2:
                value = []
                if !names.insert(name).inserted { fail(.duplicate) }
                if fields.count == RequestXML.maxElements {
                    fail(.tooManyElements)
                } else {
                    fields.append((name, ""))
                }
            default: fail(.tooDeep)
            }
        }

        func text(_ bytes: [UInt8]) {
            if depth == 2 {
                value += bytes
            } else if !bytes.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) {
                fail(.textBesideElements)
            }
        }

        func elementEnded() {
            if depth == 2, !fields.isEmpty {
                fields[fields.count - 1].value = String(decoding: value, as: UTF8.self)
            }
            depth -= 1
        }
    }
}
