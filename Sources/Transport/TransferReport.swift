/// A complete HTTP reply. Its bytes are not authenticated beyond TLS: the dialect verifies them.
///
/// A reply that gives no length ends with the connection; libcurl cannot tell there whether that
/// was the end or a cut, which the dialect's parser and signature do.
package struct HTTPSReply: Sendable, Equatable {
    package var status: Int
    package var body: [UInt8]
    /// The `Date` header in seconds since 1970, when there was one that can be read.
    package var dateSeconds: Int64?
    /// The host that answered, as configured.
    package var host: String

    package init(
        status: Int,
        body: [UInt8],
        dateSeconds: Int64? = nil,
        host: String
    ) {
        self.status = status
        self.body = body
        self.dateSeconds = dateSeconds
        self.host = host
    }
}

extension HTTPSReply: CustomStringConvertible {
    /// Says nothing of the body, which may hold a payer's id (rule G1).
    package var description: String { "HTTP \(status) from \(host), \(body.count) bytes" }
}

/// What became of one request.
package struct TransferReport: Sendable {
    package enum Result: Sendable, Equatable {
        case reply(HTTPSReply)
        case failed(TransportFailure)
    }

    /// Rule B5: `false` only if libcurl's pre-request callback was never called, which proves that
    /// no byte of the request left.
    package var writingBegan: Bool
    /// Boot clock, taken when the TLS write with the first bytes of the request had returned
    /// (libcurl's debug callback with `CURLINFO_HEADER_OUT`); for measuring.
    package var firstWriteNanoseconds: Int64?
    /// Boot clock; the last moment at which a byte of the request can have left this machine
    /// (rule C2): when it was handed to the socket, or, without a complete reply and with bytes
    /// the peer had not acknowledged, when the connection was closed. Never too early.
    package var lastWriteNanoseconds: Int64?
    /// Whether a line of a reply arrived. Without one, ``TransportFailure/cut`` is the peer closing the connection after
    /// the request and before any answer.
    package var replyBegan: Bool
    package var result: Result
    /// libcurl's own words on a failure, for the log; holds no secret. Empty with a reply.
    package var detail: String

    package init(
        writingBegan: Bool,
        firstWriteNanoseconds: Int64? = nil,
        lastWriteNanoseconds: Int64? = nil,
        replyBegan: Bool = false,
        result: Result,
        detail: String = ""
    ) {
        self.writingBegan = writingBegan
        self.firstWriteNanoseconds = firstWriteNanoseconds
        self.lastWriteNanoseconds = lastWriteNanoseconds
        self.replyBegan = replyBegan
        self.result = result
        self.detail = detail
    }
}
