/// One POST to the platform.
package struct HTTPSRequest: Sendable, Equatable {
    /// What may happen to a request whose reply does not come.
    package enum Kind: Sendable {
        /// May take money: transmitted at most once (rule B5), closed abortively (rule C2).
        case submit
        /// Harmless twice: libcurl may repeat it on a new connection, and it may move to the other host.
        case repeatable
    }

    /// The path, from `/` on: visible ASCII without `#`, at most 1024 bytes.
    package var path: String
    /// The body, sent as `text/xml; charset=utf-8`.
    package var body: [UInt8]
    /// Whether the connection shows the client certificate.
    package var usesClientCertificate: Bool
    package var kind: Kind

    package init(path: String, body: [UInt8], usesClientCertificate: Bool, kind: Kind) {
        self.path = path
        self.body = body
        self.usesClientCertificate = usesClientCertificate
        self.kind = kind
    }

    /// Whether the path can stand in a request line.
    var isWellFormed: Bool {
        path.utf8.first == UInt8(ascii: "/") && path.utf8.count <= 1024
            && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    }
}

extension HTTPSRequest: CustomStringConvertible {
    /// Says nothing of the body, which may hold a payment code (rule G1).
    package var description: String { "POST \(path), \(body.count) bytes, \(kind)" }
}

/// Names one request of one ``HTTPSClient``; never used twice.
package struct TransferID: Hashable, Sendable {
    let number: UInt64
}
