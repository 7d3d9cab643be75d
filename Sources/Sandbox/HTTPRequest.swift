/// One request, read whole.
struct HTTPRequest: Hashable, Sendable {
    let method: String
    /// The request target as it was sent.
    let target: String
    let body: [UInt8]
    /// Whether the client asked for the connection to be closed.
    let closes: Bool
}
