import CLinux
import Testing
import Transport

/// Rule B10: a connection is held or opened again, a lost network is noticed, and nothing needless
/// is sent.
@Suite("Reachability and kept-alive connections (B10)")
struct NetworkTests {
    @Test("The first connection is opened at once, and told with the time of its reply")
    func start() async throws {
        let server = TLSServer { $0.serve { _ in HTTP.ok("fine") } }
        let client = try TestClient(server.url)
        let change = try await client.changes.first()
        #expect(change.isReachable)
        #expect(try await client.dates.first() == HTTP.dateSeconds)
        let opening = try await server.requests.first()
        #expect(opening.method == "HEAD")
        #expect(opening.path == "/")
    }

    @Test("While a live connection is there, opening ahead sends nothing")
    func nothingNeedless() async throws {
        let server = TLSServer { $0.serve { _ in HTTP.ok("fine") } }
        let client = try TestClient(server.url)
        try await client.warmedUp()
        for _ in 0..<20 { client.client.openAhead() }
        _ = await client.post()
        client.client.openAhead()
        _ = await client.post()
        #expect(server.requests.entries.map(\.method) == ["HEAD", "POST", "POST"])
        #expect(server.connections.entries == [1])
    }

    @Test(
        "An idle connection that the host closes is opened again at once",
        arguments: [true, false]
    )
    func closedWhileIdle(withAlert: Bool) async throws {
        let server = TLSServer { connection in
            guard connection.handshake(), connection.request() != nil else { return }
            connection.write(HTTP.head)
            // The first connection ends while idle.
            if connection.number == 1 {
                return withAlert ? connection.close() : connection.closeWithoutAlert()
            }
            while connection.request() != nil { connection.write(HTTP.ok("fine")) }
        }
        let client = try TestClient(server.url)
        try await client.dates.wait { $0.count == 2 }
        // The submit uses the new connection, and only once.
        let report = await client.post()
        #expect(report.bodyText == "fine")
        #expect(server.requests.entries.map(\.connection) == [1, 2, 2])
        // Nothing was unreachable meanwhile.
        #expect(client.changes.entries.map(\.isReachable) == [true])
    }

    // Found by the walk over every byte: the kiosk sold nothing until its idle connection ended, which can take for ever.
    @Test("An opening that gets no answer says nothing where a request has had one since (B10)")
    func answeredMeanwhile() async throws {
        let ended = Log<Int>()
        let server = TLSServer { connection in
            if connection.number == 2 {
                connection.awaitEnd()
                ended.add(connection.number)
                return
            }
            guard connection.handshake() else { return }
            if connection.number == 1 {
                guard connection.request() != nil else { return }
                connection.write(HTTP.head)
                return connection.close()
            }
            while connection.request() != nil { connection.write(HTTP.ok("fine")) }
        }
        let client = try TestClient(server.url) { $0.connectTimeout = .seconds(1) }
        try await server.connections.wait { $0.count == 2 }
        #expect(await client.post().bodyText == "fine")
        #expect(server.connections.entries == [1, 2, 3])
        try await ended.wait { $0 == [2] }
        try await Task.sleep(for: .milliseconds(300))
        #expect(client.changes.entries.map(\.isReachable) == [true])
        #expect(await client.post().bodyText == "fine")
        #expect(server.connections.entries == [1, 2, 3])
    }

    @Test("A host that closes every connection is not opened over and over")
    func pacedOpenings() async throws {
        let server = TLSServer { connection in
            guard connection.handshake(), connection.request() != nil else { return }
            connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\(HTTP.date)\r\n")
        }
        let client = try TestClient(server.url) { $0.openingPace.refill = .seconds(3600) }
        try await client.dates.wait { $0.count == 3 }
        // Asking is still answered, once each.
        client.client.openAhead()
        try await client.dates.wait { $0.count == 4 }
        #expect(server.connections.entries == [1, 2, 3, 4])
    }

    @Test(
        "A host that closes every connection is not opened anew by each of its dates (rules B10, F1)"
    )
    func pacedDates() async throws {
        let server = TLSServer { connection in
            guard connection.handshake(), connection.request() != nil else { return }
            connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\(HTTP.date)\r\n")
        }
        let client = try TestClient(server.url, trustsClock: true) {
            $0.openingPace.refill = .seconds(3600)
        }
        try await client.dates.wait { $0.count >= 3 }
        // Time enough for dozens more. The first date may come before, or after, the pace's own third opening.
        try await Task.sleep(for: .milliseconds(300))
        #expect(client.dates.entries.count <= 4)
        #expect(server.connections.entries.count <= 4)
    }

