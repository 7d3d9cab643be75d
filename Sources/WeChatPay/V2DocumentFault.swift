/// Why bytes are no document of API v2. The words are stable: they end in ``UnknownCause`` and in
/// the log.
enum V2DocumentFault: String, Error, Hashable, CaseIterable {
    case empty
    case tooLarge = "too-large"
    case tooManyFields = "too-many-fields"
    case fieldTooLong = "field-too-long"
    /// Not well-formed XML in UTF-8: cut short, invalid bytes, NUL, an unknown entity, anything
    /// after the root.
    case notXML = "not-xml"
    case encoding
    case doctype
    /// A comment or a processing instruction.
    case markup
    case attribute
    case root
    case depth
    case name
    case duplicate
    /// Text between the elements.
    case stray
}
