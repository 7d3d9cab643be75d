/// One stored column.
package enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)

    init(_ text: String?) { self = text.map(Value.text) ?? .null }
    init(_ integer: Int64?) { self = integer.map(Value.integer) ?? .null }
    init(_ flag: Bool) { self = .integer(flag ? 1 : 0) }
}
