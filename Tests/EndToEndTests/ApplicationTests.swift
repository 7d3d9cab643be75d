import Glibc
import Sandbox
import Synchronization
import Testing
import Threads

@Suite("Applications that misbehave, end to end")
struct ApplicationTests {
    @Test("Broken, hostile and half requests are refused, and the next payment works")
    func brokenRequests() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            for body in [
                "", "{", "[]", "null", #"{"amount":200}"#,
                #"{"amount":200,"amount":1,"currency":"CNY"}"#,
                #"{"amount":2e2,"currency":"CNY"}"#, #"{"amount":200.0,"currency":"CNY"}"#,
                #"{"amount":-1,"currency":"CNY"}"#, #"{"amount":0,"currency":"CNY"}"#,
                #"{"amount":99999999999999999999,"currency":"CNY"}"#,
                #"{"amount":"200","currency":"CNY"}"#,
                #"{"amount":200,"currency":"CNY","color":"red"}"#,
                String(repeating: "[", count: 5_000),
            ] {
                let answer = try kiosk.ask("POST", "/v1/sales", body: body)
                #expect(answer.status == 400, "\(body.prefix(60)): \(answer.text)")
                #expect(answer.problem == "invalid-request")
            }
            let large = #"{"description":""# + String(repeating: "x", count: 70_000) + #""}"#
            #expect(try kiosk.ask("POST", "/v1/sales", body: large).status == 413)
            #expect(try kiosk.askSale(amount: 100_001).problem == "amount-too-high")
            #expect(try kiosk.ask("GET", "/v1/sales/S0000000000000000").status == 404)
            #expect(try kiosk.ask("GET", "/v1/sales/..%2F..%2Fetc%2Fpasswd").status == 404)
            #expect(try kiosk.ask("DELETE", "/v1/sales").status == 405)
            #expect(try kiosk.ask("GET", "/nothing").status == 404)
            for bytes in ["\0\0\0\0", "GET\r\n\r\n", "SSH-2.0-x\r\n", "GET / HTTP/9.9\r\n\r\n"] {
                _ = try kiosk.call.exchange(Array(bytes.utf8))
            }
            #expect(try kiosk.status().activeSale == nil)
            try kiosk.payOnce()
        }
    }

    @Test("Many ask at once: one sale, and one key is one sale for all of them")
    func atOnce() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            for key in [nil, "Idempotency-Key: a-key"] {
                let answers = Mutex<[LocalCall.Answer]>([])
                let call = kiosk.call
                let threads = (0..<12).map { _ in
                    OwnThread(name: "e2e-ask") {
                        let answer = try? call(
                            "POST",
                            "/v1/sales",
                            body: #"{"amount":200,"currency":"CNY"}"#,
                            headers: key.map { [$0] } ?? []
                        )
                        if let answer { answers.withLock { $0.append(answer) } }
                    }
                }
                for thread in threads { thread.waitUntilEnded(atMost: .seconds(30)) }
                let all = answers.withLock { $0 }
                #expect(all.count == 12)
                #expect(all.count { $0.status == 201 } == 1)
                #expect(all.count { $0.status == (key == nil ? 409 : 200) } == 11)
                let sale = try SaleView(try #require(all.first { $0.status == 201 }))
                kiosk.show()
                try kiosk.awaitState(sale, "paid")
                try kiosk.deliver(sale)
                try kiosk.awaitReady()
            }
        }
    }

    @Test("Clients that hang up in the midst, or stay and say nothing, hold nobody up")
    func deadClients() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let request = Array(
                "POST /v1/sales HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".utf8
            )
            var idle: [Int32] = []
            defer { for descriptor in idle { close(descriptor) } }
            for count in 0..<40 {
                let descriptor = try kiosk.call.connect()
                LocalCall.send(Array(request.prefix(count * 2)), on: descriptor)
                if count % 2 == 0 { close(descriptor) } else { idle.append(descriptor) }
            }
            try kiosk.payOnce()

            // The application asks for a sale and is gone before the answer: the sale is there for whoever comes.
            let body = #"{"amount":200,"currency":"CNY"}"#
            let descriptor = try kiosk.call.connect()
            LocalCall.send(
                request + Array("Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8),
                on: descriptor
            )
            close(descriptor)
            try kiosk.wait("the orphaned sale") { try kiosk.status().activeSale != nil }
            let id = try #require(try kiosk.status().activeSale)
            let sale = try kiosk.sale(id)
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            try kiosk.deliver(sale)
        }
    }
}
