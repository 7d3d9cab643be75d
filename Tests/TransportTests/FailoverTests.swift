import Testing
import Transport

@Suite("The standby host")
struct FailoverTests {
    private static func healthy(_ name: String) -> TLSServer {
        TLSServer { $0.serve { _ in HTTP.ok(name) } }
    }

    @Test("A submit moves on when the primary cannot be reached, and the next one starts there")
    func refusedPrimary() async throws {
        let standby = Self.healthy("standby")
        let client = try TestClient("https://127.0.0.1:\(TestSocket.closedPort())", standby.url)
        let report = await client.post()
        #expect(report.bodyText == "standby")
        #expect(report.reply?.host == standby.url)
        #expect(report.writingBegan)
        // The network as a whole is reachable.
        #expect(try await client.changes.first().isReachable)
        #expect(await client.post().bodyText == "standby")
    }

    @Test("A submit moves on when the primary shows a wrong certificate, and began once")
    func untrustedPrimary() async throws {
        let primary = TLSServer(TestAuthority.stranger.issue()) { $0.serve { _ in HTTP.ok("no") } }
        let standby = Self.healthy("standby")
        let client = try TestClient(primary.url, standby.url)
        let began = Log<Int64>()
        let report = await withCheckedContinuation { continuation in
            client.client.send(
                HTTPSRequest(
                    path: "/pay/micropay",
                    body: [1],
                    usesClientCertificate: false,
                    kind: .submit
                ),
                onWritingBegan: { began.add($0) },
                completion: { continuation.resume(returning: $0) }
            )
        }
        #expect(report.bodyText == "standby")
        #expect(began.entries.count == 1)
        #expect(primary.requests.entries.isEmpty)
    }

    @Test("Each host has its own time for connecting")
    func stalledPrimary() async throws {
        let primary = TLSServer { $0.awaitEnd() }
        let standby = Self.healthy("standby")
        let client = try TestClient(primary.url, standby.url) {
            $0.connectTimeout = .milliseconds(300)
        }
        #expect(await client.post().bodyText == "standby")
    }

    @Test("Once writing began a submit is never sent to the other host")
    func neverTwice() async throws {
        let primary = TLSServer { connection in
            connection.serve { _ in
                connection.server.stopListening()
                connection.closeWithoutAlert()
                return nil
            }
        }
        let standby = Self.healthy("standby")
        let client = try TestClient(primary.url, standby.url)
        try await client.warmedUp()
        let report = await client.post()
        #expect(report.failure == .repeated)
        #expect(report.writingBegan)
        #expect(await client.post("query", kind: .repeatable).bodyText == "standby")
        let submits = (primary.requests.entries + standby.requests.entries).filter {
            $0.method == "POST" && $0.body != Array("query".utf8)
        }
        #expect(submits.count == 1)
    }

    @Test("A reverse whose primary died with it is repeated on the standby")
    func repeatable() async throws {
        let primary = TLSServer { connection in
            connection.serve { _ in
                connection.server.stopListening()
                connection.closeWithoutAlert()
                return nil
            }
        }
        let standby = Self.healthy("standby")
        let client = try TestClient(primary.url, standby.url)
        try await client.warmedUp()
        #expect(await client.post(kind: .repeatable).bodyText == "standby")
    }

    @Test(
        "After a 5xx the standby is preferred, and later the primary again, once it can be opened"
    )
    func serverError() async throws {
        let isBroken = Shared(true)
        let primary = TLSServer { connection in
            // While it is broken only the connection opened at start works.
            if isBroken.value && connection.number > 1 { return connection.closeWithoutAlert() }
            guard connection.handshake() else { return }
            while let seen = connection.request() {
                if seen.method == "HEAD" {
                    // A second before the epoch's first day is over marks the trial.
                    let date = "Date: Thu, 01 Jan 1970 23:59:59 GMT\r\n"
                    connection.write(
                        connection.number == 1 ? HTTP.head : HTTP.ok("", extra: date)
                    )
                } else if isBroken.value {
                    return _ = connection.write(
                        "HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                    )
                } else {
                    connection.write(HTTP.ok("primary"))
                }
            }
        }
        let standby = Self.healthy("standby")
        let client = try TestClient(primary.url, standby.url) {
            $0.standbyPreference = .milliseconds(200)
        }
        try await client.warmedUp()
        #expect(await client.post().reply?.status == 503)
        for _ in 0..<3 { #expect(await client.post().bodyText == "standby") }
        isBroken.value = false
        try await client.dates.wait { $0.contains(86_399) }
        #expect(await client.post().bodyText == "primary")
    }

    @Test("With both hosts gone the failure is one of reaching them, and nothing left")
    func bothGone() async throws {
        let client = try TestClient(
            "https://127.0.0.1:\(TestSocket.closedPort())",
            "https://127.0.0.1:\(TestSocket.closedPort())"
        )
        let report = await client.post()
        #expect(report.failure == .connect)
        #expect(!report.writingBegan)
        #expect(try await client.changes.first().isReachable == false)
    }
}
