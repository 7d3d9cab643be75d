/// One HTTP reply and what the wire does to it.
struct Reply: Hashable, Sendable {
    enum Delivery: Hashable, Sendable {
        case whole
        case silence
        case reset
        /// TLS close without a byte of a reply.
        case dropped
        case cut(afterBytes: Int)
    }

    var status = 200
    var contentType = "text/plain"
    var body: [UInt8] = []
    var delivery = Delivery.whole
    /// Whether the connection is closed afterwards.
    var closes = false
    /// Extra header lines, each ended by CRLF.
    var extraHeaders = ""

    /// A page as the platform's front servers send it.
    static func page(_ status: Int, _ title: String, closes: Bool = false) -> Self {
        let text =
            "<html>\r\n<head><title>\(title)</title></head>\r\n<body>\r\n"
            + "<center><h1>\(title)</h1></center>\r\n</body>\r\n</html>\r\n"
        return Self(
            status: status,
            contentType: "text/html",
            body: Array(text.utf8),
            closes: closes
        )
    }

    static func status(_ status: Int, closes: Bool = false) -> Self {
        page(status, "\(status) \(reason(of: status))", closes: closes)
    }

    /// The bytes on the wire. A reply to HEAD keeps its length and leaves the body out.
    func encoded(date: String, isHead: Bool) -> [UInt8] {
        let head =
            "HTTP/1.1 \(status) \(Self.reason(of: status))\r\n"
            + "Server: nginx\r\nDate: \(date)\r\nContent-Type: \(contentType)\r\n"
            + "Content-Length: \(body.count)\r\nConnection: \(closes ? "close" : "keep-alive")\r\n"
            + extraHeaders + "\r\n"
        return Array(head.utf8) + (isHead ? [] : body)
    }

    static func reason(of status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
