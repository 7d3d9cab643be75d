import Kiosk
import Payments
import StrictJSON
import TestKit
import Testing

/// An application that sends nonsense gets one clear sentence, and the kiosk is asked nothing.
@Suite("Bad input of the local interface")
struct BadInputTests {
    /// Each body with the path that the answer must name.
    private static let brokenSales: [(body: String, path: String)] = [
        ("", ""),
        ("nonsense", ""),
        ("{", ""),
        ("[]", ""),
        ("null", ""),
        ("{\"amount\":200,\"currency\":\"CNY\"}}", ""),
        ("{\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":200}", "currency"),
        ("{\"amount\":null,\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":\"200\",\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":true,\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":1.0,\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":2e2,\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":0,\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":-1,\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":1000000001,\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":99999999999999999999,\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":200,\"amount\":1,\"currency\":\"CNY\"}", "amount"),
        ("{\"amount\":200,\"currency\":\"cny\"}", "currency"),
        ("{\"amount\":200,\"currency\":\"CN\"}", "currency"),
        ("{\"amount\":200,\"currency\":\"CNY\",\"note\":\"x\"}", "note"),
        ("{\"amount\":200,\"currency\":\"CNY\",\"Reference\":\"x\"}", "Reference"),
        ("{\"amount\":200,\"currency\":\"CNY\",\"description\":7}", "description"),
        ("{\"amount\":200,\"currency\":\"CNY\",\"description\":\"a\\nb\"}", "description"),
        ("{\"amount\":200,\"currency\":\"CNY\",\"reference\":{}}", "reference"),
    ]

    @Test("A sale that is asked for wrongly is refused with the path of what is wrong (E1)")
    func brokenSalesAreRefusedWithTheirPath() async throws {
        try await RunningInterface.serve { running in
            var bodies = Self.brokenSales
            let long = String(repeating: "x", count: 128)
            bodies.append(
                ("{\"amount\":200,\"currency\":\"CNY\",\"description\":\"\(long)\"}", "description")
            )
            bodies.append(
                (
                    "{\"amount\":200,\"currency\":\"CNY\",\"reference\":\"\(long.prefix(65))\"}",
                    "reference"
                )
            )
            bodies.append((String(repeating: "[", count: 60_000), ""))
            // All on one connection: an error does not cost it.
            let connection = try RawConnection(running.socket)
            for (body, path) in bodies {
                try connection.request("POST", "/v1/sales", body: body)
                let answer = try connection.answer()
                #expect(answer.status == 400, "\(body.prefix(60))")
                #expect(answer.problem == "invalid-request")
                guard !path.isEmpty else { continue }
                #expect(try answer.json().string("path", bytes: 1...50) == path)
                #expect(try answer.json().string("detail", bytes: 1...500).contains(path))
            }
            #expect(running.kiosk.with { $0.asked.isEmpty })
        }
    }

    /// Rule G1: an application that puts a payment code where none belongs does not read it back.
    @Test("A refusal never quotes what was sent (G1)")
    func refusalsNeverQuoteValues() async throws {
        let code = "134567890123456789"
        try await RunningInterface.serve { running in
            for body in [
                "{\"amount\":\"\(code)\",\"currency\":\"CNY\"}",
                "{\"amount\":200,\"currency\":\"\(code)\"}",
                "{\"amount\":200,\"currency\":\"CNY\",\"code\":\"\(code)\"}",
                "{\"amount\":\(code),\"currency\":\"CNY\"}",
                "\(code)",
            ] {
                let answer = try exchange(running.socket, "POST", "/v1/sales", body: body)
                #expect(answer.status == 400)
                #expect(!answer.body.contains("345678901234"))
            }
        }
    }

    @Test("Claims and service modes that are not as agreed are refused")
    func brokenClaimsAndModesAreRefused() async throws {
        try await RunningInterface.serve { running in
            let sale = "/v1/sales/\(Samples.saleID)"
            let long = String(repeating: "k", count: 65)
            let calls: [(String, String?)] = [
                ("\(sale)/delivering", nil),
                ("\(sale)/delivering", "{}"),
                ("\(sale)/delivering", "{\"claim\":\"\"}"),
                ("\(sale)/delivering", "{\"claim\":\"two words\"}"),
                ("\(sale)/delivering", "{\"claim\":\"门\"}"),
                ("\(sale)/delivering", "{\"claim\":\"\(long)\"}"),
                ("\(sale)/delivering", "{\"claim\":\"a\",\"claim\":\"b\"}"),
                ("\(sale)/cancel", "{\"why\":1}"),
                ("\(sale)/delivered", "nonsense"),
                ("/v1/service", "{\"mode\":\"open\"}"),
                ("/v1/service", "{}"),
            ]
            for (path, body) in calls {
                let answer = try exchange(
                    running.socket,
                    "POST",
                    path,
                    headers: ["Content-Type: application/json"],
                    body: body ?? "",
                )
                #expect(answer.status == 400, "\(path) \(body ?? "")")
                #expect(answer.problem == "invalid-request")
            }
            #expect(running.kiosk.with { $0.called.isEmpty && $0.modes.isEmpty })
        }
    }

