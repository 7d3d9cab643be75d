import Glibc
import Sandbox
import TestKit
import Testing

@Suite("Power cuts, end to end")
struct PowerTests {
    /// One round a second or so; the full run is for the night.
    private static var rounds: Int { Tests.isFull ? 150 : 15 }

    @Test("Killed at any moment, nothing is lost, taken twice or kept without goods (A1, C6, D3)")
    func anyMoment() async throws {
        var settings = KioskSettings()
        settings.deliveryWait = 60
        let allowance = Audit.Allowance(missingSlips: true)
        let seed = Tests.seed()
        try await Kiosk.run(settings, allowing: allowance) { kiosk in
            var generator = SplitMix64(seed: seed)
            let plays = [
                "paid", "paid", "password-then-paid", "too-little-money", "refused-but-paid",
                "system-error-paid", "no-reply-paid", "no-reply-lost", "cut-before-reply",
                "password-never-paid", "late-payment", "slow-reply",
            ]
            try kiosk.start()
            for round in 0..<Self.rounds {
                let play = plays.randomElement(using: &generator) ?? "paid"
                let delay = Int.random(
                    in: 0...(round % 3 == 0 ? 20_000 : 600_000),
                    using: &generator
                )
                let isDelivered = Bool.random(using: &generator)
                try Self.finishOffered(kiosk, isDelivered: isDelivered)
                let sale = try kiosk.sell()
                kiosk.show(try named(play))
                kiosk.pause(.microseconds(delay))
                if delay % 2 == 0, try kiosk.sale(sale.id).state == "paid" {
                    try kiosk.act(sale, "delivering", body: #"{"claim":"a"}"#)
                }
                try kiosk.kill()
                try kiosk.start()
            }
            try Self.finishOffered(kiosk, isDelivered: true)
            // A few steps for each order, five a second (rule C4).
            try kiosk.settle(within: .seconds(60 + 2 * Self.rounds))
        }
    }

    /// What was paid before the kill is offered again; this application dispenses it or says that it cannot.
    private static func finishOffered(_ kiosk: Kiosk, isDelivered: Bool) throws {
        guard let active = try kiosk.status().activeSale else { return }
        let sale = try kiosk.sale(active)
        #expect(["paid", "delivering"].contains(sale.state), "\(sale)")
        #expect(try kiosk.act(sale, isDelivered ? "delivered" : "undelivered").status == 200)
        try kiosk.awaitState(sale, "delivered", "undelivered")
        try kiosk.awaitReady()
    }

    @Test("Killed when paid and not claimed: offered again, claimed, delivered (D3)")
    func offeredAgain() async throws {
        try await Kiosk.run(allowing: Audit.Allowance(missingSlips: true)) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            try kiosk.awaitEvent("the offer") { $0.name == "release" }
            try kiosk.kill()
            try kiosk.start()
            #expect(try kiosk.status().activeSale == sale.id)
            try kiosk.wait("the second offer") {
                kiosk.events.events.count { $0.name == "release" && $0.sale == sale.id } == 2
            }
            try kiosk.deliver(sale)
            try kiosk.payOnce()
        }
    }

    @Test("Killed when paid, and back too late: the money goes back (D3)")
    func tooLate() async throws {
        var settings = KioskSettings()
        settings.deliveryWait = 0.5
        try await Kiosk.run(settings, allowing: Audit.Allowance(missingSlips: true)) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            try kiosk.kill()
            kiosk.pause(.milliseconds(600))
            try kiosk.start()
            let end = try kiosk.awaitState(sale, "undelivered")
            #expect(end.english.contains("is being returned"))
        }
    }

    @Test(
        "Killed when claimed: the policy decides, not chance (D3)",
        arguments: ["ask", "refund", "keep"]
    )
    func claimed(policy: String) async throws {
        var settings = KioskSettings()
        settings.sale["claimedUnreported"] = "\"\(policy)\""
        try await Kiosk.run(settings, allowing: Audit.Allowance(missingSlips: true)) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            #expect(try kiosk.act(sale, "delivering", body: #"{"claim":"a"}"#).status == 200)
            try kiosk.kill()
            try kiosk.start()
            switch policy {
            case "ask":
                try kiosk.awaitEvent("the question") { $0.name == "release-unreported" }
                #expect(
                    try kiosk.act(sale, "delivering", body: #"{"claim":"b"}"#).problem
                        == "already-claimed"
                )
                #expect(try kiosk.act(sale, "delivered").status == 200)
            case "refund": try kiosk.awaitState(sale, "undelivered")
            default: try kiosk.awaitState(sale, "delivered")
            }
        }
    }

    @Test("Killed while the revoke is on its way: it goes on (C6)")
    func duringRevoke() async throws {
        try await Kiosk.run(allowing: Audit.Allowance(missingSlips: true)) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show(try named("reverse-no-reply"))
            try kiosk.awaitState(sale, "expired")
            let order = try kiosk.order(of: sale)
            try kiosk.wait("the revoke to arrive") {
                kiosk.sandbox.entry(of: order)?.history.contains { event in
                    if case .received(.reverse, _) = event.kind { true } else { false }
                } == true
            }
            try kiosk.kill()
            try kiosk.start()
            try kiosk.settle()
        }
    }

    @Test("The same code shown again after a restart is still the same code (B8)")
    func sameCodeAfterRestart() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let first = try kiosk.sell()
            let code = kiosk.show()
            try kiosk.awaitState(first, "paid")
            try kiosk.deliver(first)
            try kiosk.awaitPaper()
            try kiosk.kill()
            try kiosk.start()
            let second = try kiosk.sell()
            try kiosk.awaitNotice("already-read") { kiosk.show(code: code) }
            try kiosk.act(second, "cancel")
            try kiosk.awaitState(second, "cancelled")
        }
    }
}
