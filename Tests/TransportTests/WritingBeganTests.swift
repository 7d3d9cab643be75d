import Glibc
import Synchronization
import Testing
import Transport

/// Rule B5: whether anything left is known from the pre-request callback alone, and a submit is
/// transmitted once at most.
@Suite("Whether writing began, and never twice (B5)")
struct WritingBeganTests {
    /// Openings that never hold up a test.
    private static func unlimited(_ configuration: inout HTTPSConfiguration) {
        configuration.openingPace.burst = 100_000
    }

    /// No opening after the one at the start, which the server closes: every submit connects
    /// afresh.
    private static func fresh(_ configuration: inout HTTPSConfiguration) {
        configuration.openingPace.burst = 1
        configuration.openingPace.refill = .seconds(3600)
    }

    private static let closingHead = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

    @Test("Nothing leaves when nobody listens")
    func refused() async throws {
        let client = try TestClient("https://127.0.0.1:\(TestSocket.closedPort())")
        let report = await client.post()
        #expect(report.failure == .connect)
        #expect(!report.writingBegan)
        #expect(report.lastWriteNanoseconds == nil)
    }

    @Test("Nothing leaves when the name cannot be resolved")
    func unresolved() async throws {
        // A label of more than 63 characters is refused before any name server is asked.
        let label = String(repeating: "a", count: 70)
        let client = try TestClient("https://\(label).invalid")
        let report = await client.post()
        #expect(report.failure == .resolve)
        #expect(!report.writingBegan)
    }

    @Test("Nothing leaves when the peer ends or stalls before TLS is up")
    func handshakeFailures() async throws {
        typealias Behaviour = @Sendable (ServerConnection) -> Void
        let behaviours: [(Behaviour, Set<TransportFailure>)] = [
            ({ $0.closeWithoutAlert() }, [.tls]),
            // A reset may come before connecting is over.
            ({ $0.reset() }, [.connect, .tls]),
            ({ $0.writePlain("HTTP/1.1 400 Bad Request\r\n\r\n") }, [.tls]),
            ({ $0.awaitEnd() }, [.timedOut]),
        ]
        for (behaviour, failures) in behaviours {
            let server = TLSServer(behaviour: behaviour)
            let client = try TestClient(server.url) { $0.connectTimeout = .milliseconds(300) }
            let report = await client.post()
            let failure = try #require(report.failure)
            #expect(failures.contains(failure), "\(report.detail)")
            #expect(!report.writingBegan)
        }
    }

    @Test("Nothing leaves when connecting gets no answer")
    func silentNetwork() async throws {
        let server = TLSServer { $0.serve { _ in HTTP.ok("") } }
        server.cutListener(true)
        let client = try TestClient(server.url) { $0.connectTimeout = .milliseconds(300) }
        let report = await client.post()
        #expect(report.failure == .timedOut)
        #expect(!report.writingBegan)
    }

    @Test("Through a proxy, the proxy's own request is no beginning")
    func proxy() async throws {
        let server = TLSServer { $0.serve { _ in HTTP.ok("fine") } }
        let open = Relay(to: server.port, proxyAnswer: "HTTP/1.1 200 OK\r\nX: y\r\n\r\n")
        let client = try TestClient(server.url) { $0.proxy = "http://127.0.0.1:\(open.port)" }
        let report = await client.post()
        #expect(report.bodyText == "fine")
        #expect(report.writingBegan)
        #expect(open.heads.entries[0].hasPrefix("CONNECT 127.0.0.1:\(server.port) "))

        let closed = Relay(
            to: server.port,
            proxyAnswer: "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
        )
        let refused = try TestClient(server.url) { $0.proxy = "http://127.0.0.1:\(closed.port)" }
        let failed = await refused.post()
        #expect(failed.failure == .proxy)
        #expect(!failed.writingBegan)
        #expect(failed.firstWriteNanoseconds == nil)
    }

    @Test("A fresh connection closed after any number of request bytes: cut, writing began, once")
    func requestCutOnFreshConnection() async throws {
        let limit = Shared(0)
        let sizes = Log<Int>()
        let server = TLSServer { connection in
            guard connection.handshake() else { return }
            if connection.number == 1 {
                _ = connection.request()
                connection.write(Self.closingHead)
            } else {
                sizes.add(connection.read(limit.value).count)
                connection.closeWithoutAlert()
            }
        }
        let client = try TestClient(server.url, change: Self.fresh)
        try await client.warmedUp()
        let size = try await Self.requestSize()
        for count in 0...size {
            limit.value = count
            let report = await client.post("<xml/>")
            #expect(report.writingBegan)
            #expect(report.failure == .cut, "after \(count) bytes: \(report.detail)")
            #expect(report.lastWriteNanoseconds != nil)
        }
        // One connection for each submit and one for the opening.
        #expect(server.connections.entries.count == size + 2)
        #expect(sizes.entries == Array(0...size))
    }

    @Test("A kept-alive connection closed after any number of request bytes: never sent again")
    func requestCutOnWarmConnection() async throws {
        let limit = Shared(0)
        let cuts = Log<Int>()
        let server = TLSServer { connection in
            guard connection.handshake(), connection.request() != nil else { return }
            connection.write(HTTP.head)
            // The first byte says that a submit came; the opening's connection may also just end.
            let first = connection.read(1)
            guard !first.isEmpty else { return }
            cuts.add(first.count + connection.read(max(0, limit.value - 1)).count)
            connection.closeWithoutAlert()
        }
        let client = try TestClient(server.url, change: Self.unlimited)
        let size = try await Self.requestSize()
        for count in 1...size {
            limit.value = count
            // The connection opened ahead is idle once its reply was told.
            try await client.dates.wait { $0.count >= count }
            let report = await client.post("<xml/>")
            #expect(report.writingBegan)
            #expect(report.failure == .repeated, "after \(count) bytes: \(report.detail)")
            #expect(report.lastWriteNanoseconds != nil)
        }
        #expect(cuts.entries == Array(1...size))
        #expect(server.requests.entries.allSatisfy { $0.method == "HEAD" })
    }

