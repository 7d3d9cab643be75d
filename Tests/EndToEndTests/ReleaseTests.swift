import Sandbox
import TestKit
import Testing

@Suite("Cancelling and releasing, end to end")
struct ReleaseTests {
    @Test("Cancelled before a code: nothing was taken, nothing is printed (B9)")
    func cancelEarly() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            let answer = try kiosk.act(sale, "cancel")
            #expect(answer.status == 202)
            #expect(try SaleView(answer).state == "cancelling")
            let end = try kiosk.awaitState(sale, "cancelled")
            #expect(end.english == "Cancelled. Nothing was taken.")
            #expect(try kiosk.act(sale, "cancel").status == 202)
            #expect(try kiosk.act(sale, "receipt").problem == "nothing-to-print")
            #expect(kiosk.printer.slips.isEmpty)
            try kiosk.payOnce()
        }
    }

    @Test(
        "Cancelled while the payment is open: undone, also when it is paid after that (B6, B9, C2)",
        arguments: [
            ("no-reply-paid", "submitting"), ("no-reply-lost", "submitting"),
            ("password-never-paid", "confirming"), ("password-then-paid", "confirming"),
            ("late-payment", "confirming"), ("page-held", "confirming"),
        ]
    )
    func cancelOpen(_ play: String, _ state: String) async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show(try named(play))
            try kiosk.awaitState(sale, state)
            #expect(try kiosk.act(sale, "receipt").problem == "outcome-open")
            #expect(try kiosk.act(sale, "cancel").status == 202)
            let end = try kiosk.awaitState(sale, "cancelled")
            #expect(end.english.contains("Not known yet"))
            // The kiosk sells on while the revoke has its own time.
            let next = try kiosk.payOnce()
            #expect(next.state == "delivered")
        }
    }

    @Test("Cancel and Paid race: one wins, and the money follows (B9)")
    func cancelRace() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            var generator = SplitMix64(seed: 11)
            for _ in 0..<(Tests.isFull ? 100 : 10) {
                try kiosk.awaitReady()
                try kiosk.awaitPaper(atMost: 5)
                let sale = try kiosk.sell()
                kiosk.show()
                try kiosk.awaitState(sale, "submitting")
                kiosk.pause(.microseconds(Int.random(in: 0...12_000, using: &generator)))
                let answer = try kiosk.act(sale, "cancel")
                if answer.status == 202 {
                    try kiosk.awaitState(sale, "cancelled")
                } else {
                    #expect(answer.problem == "cannot-cancel")
                    try kiosk.awaitState(sale, "paid")
                    try kiosk.deliver(sale)
                }
            }
        }
    }

    @Test("Not claimed in time: the money goes back, and the payer is told (D2)")
    func notClaimed() async throws {
        var settings = KioskSettings()
        settings.deliveryWait = 0.4
        try await Kiosk.run(settings) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            let end = try kiosk.awaitState(sale, "undelivered")
            #expect(end.english.contains("is being returned"))
            let late = try kiosk.act(sale, "delivering", body: #"{"claim":"late"}"#)
            #expect(late.status == 409)
            #expect(late.problem == "release-withdrawn")
            #expect(try kiosk.act(sale, "delivered").problem == "release-withdrawn")
            try kiosk.settle()
            let order = try kiosk.order(of: sale)
            try kiosk.awaitEvent("the money to be back") {
                $0.name == "money-returned" && $0.order == order
            }
        }
    }

    @Test(
        "Reported undelivered: the money goes back, whether claimed or not (D2)",
        arguments: [true, false]
    )
    func undelivered(isClaimed: Bool) async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            #expect(try kiosk.act(sale, "cancel").problem == "cannot-cancel")
            if isClaimed {
                #expect(
                    try kiosk.act(sale, "delivering", body: #"{"claim":"a"}"#).status == 200
                )
            }
            #expect(try kiosk.act(sale, "undelivered").status == 200)
            #expect(try kiosk.act(sale, "undelivered").status == 200)
            #expect(try kiosk.act(sale, "delivered").status == 409)
            try kiosk.awaitState(sale, "undelivered")
            try kiosk.payOnce()
        }
    }

    @Test("A claim has one key; delivered is repeatable; a reprint says that it is a copy (D1, D4)")
    func claims() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            #expect(
                try kiosk.act(sale, "delivering", body: #"{"claim":"a"}"#).problem == "not-paid"
            )
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            for _ in 0..<2 {
                let mine = try kiosk.act(sale, "delivering", body: #"{"claim":"a"}"#)
                #expect(mine.status == 200)
                #expect(try SaleView(mine).state == "delivering")
                let other = try kiosk.act(sale, "delivering", body: #"{"claim":"b"}"#)
                #expect(other.problem == "already-claimed")
            }
            for _ in 0..<2 { #expect(try kiosk.act(sale, "delivered").status == 200) }
            #expect(try kiosk.act(sale, "undelivered").problem == "already-delivered")
            try kiosk.awaitPaper()
            #expect(try kiosk.act(sale, "receipt").status == 202)
            try kiosk.wait("the copy") { kiosk.printer.slips.count == 2 }
            #expect(kiosk.printer.slips.map { $0.text.contains("COPY") } == [false, true])

            // Delivered without a claim is both.
            try kiosk.awaitReady()
            let second = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(second, "paid")
            #expect(try kiosk.act(second, "delivered").status == 200)
            #expect(try kiosk.sale(second.id).state == "delivered")
        }
    }

    @Test("Claimed and then silent: the policy decides (D3)", arguments: ["ask", "refund", "keep"])
    func silent(policy: String) async throws {
        var settings = KioskSettings()
        settings.deliveryWait = 0.4
        settings.sale["claimedUnreported"] = "\"\(policy)\""
        try await Kiosk.run(settings) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            #expect(try kiosk.act(sale, "delivering", body: #"{"claim":"a"}"#).status == 200)
            switch policy {
            case "ask":
                try kiosk.awaitEvent("the question") { $0.name == "release-unreported" }
                #expect(try kiosk.act(sale, "delivered").status == 200)
                try kiosk.awaitState(sale, "delivered")
            case "refund": try kiosk.awaitState(sale, "undelivered")
            default:
                try kiosk.awaitState(sale, "delivered")
                // The application comes back, and knows better: its word is not lost (rule C1).
                for _ in 0..<2 {
                    #expect(try kiosk.act(sale, "undelivered").problem == "already-delivered")
                }
                try kiosk.awaitEvent("the flag") { $0.name == "flagged" }
                let flags = kiosk.events.events.filter { $0.name == "flagged" }
                #expect(flags.map(\.reason) == ["undelivered-after-delivered"])
                #expect(flags.map(\.sale) == [sale.id])
            }
        }
    }

    @Test("An idempotency key is one sale, over a restart too")
    func idempotency() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let first = try kiosk.askSale(key: "order-1")
            #expect(first.status == 201)
            let sale = try SaleView(first)
            let again = try kiosk.askSale(key: "order-1")
            #expect(again.status == 200)
            #expect(try SaleView(again).id == sale.id)
            #expect(try kiosk.askSale(amount: 300, key: "order-1").status == 422)
            #expect(try kiosk.askSale(key: "order-2").problem == "sale-active")
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            try kiosk.deliver(sale)
            try kiosk.awaitPaper()
            try kiosk.kill()
            try kiosk.start()
            let afterwards = try kiosk.askSale(key: "order-1")
            #expect(afterwards.status == 200)
            #expect(try SaleView(afterwards).id == sale.id)
            #expect(try SaleView(afterwards).state == "delivered")
            #expect(try kiosk.askSale(amount: 300, key: "order-1").status == 422)
            #expect(try kiosk.act(sale, "delivering", body: #"{"claim":"locker-7"}"#).status == 200)
            #expect(kiosk.sandbox.ledger().filter(\.holdsMoney).count == 1)
            try kiosk.payOnce()
        }
    }

    @Test("An idempotency key is one sale, also when the key of the codes' fingerprints was torn")
    func idempotencyWithoutFingerprintKey() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try SaleView(try kiosk.askSale(key: "order-1"))
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            try kiosk.deliver(sale)
            try kiosk.stop()
            try Files.write("", to: kiosk.stateDirectory + "/fingerprint.key", mode: 0o600)
            try kiosk.start()
            let again = try kiosk.askSale(key: "order-1")
            #expect(again.status == 200)
            #expect(try SaleView(again).id == sale.id)
            #expect(try kiosk.askSale(amount: 300, key: "order-1").status == 422)
        }
    }
}
