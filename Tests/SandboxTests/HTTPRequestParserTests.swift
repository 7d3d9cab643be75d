import Testing

@testable import Sandbox

@Suite("Requests on the wire")
struct HTTPRequestParserTests {
    private let good =
        "POST /pay/micropay HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"

    @Test("Two requests in a row, a byte at a time")
    func dripped() {
        var parser = HTTPRequestParser()
        var requests: [HTTPRequest] = []
        for byte in Array((good + good).utf8) {
            parser.append([byte])
            if case .request(let request) = parser.next() { requests.append(request) }
        }
        let expected = HTTPRequest(
            method: "POST",
            target: "/pay/micropay",
            body: Array("abc".utf8),
            closes: false
        )
        #expect(requests == [expected, expected])
        #expect(parser.count == 0)
    }

    @Test("Two requests at once")
    func pipelined() {
        var parser = HTTPRequestParser()
        parser.append(Array((good + "HEAD / HTTP/1.1\r\nhost:x\r\nConnection: Close\r\n\r\n").utf8))
        guard case .request = parser.next(), case .request(let second) = parser.next() else {
            Issue.record("not two requests")
            return
        }
        #expect(second == HTTPRequest(method: "HEAD", target: "/", body: [], closes: true))
    }

    @Test("A client that waits for 100 Continue is told once")
    func continues() {
        var parser = HTTPRequestParser()
        let head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        parser.append(Array(head.utf8))
        #expect(parser.next() == .needsContinue)
        #expect(parser.next() == .needsMore)
        parser.append(Array("ab".utf8))
        guard case .request = parser.next() else {
            Issue.record("no request")
            return
        }
    }

    @Test(
        "Anything out of form is refused",
        arguments: [
            ("GET /\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.0\r\nHost: x\r\n\r\n", 505),
            ("GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("GET / HTTP/1.1\nHost: x\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\n y: z\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\rA: b\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: \u{7}\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\n\r\n", 411),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", 413),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
            ("POST / HTTP/1.1\r\nHost: x\r\nExpect: 200\r\nContent-Length: 1\r\n\r\n", 417),
            (String(repeating: "A", count: 2049), 414),
            ("GET / HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 65) + "\r\n", 431),
            ("GET / HTTP/1.1\r\n" + String(repeating: "a", count: 8200), 431),
        ]
    )
    func refused(_ text: String, status: Int) {
        var parser = HTTPRequestParser()
        parser.append(Array(text.utf8))
        #expect(parser.next() == .refused(status))
    }
}
