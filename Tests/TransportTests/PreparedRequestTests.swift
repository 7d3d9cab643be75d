import Testing
import Transport

@Suite("A request made ready before it may be sent")
struct PreparedRequestTests {
    private static func request(_ body: String) -> HTTPSRequest {
        HTTPSRequest(
            path: "/pay/micropay",
            body: Array(body.utf8),
            usesClientCertificate: false,
            kind: .submit
        )
    }

    private static func echo() -> TLSServer {
        TLSServer { $0.serve { HTTP.ok(String(decoding: $0.body, as: UTF8.self)) } }
    }

    /// The bodies of the submits that came.
    private static func submits(_ server: TLSServer) -> [String] {
        server.requests.entries.filter { $0.method == "POST" }
            .map { String(decoding: $0.body, as: UTF8.self) }
    }

    @Test("Nothing of it leaves until it is sent, and then it goes once, with its own callbacks")
    func sentOnce() async throws {
        let server = Self.echo()
        let client = try TestClient(server.url)
        try await client.warmedUp()
        client.client.prepare { Self.request("<one/>") }
        // A request sent after it is answered; had the other left, it would have come before.
        #expect(await client.post("<query/>", kind: .repeatable).bodyText == "<query/>")
        #expect(Self.submits(server) == ["<query/>"])
        for _ in 0..<2 {
            let report = await client.post("<one/>")
            #expect(report.bodyText == "<one/>")
            #expect(report.writingBegan)
            #expect(report.firstWriteNanoseconds != nil)
        }
        #expect(Self.submits(server) == ["<query/>", "<one/>", "<one/>"])
    }

    @Test("A submit of other content goes out with its own; the newest prepared one counts")
    func otherContent() async throws {
        let server = Self.echo()
        let client = try TestClient(server.url)
        client.client.prepare { Self.request("<one/>") }
        #expect(await client.post("<two/>").bodyText == "<two/>")
        client.client.prepare { Self.request("<one/>") }
        client.client.prepare { Self.request("<three/>") }
        #expect(await client.post("<three/>").bodyText == "<three/>")
        client.client.prepare { Self.request("<four/>") }
        client.client.forgetPrepared()
        #expect(await client.post("<four/>").bodyText == "<four/>")
        #expect(Self.submits(server) == ["<two/>", "<three/>", "<four/>"])
    }

    @Test("It has the whole request time from when it is sent")
    func deadline() async throws {
        let server = Self.echo()
        let client = try TestClient(server.url) { $0.requestTimeout = .milliseconds(800) }
        try await client.warmedUp()
        client.client.prepare { Self.request("<one/>") }
        try await Task.sleep(for: .milliseconds(1_000))
        #expect(await client.post("<one/>").bodyText == "<one/>")
    }

    @Test("It moves to the other host when its own cannot be reached, and goes once")
    func otherHost() async throws {
        let primary = TLSServer { connection in
            guard connection.handshake(), connection.request() != nil else { return }
            connection.server.stopListening()
            connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        }
        let standby = Self.echo()
        let client = try TestClient(primary.url, standby.url) {
            $0.openingPace.burst = 1
            $0.openingPace.refill = .seconds(3600)
        }
        try await client.warmedUp()
        client.client.prepare { Self.request("<one/>") }
        let report = await client.post("<one/>")
        #expect(report.reply?.host == standby.url)
        #expect(report.bodyText == "<one/>")
        #expect(Self.submits(standby) == ["<one/>"])
        #expect(Self.submits(primary).isEmpty)
    }

    @Test("One that is never sent ends with the client")
    func neverSent() throws {
        let server = Self.echo()
        do {
            let client = try TestClient(server.url)
            client.client.prepare { Self.request("<one/>") }
        }
        #expect(Self.submits(server).isEmpty)
    }
}
