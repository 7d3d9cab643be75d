import Kiosk
import Payments
import Testing

/// Who may call what (rule G2), and what keeps pages of others out.
@Suite("Who may call what (G2)")
struct GateTests {
    private static let wish = "{\"amount\":200,\"currency\":\"CNY\"}"

    /// What shows no more than the display does.
    static let open = ["/healthz", "/readyz", "/v1/status"]
    static let guarded: [(String, String)] = [
        ("GET", "/v1/sales"), ("POST", "/v1/sales"), ("GET", "/v1/sales/\(Samples.saleID)"),
        ("POST", "/v1/sales/\(Samples.saleID)/cancel"),
        ("POST", "/v1/sales/\(Samples.saleID)/delivering"),
        ("POST", "/v1/sales/\(Samples.saleID)/delivered"),
        ("POST", "/v1/sales/\(Samples.saleID)/undelivered"),
        ("POST", "/v1/sales/\(Samples.saleID)/receipt"), ("POST", "/v1/service"),
        ("POST", "/v1/journal/adopt"),
        ("GET", "/v1/revokes"), ("POST", "/v1/revokes/\(Samples.order)/retry"),
        ("POST", "/v1/revokes/\(Samples.order)/settle"),
    ]

    @Test("Without a token TCP serves only what the display shows (G2)")
    func withoutATokenTCPServesOnlyWhatTheDisplayShows() async throws {
        try await RunningInterface.serve(withToken: false) { running in
            for path in Self.open {
                let answer = try exchange(running.tcp, "GET", path, host: running.host)
                #expect(answer.status == 200, "\(path)")
            }
            let events = try RawConnection(running.tcp)
            #expect(try events.openEvents(host: running.host).contains("retry: 1000"))
            for (method, path) in Self.guarded {
                // Neither a missing nor any given token opens them.
                for headers in [[], [RunningInterface.tokenHeader], ["Authorization: Bearer "]] {
                    let answer = try exchange(
                        running.tcp,
                        method,
                        path,
                        host: running.host,
                        headers: headers
                    )
                    #expect(answer.status == 403, "\(method) \(path)")
                    #expect(answer.problem == "socket-only")
                }
            }
            #expect(running.kiosk.with { $0.asked.isEmpty && $0.called.isEmpty })
        }
    }

