import CExpat

/// Reads a document of API v2 strictly, on expat (wire facts, 1.4).
///
/// What it accepts is one flat level of uniquely named elements under `xml`, in UTF-8. No DOCTYPE,
/// hence no entity but the five predefined ones and nothing to expand; no attribute, comment or
/// processing instruction, which no signature covers and which let two readers see two different
/// texts. Unknown elements are kept: they are signed.
enum V2Reader {
    /// Bytes of the largest body that is looked at. Real replies have one or two thousand.
    static let maximumSize = 65_536

    static func fields(of body: [UInt8]) throws(V2DocumentFault) -> V2Fields {
        guard !body.isEmpty else { throw .empty }
        guard body.count <= maximumSize else { throw .tooLarge }
        // expat turns to UTF-16 by itself, even if told otherwise, by a byte order mark or by the
        // zero byte beside the first `<`. No document in UTF-16 is without a zero byte, and none in
        // UTF-8 has one. A declared encoding is overruled by the name given here, and refused.
        guard !body.contains(0) else { throw .notXML }
        guard let parser = unsafe XML_ParserCreate("UTF-8") else { throw .notXML }
        // Created above, freed once, used by nobody else.
        defer { unsafe XML_ParserFree(parser) }
        let target = unsafe Target(parser: parser)
        let isWellFormed = unsafe parse(body, into: target, with: parser)
        if let fault = target.collector.fault { throw fault }
        guard isWellFormed else { throw .notXML }
        return target.collector.fields
    }

    private static func parse(_ body: [UInt8], into target: Target, with parser: XML_Parser) -> Bool
    {
        // The handlers get `target` unretained; `withExtendedLifetime` keeps it alive while they
        // can be called.
        withExtendedLifetime(target) {
            unsafe XML_SetUserData(parser, Unmanaged.passUnretained(target).toOpaque())
            unsafe XML_SetXmlDeclHandler(parser) { data, _, encoding, _ in
                let encoding = unsafe encoding.map { unsafe String(cString: $0) }
                unsafe Target.at(data)?.update { $0.declared(encoding: encoding) }
            }
            unsafe XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
                unsafe Target.at(data)?.update { $0.fail(.doctype) }
            }
            unsafe XML_SetCommentHandler(parser) { data, _ in
                unsafe Target.at(data)?.update { $0.fail(.markup) }
            }
            unsafe XML_SetProcessingInstructionHandler(parser) { data, _, _ in
                unsafe Target.at(data)?.update { $0.fail(.markup) }
            }
            unsafe XML_SetElementHandler(
                parser,
                { data, name, attributes in
                    guard let name = unsafe name else { return }
                    // expat ends the name with NUL and the list of attributes with a null pointer.
                    let element = unsafe String(cString: name)
                    let hasAttributes = unsafe attributes?.pointee != nil
                    unsafe Target.at(data)?.update {
                        $0.opened(element, hasAttributes: hasAttributes)
                    }
                },
                { data, _ in unsafe Target.at(data)?.update { $0.closed() } }
            )
            unsafe XML_SetCharacterDataHandler(parser) { data, text, length in
                // `length` bytes from `text` on are valid during the call; they are copied before
                // it ends.
                let bytes = unsafe UnsafeRawBufferPointer(start: text, count: Int(length))
                unsafe Target.at(data)?.update { unsafe $0.text(bytes) }
            }
            // `body` is alive during the call and at most `maximumSize` long, which an Int32 holds.
            return unsafe body.withUnsafeBytes { bytes in
                unsafe XML_Parse(
                    parser,
                    bytes.assumingMemoryBound(to: CChar.self).baseAddress,
                    Int32(bytes.count),
                    1
                ) == XML_STATUS_OK
            }
        }
    }
}

/// What expat's handlers find behind their user data: the collector, and the parser to stop.
// Safe, because `parser` is only handed back to expat, from within its own handlers, when it is
// alive.
@safe private final class Target {
    private(set) var collector = V2Collector()
    private let parser: XML_Parser

    init(parser: XML_Parser) { unsafe self.parser = parser }

    /// The target that ``V2Reader`` set as user data.
    static func at(_ data: UnsafeMutableRawPointer?) -> Target? {
        unsafe data.map { unsafe Unmanaged<Target>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Lets the collector see one report, and stops the parser at the first fault.
    func update(_ change: (inout V2Collector) -> Void) {
        let wasFaulty = collector.fault != nil
        change(&collector)
        guard collector.fault != nil, !wasFaulty else { return }
        _ = unsafe XML_StopParser(parser, kioskpay_xml_not_resumable)
    }
}