    @Test("An Idempotency-Key stands once and has 1 to 255 visible characters")
    func idempotencyKeysAreBounded() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.answer = { _ in .created(Samples.sale()) } }
            let body = "{\"amount\":200,\"currency\":\"CNY\"}"
            let longest = String(repeating: "k", count: 255)
            let good = try exchange(
                running.socket,
                "POST",
                "/v1/sales",
                headers: ["Idempotency-Key: \(longest)"],
                body: body,
            )
            #expect(good.status == 201)
            for headers in [
                ["Idempotency-Key: "], ["Idempotency-Key: \(longest)k"],
                ["Idempotency-Key: two words"], ["Idempotency-Key: 钥匙"],
                ["Idempotency-Key: a", "Idempotency-Key: a"],
            ] {
                let answer = try exchange(
                    running.socket,
                    "POST",
                    "/v1/sales",
                    headers: headers,
                    body: body
                )
                #expect(answer.status == 400, "\(headers)")
            }
            #expect(running.kiosk.with { $0.asked.count } == 1)
        }
    }

    @Test("A body must be declared as JSON")
    func bodiesMustBeDeclaredAsJSON() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.answer = { _ in .created(Samples.sale()) } }
            let body = "{\"amount\":200,\"currency\":\"CNY\"}"
            for (type, status) in [
                ("application/json", 201), ("application/json; charset=utf-8", 201),
                ("APPLICATION/JSON ;charset=\"UTF-8\"", 201), ("text/plain", 415),
                ("application/json; charset=gbk", 415), ("application/jsonp", 415),
                ("application/x-www-form-urlencoded", 415), ("", 415),
            ] {
                let answer = try exchange(
                    running.socket,
                    "POST",
                    "/v1/sales",
                    headers: ["Content-Type: \(type)"],
                    body: body,
                )
                #expect(answer.status == status, "\(type)")
                if status == 415 { #expect(answer.problem == "not-json") }
            }
        }
    }

    /// 64 KiB are read and no more, whether the length is declared or not.
    @Test("A body that is too long is refused, declared or not")
    func bodiesAreBounded() async throws {
        try await RunningInterface.serve { running in
            let most = String(repeating: " ", count: 65_536)
            let full = try exchange(running.socket, "POST", "/v1/sales", body: most)
            #expect(full.status == 400)
            let over = try exchange(running.socket, "POST", "/v1/sales", body: most + " ")
            #expect(over.status == 413)
            #expect(over.problem == "too-large")

            let declared = try RawConnection(running.socket)
            try declared.request(
                "POST",
                "/v1/sales",
                headers: ["Content-Type: application/json", "Content-Length: 9999999999"],
            )
            #expect(try declared.answer().status == 413)

            let chunked = try RawConnection(running.socket)
            try chunked.request(
                "POST",
                "/v1/sales",
                headers: ["Content-Type: application/json", "Transfer-Encoding: chunked"],
            )
            try chunked.send("8000\r\n\(most.prefix(0x8000))\r\n8000\r\n\(most.prefix(0x8000))\r\n")
            try chunked.send("1\r\n \r\n")
            #expect(try chunked.answer().status == 413)
        }
    }

    @Test("What is not HTTP is refused, and the interface goes on")
    func whatIsNotHTTPIsRefused() async throws {
        try await RunningInterface.serve { running in
            for text in [
                "nonsense\r\n\r\n", "GET\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nBroken Header: 1\r\n\r\n",
                "POST /v1/sales HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: "
                    + String(repeating: "x", count: 20_000) + "\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
                    + String(repeating: "X: 1\r\n", count: 100) + "\r\n",
            ] {
                let connection = try RawConnection(running.socket)
                try? connection.send(text)
                let answer = try connection.answer()
                #expect(answer.status == 400, "\(text.prefix(40))")
            }
            let health = try exchange(running.socket, "GET", "/healthz")
            #expect(health.status == 200)
        }
    }

    @Test("Unknown paths are not found, and wrong methods are told the right ones")
    func unknownPathsAndMethodsAreRefused() async throws {
        try await RunningInterface.serve { running in
            for path in ["/", "/v1", "/v1/sale", "/v1/sales/x/y/z", "/../etc/passwd", "//"] {
                let answer = try exchange(running.socket, "GET", path)
                #expect(answer.status == 404, "\(path)")
                #expect(answer.problem == "no-such-path")
            }
            for (method, path, allowed) in [
                ("DELETE", "/v1/sales", "GET, HEAD, POST"), ("GET", "/v1/service", "POST"),
                ("POST", "/healthz", "GET, HEAD"), ("OPTIONS", "/v1/events", "GET, HEAD"),
                ("PUT", "/v1/sales/\(Samples.saleID)", "GET, HEAD"),
            ] {
                let answer = try exchange(running.socket, method, path)
                #expect(answer.status == 405, "\(method) \(path)")
                #expect(answer.problem == "method-not-allowed")
                #expect(answer.header("allow") == allowed)
                #expect(answer.header("access-control-allow-origin") == nil)
            }
            let star = try exchange(running.socket, "OPTIONS", "*")
            #expect(star.status == 400)
            #expect(star.problem == "invalid-request")
        }
    }

    /// Random damage to good requests: every answer is HTTP, and the interface lives.
    @Test("Requests damaged at random never stop the interface")
    func randomDamageNeverStopsTheInterface() async throws {
        try await RunningInterface.serve { running in
            var random = SplitMix64(seed: 20_250_301)
            let good = Array(
                ("POST /v1/sales HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 32\r\n\r\n{\"amount\":200,\"currency\":\"CNY\"} ").utf8
            )
            for _ in 0..<300 {
                var bytes = good
                for _ in 0...Int.random(in: 0...3, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] =
                        UInt8.random(in: 0...255, using: &random)
                }
                let connection = try RawConnection(running.socket)
                try? connection.send(bytes)
                connection.finishSending()
                let answer = try connection.readToEnd()
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 "), "\(bytes)")
            }
            #expect(try exchange(running.socket, "GET", "/healthz").status == 200)
        }
    }
}
