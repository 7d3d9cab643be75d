import Sandbox
import Testing

@Suite("The revoke queue, its refunds and its persons, end to end")
struct RevokeQueueTests {
    @Test("A refund whose card is dead is parked; a person settles it, across a restart (C5)")
    func settled() async throws {
        // The money stays with the merchant in the stand-in's ledger.
        try await Kiosk.run(allowing: Audit.Allowance(openOrders: 1)) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show(try named("refund-change"))
            try kiosk.awaitState(sale, "expired")
            let event = try kiosk.awaitEvent("the order to be parked") { $0.name == "parked" }
            #expect(event.reason == "refund CHANGE")
            let order = try #require(event.order)
            #expect(try kiosk.status().flagged == 1)
            try kiosk.kill()
            try kiosk.start()
            let list = try kiosk.ask("GET", "/v1/revokes")
            #expect(list.text.contains(#""order":"\#(order)""#))
            #expect(list.text.contains(#""state":"parked""#))
            #expect(list.text.contains(#""parkedReason":"refund CHANGE""#))
            let path = "/v1/revokes/\(order)"
            let word = #"{"outcome":"written-off","note":"the payer cannot be found"}"#
            let answer = try kiosk.ask("POST", path + "/settle", body: word)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.text.contains(#""state":"written_off""#))
            #expect(try kiosk.status().queueCount == 0)
            #expect(try kiosk.status().flagged == 0)
            let again = try kiosk.ask("POST", path + "/settle", body: word)
            #expect(again.status == 409 && again.problem == "already-settled")
            try kiosk.payOnce()
        }
    }

    @Test("A claimed release that nobody reports is parked, and the kiosk sells on (D3)")
    func unreported() async throws {
        let settings = KioskSettings(
            sale: ["claimedUnreportedParkSeconds": "4"],
            deliveryWait: 2
        )
        try await Kiosk.run(settings, allowing: Audit.Allowance(openOrders: 1)) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            let claim = #"{"claim":"key-1"}"#
            #expect(
                try kiosk.ask("POST", "/v1/sales/\(sale.id)/delivering", body: claim).status == 200
            )
            let end = try kiosk.awaitState(sale, "undelivered")
            #expect(end.english.contains("If your goods did not come out"))
            let late = try kiosk.act(sale, "delivered")
            #expect(late.status == 409 && late.problem == "release-parked")
            let next = try kiosk.payOnce()
            #expect(next.state == "delivered")
            // The report that was missing: the money goes back.
            #expect(try kiosk.act(sale, "undelivered").status == 200)
            try kiosk.settle()
        }
    }
}