    @Test("The token opens TCP, and nothing else does (G2)")
    func theTokenOpensTCP() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.answer = { _ in .created(Samples.sale()) } }
            for scheme in ["Bearer", "bearer"] {
                let answer = try exchange(
                    running.tcp,
                    "POST",
                    "/v1/sales",
                    host: running.host,
                    headers: ["Authorization: \(scheme) \(RunningInterface.token)"],
                    body: Self.wish,
                )
                #expect(answer.status == 201)
            }
            let token = RunningInterface.token
            let wrong = [
                [], ["Authorization: Bearer"], ["Authorization: Bearer \(token)x"],
                ["Authorization: Bearer \(token.dropLast())"], ["Authorization: Basic \(token)"],
                ["Authorization: \(token)"], ["Authorization: Bearer \(token.uppercased())"],
                ["Authorization: Bearer \(token)\(token)"],
                [RunningInterface.tokenHeader, RunningInterface.tokenHeader],
            ]
            for headers in wrong {
                for (method, path) in Self.guarded {
                    let answer = try exchange(
                        running.tcp,
                        method,
                        path,
                        host: running.host,
                        headers: headers
                    )
                    #expect(answer.status == 401, "\(headers) \(path)")
                    #expect(answer.problem == "token-required")
                    #expect(answer.header("www-authenticate")?.hasPrefix("Bearer") == true)
                    #expect(!answer.body.contains(token))
                }
            }
            #expect(running.kiosk.with { $0.asked.count } == 2)
        }
    }

    @Test("The socket needs no token: its permissions are enough (G2)")
    func theSocketNeedsNoToken() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.answer = { _ in .created(Samples.sale()) } }
            let answer = try exchange(
                running.socket,
                "POST",
                "/v1/sales",
                host: "anything",
                body: Self.wish
            )
            #expect(answer.status == 201)
        }
    }

    /// DNS rebinding: the name of another site resolves to this machine.
    @Test("On TCP only loopback's own names are served as Host")
    func onlyLoopbackHostsAreServedOnTCP() async throws {
        try await RunningInterface.serve { running in
            let port = running.port
            for host in ["127.0.0.1:\(port)", "localhost:\(port)", "[::1]:\(port)"]
                + ["LocalHost:\(port)"]
            {
                let answer = try exchange(running.tcp, "GET", "/healthz", host: host)
                #expect(answer.status == 200, "\(host)")
            }
            for host in [
                "evil.example", "evil.example:\(port)", "127.0.0.1", "127.0.0.1:\(port + 1)",
                "127.0.0.1:\(port).evil.example", "0.0.0.0:\(port)", "", "localhost",
                "127.0.0.1:\(port)@evil.example",
            ] {
                for path in ["/healthz", "/v1/status", "/v1/events", "/nothing"] {
                    let answer = try exchange(
                        running.tcp,
                        "GET",
                        path,
                        host: host,
                        headers: [RunningInterface.tokenHeader],
                    )
                    #expect(answer.status == 421, "\(host)")
                    #expect(answer.problem == "wrong-host")
                }
            }
            let none = try RawConnection(running.tcp)
            try none.send("GET /healthz HTTP/1.1\r\n\r\n")
            #expect([400, 421].contains(try none.answer().status))
            let two = try exchange(
                running.tcp,
                "GET",
                "/healthz",
                host: running.host,
                headers: ["Host: evil.example"],
            )
            #expect([400, 421].contains(two.status))
        }
    }

    /// A page of another origin cannot use the browser to call, not even with the token or for what is open.
    @Test("Pages of others are refused, on TCP and on the socket")
    func foreignPagesAreRefused() async throws {
        try await RunningInterface.serve { running in
            let port = running.port
            for headers in [
                ["Origin: http://127.0.0.1:\(port)"], ["Origin: http://localhost:\(port)"],
                ["Sec-Fetch-Site: same-origin"], ["Sec-Fetch-Site: none"],
            ] {
                let answer = try exchange(
                    running.tcp,
                    "GET",
                    "/v1/status",
                    host: running.host,
                    headers: headers
                )
                #expect(answer.status == 200, "\(headers)")
            }
            for headers in [
                ["Origin: https://evil.example"], ["Origin: null"], ["Origin: "],
                ["Origin: https://127.0.0.1:\(port)"], ["Origin: http://127.0.0.1:\(port + 1)"],
                ["Origin: http://127.0.0.1:\(port)", "Origin: http://127.0.0.1:\(port)"],
                ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"],
            ] {
                let answer = try exchange(
                    running.tcp,
                    "GET",
                    "/v1/status",
                    host: running.host,
                    headers: headers + [RunningInterface.tokenHeader],
                )
                #expect(answer.status == 403, "\(headers)")
                #expect(answer.problem == "foreign-origin")
                #expect(answer.header("access-control-allow-origin") == nil)
            }
            let forwarded = try exchange(
                running.socket,
                "GET",
                "/v1/status",
                headers: ["Origin: https://evil.example"]
            )
            #expect(forwarded.problem == "foreign-origin")
        }
    }

    @Test("A token file is read strictly")
    func tokensAreReadStrictly() {
        let good = "0123456789abcdef"
        #expect(AccessToken(fileContent: Array(good.utf8)) != nil)
        #expect(AccessToken(fileContent: Array("\(good)\r\n".utf8)) != nil)
        #expect(AccessToken(fileContent: Array(good.dropLast().utf8)) == nil)
        #expect(AccessToken(fileContent: Array("\(good)\n\n".utf8)) == nil)
        #expect(AccessToken(fileContent: Array("\(good) \(good)".utf8)) == nil)
        #expect(AccessToken(fileContent: Array(repeating: 0x61, count: 513)) == nil)
        let token = AccessToken(fileContent: Array(good.utf8))
        #expect(token.map { "\($0)" }?.contains(good) == false)
    }

    @Test("Nothing but loopback can be listened on")
    func onlyLoopbackCanBeListenedOn() {
        #expect(LoopbackAddress("127.0.0.1:8090").map { "\($0)" } == "127.0.0.1:8090")
        #expect(LoopbackAddress("localhost:1").map { "\($0)" } == "127.0.0.1:1")
        #expect(LoopbackAddress("[::1]:8090").map { "\($0)" } == "[::1]:8090")
        for text in [
            "0.0.0.0:8090", ":8090", "8090", "192.168.1.2:8090", "[::]:8090", "::1:8090",
            "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80 ",
            "127.0.0.1.evil.example:80", "*:8090", "",
        ] {
            #expect(LoopbackAddress(text) == nil, "\(text)")
        }
    }
}