    @Test("A reply cut after any of its bytes is no reply", arguments: [true, false])
    func replyCut(inOrder: Bool) async throws {
        let reply = Array(HTTP.ok("<xml/>", extra: HTTP.date).utf8)
        // Before the first whole line libcurl would repeat the request on a new connection.
        let statusLine = "HTTP/1.1 200 OK\r\n".utf8.count
        let limit = Shared(0)
        let server = TLSServer { connection in
            connection.serve { _ in
                connection.write(Array(reply.prefix(limit.value)))
                if !inOrder { connection.closeWithoutAlert() }
                return nil
            }
        }
        let client = try TestClient(server.url, change: Self.unlimited)
        for count in 0..<reply.count {
            limit.value = count
            let report = await client.post("<xml>\(count)</xml>")
            #expect(report.writingBegan)
            let failure = try #require(report.failure)
            let expected: [TransportFailure] = count < statusLine ? [.cut, .repeated] : [.cut]
            #expect(expected.contains(failure), "after \(count) bytes")
        }
        limit.value = reply.count
        #expect(await client.post("<xml>all</xml>").bodyText == "<xml/>")
        let bodies = server.requests.entries.filter { $0.method == "POST" }.map(\.body)
        #expect(Set(bodies).count == bodies.count, "something went out twice")
        #expect(bodies.count == reply.count + 1)
    }

    @Test("A peer that takes the submit, closes and stops listening does not look void")
    func takenAndGone() async throws {
        for isWarm in [true, false] {
            let server = TLSServer { connection in
                guard connection.handshake() else { return }
                while let seen = connection.request() {
                    guard seen.method == "HEAD" else {
                        connection.server.stopListening()
                        return connection.closeWithoutAlert()
                    }
                    connection.write(isWarm ? HTTP.head : Self.closingHead)
                    if !isWarm { return }
                }
            }
            let client = try TestClient(server.url, change: Self.fresh)
            try await client.warmedUp()
            let report = await client.post()
            #expect(report.writingBegan)
            #expect(report.failure == (isWarm ? .repeated : .cut))
            #expect(server.requests.entries.filter { $0.method == "POST" }.count == 1)
        }
    }

    @Test("A dead kept-alive connection: a submit is not repeated, a query is")
    func deadConnection() async throws {
        let posts = Log<[UInt8]>()
        let server = TLSServer { connection in
            guard connection.handshake() else { return }
            while let seen = connection.request() {
                if seen.method == "HEAD" {
                    connection.write(HTTP.head)
                } else {
                    posts.add(seen.body)
                    // Every second POST meets a connection that dies under it.
                    if posts.entries.count % 2 == 1 { return connection.reset() }
                    connection.write(HTTP.ok("fine"))
                }
            }
        }
        let client = try TestClient(server.url, change: Self.unlimited)
        try await client.warmedUp()
        let query = await client.post("query", kind: .repeatable)
        #expect(query.bodyText == "fine")
        #expect(posts.entries.count == 2)

        let submit = await client.post("submit")
        #expect(submit.failure == .repeated)
        #expect(submit.writingBegan)
        #expect(posts.entries.count == 3)
    }

    @Test(
        "A connection that ended while idle is not used for a submit, with a TLS alert or without",
        arguments: [true, false]
    )
    func endedWhileIdle(withAlert: Bool) async throws {
        let ended = Log<Int>()
        let server = TLSServer { connection in
            guard connection.handshake(), connection.request() != nil else { return }
            guard connection.number == 1 else { return _ = connection.write(HTTP.ok("fine")) }
            connection.write(HTTP.head)
            if withAlert { connection.close() } else { connection.closeWithoutAlert() }
            ended.add(connection.number)
        }
        // Nothing but the submit itself opens a second connection.
        let client = try TestClient(server.url, change: Self.fresh)
        try await client.warmedUp()
        _ = try await ended.first()
        let report = await client.post()
        #expect(report.bodyText == "fine")
        #expect(server.requests.entries.map(\.method) == ["HEAD", "POST"])
    }

    @Test("With another idle connection at hand the second transmission is stopped just so")
    func secondIdleConnection() async throws {
        let isDeadly = Shared(false)
        let server = TLSServer { connection in
            connection.serve { _ in
                if isDeadly.value {
                    connection.closeWithoutAlert()
                    return nil
                }
                return HTTP.ok("fine")
            }
        }
        let client = try TestClient(server.url, change: Self.fresh)
        try await client.warmedUp()
        // Requests at the same time leave several idle connections behind.
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { _ = await client.post() } }
        }
        let before = server.requests.entries.count
        isDeadly.value = true
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
        #expect(report.failure == .repeated)
        #expect(report.writingBegan)
        #expect(began.entries.count == 1)
        #expect(server.requests.entries.count == before + 1)
    }

    /// How many bytes a request with the body `<xml/>` has.
    private static func requestSize() async throws -> Int {
        let server = TLSServer { $0.serve { _ in HTTP.ok("") } }
        let client = try TestClient(server.url)
        _ = await client.post("<xml/>")
        let seen = try #require(server.requests.entries.last)
        // Ports have four or five digits; both servers of a test may differ by one.
        return seen.head.utf8.count + seen.body.count - 1
    }
}
