/// How the local interface itself is doing, for `GET /v1/status`.
struct InterfaceStatus: Hashable, Sendable {
    let socketPath: String
    /// `nil` without TCP, or while it cannot be had.
    let port: Int?
    /// Why not, in one sentence.
    let trouble: String?
    /// Who follows the events now: without any, no application hears of a paid sale.
    let eventReaders: Int
}
