/// One call to the platform, complete but for host and connection.
///
/// Prints without its body, which holds the payment code (rule G1).
package struct PlatformRequest: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// Begins with `/`; sent by POST.
    package let path: String
    package let body: [UInt8]
    /// Whether the platform answers only over a connection with the merchant's client certificate.
    package let needsClientCertificate: Bool

    package init(path: String, body: [UInt8], needsClientCertificate: Bool) {
        self.path = path
        self.body = body
        self.needsClientCertificate = needsClientCertificate
    }

    package var description: String { "POST \(path), \(body.count) bytes" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What came back, whole: a reply cut short is the transport's failure and never gets here.
///
/// Prints without its body, which names the payer (rule G1).
package struct PlatformReply: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// The HTTP status.
    package let status: Int
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    package var description: String { "HTTP \(status), \(body.count) bytes" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
