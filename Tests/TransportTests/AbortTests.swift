import Glibc
import Testing
import Transport

/// Rule C2: a submit without a complete reply is closed abortively, so that none of its bytes can
/// arrive later.
@Suite("Abortive close of a submit (C2)")
struct AbortTests {
    /// Takes the request, answers with `reply`, then writes down how the client ends.
    private static func silentServer(after reply: String = "") -> TLSServer {
        TLSServer { connection in
            connection.serve { _ in
                connection.write(reply)
                connection.awaitEnd()
                return nil
            }
        }
    }

    private static func submit(
        _ client: TestClient, _ body: [UInt8] = [1], kind: HTTPSRequest.Kind = .submit,
        reports: Log<TransferReport>
    ) -> TransferID {
        client.client.send(
            HTTPSRequest(
                path: "/pay/micropay", body: body, usesClientCertificate: false, kind: kind),
            completion: { reports.add($0) })
    }

    @Test("An abandoned submit is reset, and reported once", arguments: ["", "HTTP/1.1 200 OK\r\n"])
    func abandoned(reply: String) async throws {
        let server = Self.silentServer(after: reply)
        let client = try TestClient(server.url)
        let reports = Log<TransferReport>()
        let id = Self.submit(client, reports: reports)
        try await server.requests.wait { $0.contains { $0.method == "POST" } }
        client.client.abandon(id)
        client.client.abandon(id)

        let report = try await reports.first()
        #expect(report.failure == .aborted)
        #expect(report.writingBegan)
        #expect(try await server.ends.first() == ECONNRESET)
        // Whatever is asked later, no second report comes.
        _ = await client.post("", path: "not a path")
        #expect(reports.entries.count == 1)
    }

    @Test("A submit whose time is over is reset")
    func timedOut() async throws {
        let server = Self.silentServer(after: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        let client = try TestClient(server.url) { $0.requestTimeout = .milliseconds(200) }
        #expect(await client.post().failure == .timedOut)
        #expect(try await server.ends.first() == ECONNRESET)
    }

    @Test("A submit is reset when the reply is too large, and when the program stops")
    func oversizedAndStopped() async throws {
        let server = Self.silentServer(after: HTTP.ok(String(repeating: "x", count: 2000)))
        let client = try TestClient(server.url) { $0.maximumReplyBytes = 1000 }
        #expect(await client.post().failure == .oversized)
        #expect(try await server.ends.first() == ECONNRESET)

        let quiet = Self.silentServer()
        let other = try TestClient(quiet.url)
        let reports = Log<TransferReport>()
        _ = Self.submit(other, reports: reports)
        try await quiet.requests.wait { $0.contains { $0.method == "POST" } }
        other.client.shutdown()
        #expect(try await reports.first().failure == .stopped)
        #expect(try await quiet.ends.first() == ECONNRESET)
    }

    @Test("After a complete reply the connection is an ordinary one again")
    func complete() async throws {
        let server = TLSServer { connection in
            guard connection.handshake() else { return }
            while let seen = connection.request() {
                connection.write(seen.method == "HEAD" ? HTTP.head : HTTP.ok("fine"))
                if seen.body == [2] { return connection.awaitEnd() }
            }
        }
        let client = try TestClient(server.url)
        try await client.warmedUp()
        let reports = Log<TransferReport>()
        _ = Self.submit(client, [1], reports: reports)
        _ = try await reports.first()
        _ = Self.submit(client, [2], reports: reports)
        try await reports.wait { $0.count == 2 }
        client.client.shutdown()
        #expect(server.connections.entries == [1])
        // An orderly end, not a reset.
        #expect(try await server.ends.first() == 0)
    }

    @Test("The link is cut, the submit abandoned, the link comes back: no byte arrives")
    func linkCut() async throws {
        let live = Log<ServerConnection>()
        let late = Log<Int>()
        let server = TLSServer { connection in
            guard connection.handshake(), connection.request() != nil else { return }
            connection.write(HTTP.head)
            live.add(connection)
            late.add(connection.countBytes(forMilliseconds: 1500))
        }
        let client = try TestClient(server.url)
        try await client.warmedUp()
        let connection = try await live.first()
        connection.cut(true)
        let reports = Log<TransferReport>()
        let began = Log<Int64>()
        let id = client.client.send(
            HTTPSRequest(
                path: "/pay/micropay", body: [1], usesClientCertificate: false, kind: .submit),
            onWritingBegan: { began.add($0) }, completion: { reports.add($0) })
        _ = try await began.first()
        client.client.abandon(id)
        let report = try await reports.first()
        connection.cut(false)

        #expect(report.failure == .aborted)
        #expect(report.writingBegan)
        // The kernel could send, and send again, until the connection was closed.
        let last = try #require(report.lastWriteNanoseconds)
        let first = try #require(report.firstWriteNanoseconds)
        #expect(last > first)
        // TCP repeats lost segments after 0.2 s, 0.4 s, 0.8 s; it has nothing to repeat.
        #expect(try await late.first() == 0)
    }

    @Test("A relay that holds bytes gets a reset, and the server never the whole submit")
    func relay() async throws {
        let server = TLSServer { connection in
            connection.serve { _ in HTTP.ok("too late") }
        }
        let relay = Relay(to: server.port)
        let client = try TestClient("https://127.0.0.1:\(relay.port)")
        try await client.warmedUp()
        relay.hold(true)
        let reports = Log<TransferReport>()
        let began = Log<Int64>()
        // More than all buffers on the way take.
        let id = client.client.send(
            HTTPSRequest(
                path: "/pay/micropay", body: [UInt8](repeating: 1, count: 16 << 20),
                usesClientCertificate: false, kind: .submit),
            onWritingBegan: { began.add($0) }, completion: { reports.add($0) })
        _ = try await began.first()
        client.client.abandon(id)
        let report = try await reports.first()
        relay.hold(false)

        #expect(report.failure == .aborted)
        #expect(report.lastWriteNanoseconds != nil)
        #expect(try await relay.ends.first() == ECONNRESET)
        #expect(server.requests.entries.allSatisfy { $0.method == "HEAD" })
    }
}