    @Test("A network that is gone is told with a reason, and told again when it is back")
    func lostAndBack() async throws {
        let live = Log<ServerConnection>()
        let server = TLSServer { connection in
            live.add(connection)
            connection.serve { _ in HTTP.ok("fine") }
        }
        let client = try TestClient(server.url) {
            $0.connectTimeout = .milliseconds(200)
            $0.openingPace.firstBackOff = .milliseconds(100)
        }
        try await client.warmedUp()
        server.cutListener(true)
        try await live.first().shutDown()

        let lost = try await client.changes.wait { $0.count == 2 }
        #expect(!lost[1].isReachable)
        #expect(lost[1].reason.contains(server.url))
        #expect(lost[1].reason.contains(TransportFailure.timedOut.sentence))
        server.cutListener(false)
        let back = try await client.changes.wait { $0.count == 3 }
        #expect(back[2].isReachable)
    }

    @Test("A peer that vanished without a word is noticed by keep-alive")
    func vanishedPeer() async throws {
        let live = Log<ServerConnection>()
        let server = TLSServer { connection in
            live.add(connection)
            connection.serve { _ in HTTP.ok("fine") }
        }
        let client = try TestClient(server.url) {
            $0.keepAlive.idleSeconds = 1
            $0.keepAlive.intervalSeconds = 1
            $0.keepAlive.count = 1
        }
        try await client.warmedUp()
        try await live.first().cut(true)
        // The connection is opened again: a second reply to an opening.
        try await client.dates.wait { $0.count == 2 }
        #expect(await client.post().bodyText == "fine")
        #expect(server.connections.entries == [1, 2])
    }

    @Test("A refused certificate makes the network unreachable, with libcurl's words")
    func untrusted() async throws {
        let server = TLSServer(TestAuthority.stranger.issue()) { $0.serve { _ in HTTP.ok("") } }
        let client = try TestClient(server.url)
        let change = try await client.changes.first()
        #expect(!change.isReachable)
        #expect(change.reason.contains("certificate"))
    }

    @Test("A proxy that cannot be reached, or refuses, is named by its key")
    func proxyAway() async throws {
        let server = TLSServer { $0.serve { _ in HTTP.ok("fine") } }
        let closed = Relay(
            to: server.port,
            proxyAnswer: "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
        )
        // Port 9 of this machine: nobody listens.
        for proxy in [
            "http://127.0.0.1:9", "socks5h://127.0.0.1:9", "http://127.0.0.1:\(closed.port)",
        ] {
            let client = try TestClient(server.url) { $0.proxy = proxy }
            let change = try await client.changes.first()
            #expect(!change.isReachable)
            #expect(change.reason.contains("network.proxy"), "\(proxy): \(change.reason)")
        }
        // What lies behind a proxy that works is not the proxy's fault.
        let open = Relay(to: server.port, proxyAnswer: "HTTP/1.1 200 OK\r\n\r\n")
        let stranger = try TestClient(server.url) {
            $0.proxy = "http://127.0.0.1:\(open.port)"
            $0.caFile = nil
        }
        let change = try await stranger.changes.first()
        #expect(!change.isReachable)
        #expect(!change.reason.contains("network.proxy"))
    }

    @Test("An idle client does not wake up")
    func idle() async throws {
        let server = TLSServer { $0.serve { _ in HTTP.ok("fine") } }
        let threads = Log<Int32>()
        var configuration = HTTPSConfiguration(primary: server.url)
        configuration.caFile = TestFiles.authority
        let client = try HTTPSClient(
            configuration,
            onNetworkChange: { _, _ in threads.add(gettid()) },
            onDate: { _ in }
        )
        defer { client.shutdown() }
        let thread = try await threads.first()
        // The first switches belong to the end of the opening, which is over when there are no more of them.
        var before = TestProcess.switches(ofThread: thread)
        for _ in 0..<50 {
            try await Task.sleep(for: .milliseconds(100))
            let now = TestProcess.switches(ofThread: thread)
            defer { before = now }
            if now == before { break }
        }
        // Time itself is what is tested here.
        try await Task.sleep(for: .seconds(1))
        let after = TestProcess.switches(ofThread: thread)
        #expect(before > 0)
        #expect(after == before)
    }
}
