import KioskClient
import Testing

@Suite("Replies of the local interface, read in any pieces")
struct HTTPReplyReaderTests {
    /// The body, fed `size` bytes at a time.
    private func body(_ text: String, size: Int) throws -> (body: String, reader: HTTPReplyReader) {
        var reader = HTTPReplyReader()
        var body: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            body += try reader.received(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return (String(decoding: body, as: UTF8.self), reader)
    }

    @Test("A body with a length, in chunks, and empty, in pieces of every size", arguments: 1...40)
    func pieces(size: Int) throws {
        let replies = [
            "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello",
        ]
        for text in replies {
            let (body, reader) = try body(text, size: size)
            #expect(body == "hello")
            #expect(reader.status == 201)
            #expect(reader.isComplete)
        }
        let (empty, reader) = try body("HTTP/1.1 204 \r\nContent-Length: 0\r\n\r\n", size: size)
        #expect(empty.isEmpty && reader.isComplete)
    }

    @Test("A body without a length ends with the connection; any other may not")
    func connectionEnd() throws {
        var (text, reader) = try body("HTTP/1.1 200 OK\r\n\r\nabc", size: 100)
        #expect(text == "abc" && !reader.isComplete)
        try reader.ended()
        #expect(reader.isComplete)
        (text, reader) = try body("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", size: 100)
        #expect(throws: LocalCallError.self) { try reader.ended() }
    }

    @Test(
        "What is no HTTP is an error, not a guess",
        arguments: [
            "220 smtp ready\r\n", "HTTP/1.1\r\n", "HTTP/1.1 two OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", "HTTP/1.1 200 OK\r\nbroken\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
            "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 101),
            String(repeating: "x", count: 20_000),
        ]
    )
    func malformed(text: String) {
        #expect(throws: LocalCallError.self) { try body(text, size: 1000) }
    }
}
