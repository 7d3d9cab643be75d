import Glibc
import Payments
import Testing

@testable import Sandbox

@Suite("The server on the wire")
struct ServerTests {
    @Test("One connection, many requests, opened ahead with HEAD and GET of nothing")
    func keepAlive() async throws {
        try await Stand.run { stand throws in
            let client = try stand.connect()
            try client.write(TLSClient.request("HEAD", "/"))
            let head = try client.readReply(toHead: true)
            #expect(head.status == 404 && head.head.contains("Connection: keep-alive"))
            #expect(TLSClient.header("date", of: head.head)?.hasSuffix(" GMT") == true)
            try client.write(TLSClient.request("GET", "/"))
            #expect(try client.readReply().text.hasPrefix("<html>"))
            let paid = try client.post(
                "/pay/micropay",
                stand.merchant.submit("K0007-1", code: Merchant.code("000"))
            )
            #expect(paid.status == 200)
            #expect(TLSClient.header("content-type", of: paid.head) == "text/plain")
            #expect(try client.post("/pay/unifiedorder", []).status == 404)
            #expect(try client.post("/pay/micropay?x=1", []).status == 404)
            try client.write(TLSClient.request("GET", "/pay/micropay"))
            let wrong = try client.readReply()
            #expect(wrong["return_code"] == "FAIL" && wrong["sign"] == nil)
            #expect(stand.server.connectionCount == 1)
        }
    }

    @Test("Reverse without the client certificate: HTTP 400 with a page, and nothing is undone")
    func withoutCertificate() async throws {
        try await Stand.run { stand throws in
            #expect(try stand.submit("K0007-1", code: Merchant.code("000"))["err_code"] == nil)
            let client = try stand.connect(withCertificate: false)
            let answer = try client.post("/secapi/pay/reverse", stand.merchant.query("K0007-1"))
            #expect(answer.status == 400)
            #expect(answer.text.contains("No required SSL certificate was sent"))
            #expect(TLSClient.header("content-type", of: answer.head) == "text/html")
            #expect(client.readEnd() == .ended(wasReset: false, received: []))
            let query = try stand.connect(withCertificate: false)
            let found = try query.post("/pay/orderquery", stand.merchant.query("K0007-1"))
            #expect(found["trade_state"] == "SUCCESS")
            #expect(stand.server.violations().map(\.rule) == [.certificate("missing")])
        }
    }

    @Test("A client certificate of another authority is told apart from none")
    func foreignCertificate() async throws {
        try await Stand.run { stand throws in
            try withFolder { folder throws in
                let foreign = try SandboxMaterial.prepare(in: folder)
                let client = try TLSClient(
                    port: stand.port,
                    authority: stand.material,
                    certificateOf: foreign
                )
                let answer = try client.post(
                    "/secapi/pay/reverse",
                    stand.merchant.query("K0007-1")
                )
                #expect(answer.status == 400)
                #expect(answer.text.contains("The SSL certificate error"))
            }
        }
    }

