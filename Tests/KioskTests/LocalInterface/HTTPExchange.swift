import StrictJSON

/// One answer, taken apart.
struct RawAnswer {
    let status: Int
    /// Names in small letters.
    let headers: [(name: String, value: String)]
    let body: String

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The last part of a problem's `type`; nil if the answer is no problem.
    var problem: String? {
        guard header("content-type") == "application/problem+json" else { return nil }
        let type = try? json().string("type", bytes: 0...200)
        return type.map { String($0.dropFirst("urn:kioskpay:problem:".count)) }
    }

    func json() throws -> JSONReader {
        try JSONReader.parse(Array(body.utf8), maximumBytes: 1 << 24)
    }
}

extension RawConnection {
    /// Sends a request in the usual form.
    func request(
        _ method: String,
        _ path: String,
        host: String = "localhost",
        headers: [String] = [],
        body: String? = nil,
    ) throws {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)"] + headers
        if let body {
            if !headers.contains(where: { $0.lowercased().hasPrefix("content-type:") }) {
                lines.append("Content-Type: application/json")
            }
            lines.append("Content-Length: \(body.utf8.count)")
        }
        try send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    }

    func head() throws -> RawAnswer {
        let lines = try read(until: "\r\n\r\n").split(separator: "\r\n")
        guard let first = lines.first?.split(separator: " "), first.count >= 2,
            let status = Int(first[1])
        else { throw Failure.notHTTP(lines.joined(separator: "\n")) }
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (
                name: parts[0].lowercased(),
                value: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "",
            )
        }
        return RawAnswer(status: status, headers: headers, body: "")
    }

    /// Reads one answer with a length.
    func answer() throws -> RawAnswer {
        let head = try head()
        let length = head.header("content-length").flatMap { Int($0) } ?? 0
        let body = String(decoding: try read(bytes: length), as: UTF8.self)
        return RawAnswer(status: head.status, headers: head.headers, body: body)
    }

    // MARK: - Event streams

    /// Opens an event stream and reads its head and opening.
    func openEvents(
        _ path: String = "/v1/events",
        host: String = "localhost",
        headers: [String] = [],
    ) throws -> String {
        try request("GET", path, host: host, headers: headers)
        let head = try head()
        guard head.status == 200, head.header("content-type") == "text/event-stream" else {
            throw Failure.notHTTP("\(head)")
        }
        return try piece()
    }

    /// The next piece of an event stream, without its empty line.
    ///
    /// The interface writes whole pieces, so chunk heads stand between them only and are taken out by their form.
    func piece() throws -> String {
        let raw = try read(until: "\n\n")
        // By bytes, because Swift counts CR and LF together as one character.
        let lines = raw.utf8.split(separator: UInt8(ascii: "\n")).filter {
            $0.last != UInt8(ascii: "\r")
        }
        return lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }

    /// The ids of the next `count` pieces that have one.
    func ids(_ count: Int) throws -> [Int64] {
        var ids: [Int64] = []
        while ids.count < count {
            let first = try piece().split(separator: "\n").first { $0.hasPrefix("id: ") }
            if let id = first.flatMap({ Int64($0.dropFirst(4)) }) { ids.append(id) }
        }
        return ids
    }
}

/// One call on a connection of its own.
func exchange(
    _ endpoint: Endpoint,
    _ method: String,
    _ path: String,
    host: String = "localhost",
    headers: [String] = [],
    body: String? = nil,
) throws -> RawAnswer {
    let connection = try RawConnection(endpoint)
    try connection.request(method, path, host: host, headers: headers, body: body)
    return try connection.answer()
}
