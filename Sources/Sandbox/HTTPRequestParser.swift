/// Reads HTTP/1.1 requests off a connection, strictly and within bounds (RFC 9112).
///
/// Bytes go in with ``append(_:)``; ``next()`` says what they make. After a refusal the connection cannot be used further.
struct HTTPRequestParser: Sendable {
    enum Outcome: Hashable, Sendable {
        case needsMore
        /// The head is whole and the client waits for `100 Continue`. Said once per request.
        case needsContinue
        case request(HTTPRequest)
        /// Refused with this status.
        case refused(Int)
    }

    static let maxRequestLine = 2048
    static let maxHead = 8192
    static let maxHeaders = 64
    static let maxBody = 65_536

    private struct Head {
        let method: String
        let target: String
        let length: Int
        let closes: Bool
        let bodyStart: Int
    }

    private var buffer: [UInt8] = []
    private var head: Head?
    private var hasAskedForBody = false

    /// How many bytes of the current request are here.
    var count: Int { buffer.count }

    /// Whether what is here can be the beginning of a submit.
    var mayBeSubmit: Bool {
        let start = Array("POST \(SandboxOperation.submit.path) ".utf8)
        return !buffer.isEmpty
            && buffer.prefix(start.count).elementsEqual(start.prefix(buffer.count))
    }

    mutating func append(_ bytes: [UInt8]) { buffer += bytes }

    mutating func next() -> Outcome {
        if head == nil {
            switch readHead() {
            case .success(let read): head = read
            case .failure(let refusal): return refusal.status.map { .refused($0) } ?? .needsMore
            }
        }
        guard let head else { return .needsMore }
        let end = head.bodyStart + head.length
        guard buffer.count >= end else {
            guard asksForContinue, !hasAskedForBody else { return .needsMore }
            hasAskedForBody = true
            return .needsContinue
        }
        let request = HTTPRequest(
            method: head.method,
            target: head.target,
            body: Array(buffer[head.bodyStart..<end]),
            closes: head.closes
        )
        buffer.removeFirst(end)
        self.head = nil
        asksForContinue = false
        hasAskedForBody = false
        return .request(request)
    }

    private var asksForContinue = false

    /// No status: more bytes are needed.
    private struct Refusal: Error {
        let status: Int?
    }

    private mutating func readHead() -> Result<Head, Refusal> {
        guard let end = Self.endOfHead(buffer) else {
            if buffer.firstIndex(of: 0x0A) == nil, buffer.count > Self.maxRequestLine {
                return .failure(Refusal(status: 414))
            }
            return .failure(Refusal(status: buffer.count > Self.maxHead ? 431 : nil))
        }
        guard end <= Self.maxHead else { return .failure(Refusal(status: 431)) }
        // Printable ASCII and line ends only: no bare line feed, no control byte, no folding trick survives this.
        let bytes = buffer[..<end]
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) || [0x09, 0x0A, 0x0D].contains($0) })
        else {
            return .failure(Refusal(status: 400))
        }
        var lines: [[UInt8]] = []
        for line in bytes.dropLast(4).split(separator: 0x0A, omittingEmptySubsequences: false) {
            lines.append(Array(line))
        }
        for index in lines.indices.dropLast() {
            guard lines[index].popLast() == 0x0D else { return .failure(Refusal(status: 400)) }
        }
        guard !lines.contains(where: { $0.contains(0x0D) }) else {
            return .failure(Refusal(status: 400))
        }
        return head(of: lines.map { String(decoding: $0, as: UTF8.self) }, bodyStart: end)
    }

    private mutating func head(of lines: [String], bodyStart: Int) -> Result<Head, Refusal> {
        func refused(_ status: Int) -> Result<Head, Refusal> { .failure(Refusal(status: status)) }
        let parts = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, Self.isToken(parts[0]), parts[1].hasPrefix("/") else {
            return refused(400)
        }
        guard parts[2] == "HTTP/1.1" else { return refused(505) }
        guard lines.count - 1 <= Self.maxHeaders else { return refused(431) }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), Self.isToken(line[..<colon]) else {
                return refused(400)
            }
            let name = line[..<colon].lowercased()
            let value = String(line[line.index(after: colon)...]).trimmingBlanks
            let isSingle = ["host", "content-length", "transfer-encoding", "expect"].contains(name)
            if headers[name] != nil, isSingle { return refused(400) }
            headers[name] = value
        }
        guard headers["host"]?.isEmpty == false else { return refused(400) }
        if headers["transfer-encoding"] != nil { return refused(501) }
        if let expected = headers["expect"], expected.lowercased() != "100-continue" {
            return refused(417)
        }
        let isPost = parts[0] == "POST"
        guard let lengthText = headers["content-length"] ?? (isPost ? nil : "0") else {
            return refused(411)
        }
        guard !lengthText.isEmpty, lengthText.utf8.count <= 9,
            lengthText.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(lengthText)
        else { return refused(400) }
        guard length <= Self.maxBody else { return refused(413) }
        asksForContinue = headers["expect"] != nil
        let options = (headers["connection"] ?? "").lowercased().split(separator: ",")
        return .success(
            Head(
                method: String(parts[0]),
                target: String(parts[1]),
                length: length,
                closes: options.contains { String($0).trimmingBlanks == "close" },
                bodyStart: bodyStart
            )
        )
    }

    /// The index after the empty line; only CRLF ends a line.
    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 0x0A, bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A,
                bytes[index - 3] == 0x0D
            {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    private static func isToken(_ text: Substring) -> Bool {
        let marks = Array("!#$%&'*+-.^_`|~".utf8)
        return !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || marks.contains(byte)
            }
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmingBlanks: String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = drop(while: blank)
        let reversed = start.reversed().drop(while: blank)
        return String(reversed.reversed())
    }
}