    @Test("A client that trusts another authority does not shake hands")
    func foreignAuthority() async throws {
        try await Stand.run { stand throws in
            try withFolder { folder throws in
                let foreign = try SandboxMaterial.prepare(in: folder)
                #expect(throws: TLSClient.Failure.handshake) {
                    try TLSClient(port: stand.port, authority: foreign)
                }
            }
        }
    }

    @Test(
        "A scripted submit is cut at any byte of the request and never processed",
        arguments: [1, 4, 30, 200, 500]
    )
    func cutInRequest(_ count: Int) async throws {
        try await Stand.run { stand throws in
            stand.server.script([.cutDuringRequest(afterBytes: count)])
            let client = try stand.connect()
            try client.write(TLSClient.request("HEAD", "/"))
            #expect(try client.readReply(toHead: true).status == 404)
            let submit = stand.merchant.submit("K0007-1", code: Merchant.code("000"))
            #expect(throws: TLSClient.Failure.ended(wasReset: true, received: [])) {
                try client.post("/pay/micropay", submit)
            }
            #expect(stand.server.ledger().isEmpty)
            #expect(try stand.submit("K0007-2", code: Merchant.code("000"))["err_code"] == nil)
        }
    }

    @Test(
        "A scripted reply ends at any byte, and the money was taken",
        arguments: [0, 1, 15, 250, 700]
    )
    func cutInReply(_ count: Int) async throws {
        try await Stand.run { stand throws in
            stand.server.script([.cutDuringReply(afterBytes: count)])
            let client = try stand.connect()
            try client.write(
                TLSClient.request(
                    "POST",
                    "/pay/micropay",
                    stand.merchant.submit("K0007-1", code: Merchant.code("000"))
                )
            )
            guard case .ended(false, let received) = client.readEnd() else {
                Issue.record("not cut")
                return
            }
            #expect(received.count == count)
            #expect(try stand.entry("K0007-1").holdsMoney)
        }
    }

    @Test("Events tell in order what happened, with the time of the request's first byte")
    func events() async throws {
        try await Stand.run { stand throws in
            let before = PlatformTime.now.boot
            _ = try stand.submit("K0007-1", code: Merchant.code("102"))
            // The ledger is true at once; its events follow.
            try stand.await("K0007-1") { $0.holdsMoney && stand.events.all.count == 5 }
            let amount = try #require(Money(minorUnits: 888, currency: .cny))
            let events = stand.events.all.filter { $0.order == "K0007-1" }
            let texts = events.map(\.text)
            #expect(
                texts == [
                    "submit received", "state USERPAYING", "submit answered FAIL USERPAYING",
                    "charged \(amount)", "state SUCCESS",
                ]
            )
            guard case .received(.submit, let firstByte) = events[0].kind else {
                Issue.record("no receipt")
                return
            }
            #expect(firstByte >= before && firstByte <= events[0].at)
            #expect(try stand.entry("K0007-1").history == events)
        }
    }

    @Test("A listener may ask the server")
    func reentrant() async throws {
        try await Stand.run { stand throws in
            let server = stand.server
            let seen = EventLog()
            server.onEvent { event in
                if !server.ledger().isEmpty { seen.append(event) }
            }
            _ = try stand.submit("K0007-1", code: Merchant.code("000"))
            #expect(!seen.all.isEmpty)
        }
    }

    @Test("The ledger as JSON lines and for people")
    func ledger() async throws {
        try await Stand.run { stand throws in
            _ = try stand.submit("K0007-1", code: Merchant.code("000"))
            _ = try stand.submit("K\"7*0001", code: Merchant.code("103"))
            _ = try stand.reverse("K0007-2")
            let lines = stand.server.ledgerJSON().split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines[0].contains(#""order":"K0007-1","state":"SUCCESS","case":"paid""#))
            #expect(lines[0].contains(#""amount":888,"charged":888,"returned":null"#))
            #expect(lines[1].contains(#""case":null,"currency":null,"amount":null"#))
            let text = stand.server.ledger().map(\.description)
            #expect(
                text[0] == "K0007-1 SUCCESS 8.88 CNY [paid], charged 8.88 CNY, returned nothing"
            )
            #expect(LineJSON.string("a\"\\\n") == #""a\"\\\u000a""#)
        }
    }

    @Test("Codes and keys never appear in events or the ledger (G1)")
    func secrets() async throws {
        try await Stand.run { stand throws in
            let code = Merchant.code("000")
            _ = try stand.submit("K0007-1", code: code)
            _ = try stand.submit("K0007-2", code: code)
            let told =
                stand.events.all.map { "\($0) \(String(reflecting: $0))" }.joined()
                + stand.server.ledgerJSON() + "\(stand.server.violations())"
            #expect(!told.contains(code) && !told.contains(stand.material.key))
        }
    }
}
