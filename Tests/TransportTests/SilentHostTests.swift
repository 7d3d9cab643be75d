import Testing
import Transport

/// A host that takes requests and does not answer them. Its front may still answer openings.
@Suite("A primary that does not answer")
struct SilentHostTests {
    /// Answers openings alone while it is silent; else with its name.
    private static func primary(_ isSilent: Shared<Bool>) -> TLSServer {
        TLSServer { connection in
            connection.serve { _ in
                guard isSilent.value else { return HTTP.ok("primary") }
                connection.awaitEnd()
                return nil
            }
        }
    }

    /// Reads requests and closes without a byte; answers openings.
    private static func cutting() -> TLSServer {
        TLSServer { connection in
            connection.serve { _ in
                connection.closeWithoutAlert()
                return nil
            }
        }
    }

    private static func standby() -> TLSServer {
        TLSServer { $0.serve { _ in HTTP.ok("standby") } }
    }

    private static func client(_ primary: TLSServer, _ standby: TLSServer) throws -> TestClient {
        try TestClient(primary.url, standby.url) {
            $0.requestTimeout = .milliseconds(1_500)
            $0.connectTimeout = .milliseconds(1_500)
        }
    }

    private static func posts(_ server: TLSServer) -> Int {
        server.requests.entries.count { $0.method == "POST" }
    }

    @Test("A query moves to the standby after a share of its time, and what follows starts there")
    func query() async throws {
        let primary = Self.primary(Shared(true))
        let standby = Self.standby()
        let client = try Self.client(primary, standby)
        try await client.warmedUp()
        let report = await client.post(kind: .repeatable)
        #expect(report.bodyText == "standby")
        #expect(report.writingBegan)
        #expect(await client.post().bodyText == "standby")
        #expect(await client.post(kind: .repeatable).bodyText == "standby")
        #expect(Self.posts(primary) == 1)
    }

    @Test("A submit is not moved, and the query after it starts on the standby (B5)")
    func submit() async throws {
        let primary = Self.primary(Shared(true))
        let standby = Self.standby()
        let client = try Self.client(primary, standby)
        try await client.warmedUp()
        let report = await client.post()
        #expect(report.failure == .timedOut)
        #expect(report.writingBegan)
        #expect(Self.posts(primary) == 1 && Self.posts(standby) == 0)
        #expect(await client.post(kind: .repeatable).bodyText == "standby")
        #expect(Self.posts(primary) == 1)
    }

    @Test("A query whose connection is cut before its answer moves; what follows starts there")
    func cut() async throws {
        let primary = Self.cutting()
        let standby = Self.standby()
        let client = try Self.client(primary, standby)
        try await client.warmedUp()
        #expect(await client.post(kind: .repeatable).bodyText == "standby")
        // libcurl itself repeats it once, as the connection was a kept one.
        #expect(Self.posts(primary) == 2)
        #expect(await client.post().bodyText == "standby")
        #expect(Self.posts(primary) == 2)
    }

    @Test("A front that answers openings does not bring it back; an answered request does")
    func frontAlone() async throws {
        let isSilent = Shared(true)
        let primary = Self.primary(isSilent)
        let standby = Self.standby()
        let client = try TestClient(primary.url, standby.url) {
            $0.requestTimeout = .milliseconds(1_500)
            $0.connectTimeout = .milliseconds(1_500)
            $0.standbyPreference = .milliseconds(100)
        }
        try await client.warmedUp()
        #expect(await client.post(kind: .repeatable).bodyText == "standby")
        // The time after which an opening would try it passes several times over.
        for _ in 0..<5 {
            try await Task.sleep(for: .milliseconds(100))
            client.client.openAhead()
            #expect(await client.post().bodyText == "standby")
        }
        #expect(Self.posts(primary) == 1)
        // A query tries it, and still has its answer from the standby.
        #expect(await client.post(kind: .repeatable).bodyText == "standby")
        #expect(Self.posts(primary) == 2)
        isSilent.value = false
        for _ in 0..<50 {
            if await client.post(kind: .repeatable).bodyText == "primary" { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(await client.post().bodyText == "primary")
    }

    @Test("With both hosts silent one is asked all the same, and the first that answers is found")
    func bothSilent() async throws {
        let isPrimarySilent = Shared(true)
        let isStandbySilent = Shared(true)
        let primary = Self.primary(isPrimarySilent)
        let standby = Self.primary(isStandbySilent)
        let client = try Self.client(primary, standby)
        try await client.warmedUp()
        for _ in 0..<2 {
            #expect(await client.post(kind: .repeatable).failure == .timedOut)
        }
        #expect(Self.posts(primary) == 2 && Self.posts(standby) == 2)
        isStandbySilent.value = false
        #expect(await client.post(kind: .repeatable).reply?.host == standby.url)
        isStandbySilent.value = true
        isPrimarySilent.value = false
        #expect(await client.post(kind: .repeatable).reply?.host == primary.url)
    }

    @Test("With the client certificate a silent host is left, a cut is told, and no host is blamed")
    func certificate() async throws {
        let standby = Self.standby()
        for (primary, answer) in [
            (Self.primary(Shared(true)), "standby"), (Self.cutting(), nil),
        ] {
            let client = try TestClient(primary.url, standby.url) {
                $0.clientCertificateFile = TestFiles.clientCertificate
                $0.clientKeyFile = TestFiles.clientKey
                $0.requestTimeout = .milliseconds(1_500)
                $0.connectTimeout = .milliseconds(1_500)
            }
            try await client.warmedUp()
            for round in 1...2 {
                let report = await client.post(kind: .repeatable, usesClientCertificate: true)
                #expect(report.bodyText == answer)
                #expect(report.failure == (answer == nil ? .cut : nil))
                #expect(Self.posts(primary) == round)
            }
        }
    }

    @Test("A request without an answer does not hold up the next connection (B10)")
    func openingMeanwhile() async throws {
        let primary = Self.primary(Shared(true))
        let client = try TestClient(primary.url) { $0.requestTimeout = .seconds(3) }
        try await client.warmedUp()
        let reports = Log<TransferReport>()
        client.client.send(
            HTTPSRequest(
                path: "/pay/orderquery",
                body: [1],
                usesClientCertificate: false,
                kind: .repeatable
            ),
            completion: { reports.add($0) }
        )
        try await client.dates.wait { $0.count == 2 }
        #expect(reports.entries.isEmpty)
        #expect(primary.requests.entries.map(\.method) == ["HEAD", "POST", "HEAD"])
    }

    @Test("Openings are bounded however long requests may connect: the standby is found (B10)")
    func stalledOpening() async throws {
        let primary = TLSServer { $0.awaitEnd() }
        let standby = Self.standby()
        let client = try TestClient(primary.url, standby.url) {
            $0.connectTimeout = .seconds(60)
            $0.requestTimeout = .seconds(60)
            // Leaves openings two seconds.
            $0.keepAlive.idleSeconds = 43
            $0.keepAlive.intervalSeconds = 4
            $0.keepAlive.count = 2
        }
        // On a busy machine later than that, and long before 60 s.
        #expect(try await client.changes.first(within: .seconds(40)).isReachable)
    }
}
