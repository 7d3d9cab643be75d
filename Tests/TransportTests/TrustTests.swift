import Testing
import Transport

/// Rule F1: without a clock, chain and name are checked, but not validity dates.
@Suite("Whom the client trusts (F1)")
struct TrustTests {
    private static let expired = TestAuthority.shared.issue(validity: -86_400 ... -3600)
    private static let future = TestAuthority.shared.issue(validity: 3600...86_400)
    private static let wrongName = TestAuthority.shared.issue("DNS:other.test,IP:127.0.0.2")
    private static let wrongAuthority = TestAuthority.stranger.issue()

    private static func server(_ certificate: TestCertificate) -> TLSServer {
        TLSServer(certificate) { $0.serve { _ in HTTP.ok("fine", extra: "Connection: close\r\n") } }
    }

    @Test("With a clock, dates count", arguments: [true, false])
    func datesChecked(isPast: Bool) async throws {
        let server = Self.server(isPast ? Self.expired : Self.future)
        let client = try TestClient(server.url)
        let report = await client.post()
        #expect(report.failure == .tls)
        #expect(!report.writingBegan)
        #expect(report.detail.contains(isPast ? "expired" : "not yet valid"))
    }

    @Test("Without a clock, dates do not count", arguments: [true, false])
    func datesUnchecked(isPast: Bool) async throws {
        let server = Self.server(isPast ? Self.expired : Self.future)
        let client = try TestClient(server.url) { $0.checksValidityDates = false }
        #expect(await client.post().bodyText == "fine")
    }

    @Test("Without a clock, chain and name still count", arguments: [true, false])
    func chainAndName(isName: Bool) async throws {
        let server = Self.server(isName ? Self.wrongName : Self.wrongAuthority)
        let client = try TestClient(server.url) { $0.checksValidityDates = false }
        let report = await client.post()
        #expect(report.failure == .tls)
        #expect(!report.writingBegan)
        #expect(try await client.changes.first().isReachable == false)
        #expect(server.requests.entries.isEmpty)
    }

    @Test("The setting changes for connections made from then on")
    func changed() async throws {
        let server = Self.server(Self.expired)
        let client = try TestClient(server.url)
        #expect(await client.post().failure == .tls)
        client.client.setValidityDatesChecked(false)
        #expect(await client.post().bodyText == "fine")
        // The network was found unreachable and is found reachable, without waiting for back-off.
        try await client.changes.wait { $0.last?.isReachable == true }
        // The connection that is idle now does not count any more either.
        client.client.setValidityDatesChecked(true)
        #expect(await client.post().failure == .tls)
    }

    @Test("Names are checked as names, and TLS 1.2 will do")
    func names() async throws {
        let server = TLSServer(
            TestAuthority.shared.issue("DNS:localhost"),
            maximumVersion: 0x0303
        ) { $0.serve { _ in HTTP.ok("fine") } }
        let named = try TestClient("https://localhost:\(server.port)")
        #expect(await named.post().bodyText == "fine")
        let numbered = try TestClient(server.url)
        #expect(await numbered.post().failure == .tls)
    }

    @Test("The system's authorities do not vouch for a test's server")
    func systemAuthorities() async throws {
        let server = Self.server(TestAuthority.shared.issue())
        let client = try TestClient(server.url) { $0.caFile = nil }
        #expect(await client.post().failure == .tls)
    }
}
