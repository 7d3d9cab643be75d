import Payments
import Sandbox
import Testing

@Suite("Payers and their codes, end to end")
struct PayerTests {
    @Test("Password: the customer is led through it on screen, lights and paper (B2, D1, D4)")
    func password() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell(amount: 1234)
            #expect(sale.state == "awaiting_code")
            #expect(sale.english.contains("Hold your WeChat payment code"))
            try kiosk.awaitLight("ready")
            kiosk.show(.passwordThenPaid)
            let confirming = try kiosk.awaitState(sale, "confirming")
            #expect(confirming.attempts.count == 1)
            try kiosk.awaitLight("busy")
            let paid = try kiosk.awaitState(sale, "paid")
            #expect(paid.english.contains("Paid"))
            #expect(paid.chinese.contains("支付成功"))
            try kiosk.awaitLight("approved")
            try kiosk.awaitEvent("the offer") { $0.name == "release" && $0.sale == sale.id }
            try kiosk.deliver(sale)

            let end = try kiosk.sale(sale.id)
            let order = try kiosk.order(of: sale)
            let entry = try #require(kiosk.sandbox.entry(of: order))
            #expect(entry.charged?.minorUnits == 1234)
            #expect(end.transactionID == entry.transactionID)
            let states = kiosk.events.events.filter { $0.name == "sale" }.map(\.state)
            #expect(
                states == [
                    "awaiting_code", "submitting", "confirming", "paid", "delivering", "delivered",
                ]
            )
            try kiosk.awaitPaper()
            let slip = try #require(kiosk.printer.slips.first?.text)
            for part in ["已支付", "12.34", order, try #require(entry.transactionID)] {
                #expect(slip.contains(part), "\(part) is missing on \(slip)")
            }
        }
    }

    @Test("Never paid: expired, the order is named, the revoke settles (B2, C1, C3)")
    func neverPaid() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show(.passwordNeverPaid)
            let end = try kiosk.awaitState(sale, "expired")
            let order = try kiosk.order(of: sale)
            #expect(end.english.contains("leave WeChat's password page"))
            #expect(end.english.contains(order))
            try kiosk.awaitLight("declined")
            #expect(try kiosk.status().queueCount == 1)
            try kiosk.settle()
            #expect(try kiosk.sale(sale.id).attempts.map(\.state) == ["undone"])
            #expect(kiosk.sandbox.entry(of: order)?.state == .revoked)
            try kiosk.payOnce()
        }
    }

    @Test("Refused, then a second code under the same sale pays it; the first is undone (B4, B6)")
    func secondCode() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show(try named("too-little-money"))
            let declined = try kiosk.awaitState(sale, "declined")
            #expect(declined.english.contains("another card"))
            try kiosk.showAgain(sale, until: "paid") { Codes.make() }
            try kiosk.deliver(sale)
            try kiosk.settle()
            let states = try kiosk.sale(sale.id).attempts.map(\.state)
            #expect(states == ["undone", "paid"])
        }
    }

    @Test("Too many refused codes end the sale (B4)")
    func tooManyCodes() async throws {
        var settings = KioskSettings()
        settings.sale["maxAttempts"] = "2"
        try await Kiosk.run(settings) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show(try named("expired-code"))
            try kiosk.awaitState(sale, "declined")
            try kiosk.showAgain(sale, until: "expired") { Codes.make(try named("expired-code")) }
            let end = try kiosk.awaitEvent("the end") { $0.state == "expired" }
            #expect(end.reason == "too-many-attempts")
            #expect(end.truth == "nothing-taken")
        }
    }

    @Test("The same code is one presentation, in this sale and the next (B8)")
    func sameCode() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let first = try kiosk.sell()
            let refused = Codes.make(try named("invalid-code"))
            kiosk.show(code: refused)
            try kiosk.awaitState(first, "declined")
            // The pause after a refusal takes no codes at all.
            kiosk.pause(.milliseconds(300))
            try kiosk.awaitNotice("already-read") { kiosk.show(code: refused) }
            let code = Codes.make()
            kiosk.show(code: code)
            try kiosk.awaitState(first, "paid")
            try kiosk.deliver(first)
            try kiosk.awaitReady()
            let second = try kiosk.sell()
            try kiosk.awaitNotice("already-read") { kiosk.show(code: code) }
            #expect(try kiosk.sale(second.id).state == "awaiting_code")
            kiosk.show()
            try kiosk.awaitState(second, "paid")
            try kiosk.deliver(second)
        }
    }

    @Test("Other wallets and other codes are refused by name and sent nowhere (B8)")
    func otherCodes() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            for (text, notice) in [
                ("28" + Codes.digits(16), "other-wallet-alipay"),
                ("62" + Codes.digits(17), "other-wallet-union-pay"),
                ("6901234567892", "not-a-payment-code"),
                ("https://example.com/?q=%27%3B--", "not-a-payment-code"),
                ("13" + Codes.digits(15), "not-a-payment-code"),
                ("16" + Codes.digits(16), "not-a-payment-code"),
            ] {
                try kiosk.awaitNotice(notice) { kiosk.show(code: text) }
            }
            // Noise is no code and no end of the scanner.
            kiosk.scanner.send([0x00, 0xFF, 0x80, 0x1B, 0x5B, 0x0D])
            kiosk.scanner.send([UInt8](repeating: 0x39, count: 600) + [0x0D])
            #expect(kiosk.submitCount == 0)
            #expect(try kiosk.sale(sale.id).state == "awaiting_code")
            kiosk.scanner.rest(.milliseconds(600))
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            try kiosk.deliver(sale)
        }
    }

    @Test("A code shown while nothing is sold is not charged later (B8)")
    func earlyCode() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            kiosk.show()
            // Half a code lies in the line when the sale begins; its rest comes after.
            kiosk.scanner.send(Array("1345".utf8))
            kiosk.scanner.rest(.milliseconds(30))
            kiosk.pause(.milliseconds(200))
            let sale = try kiosk.sell()
            kiosk.pause(.milliseconds(300))
            #expect(try kiosk.sale(sale.id).attempts.isEmpty)
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            try kiosk.deliver(sale)
        }
    }

    @Test("Nobody comes: the sale expires with nothing taken")
    func nobody() async throws {
        var settings = KioskSettings()
        settings.codeWait = 0.3
        try await Kiosk.run(settings) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            let end = try kiosk.awaitState(sale, "expired")
            #expect(end.attempts.isEmpty)
            #expect(end.english.contains("Nothing was taken"))
        }
    }

    @Test("Fixed price: any scan buys, without an application (interfaces, 2)")
    func fixedPrice() async throws {
        try await Kiosk.run(Self.fixedPriceSettings) { kiosk in
            try kiosk.start()
            kiosk.show()
            try kiosk.awaitEvent("the first coffee") { $0.state == "delivered" }
            // The scanner rests, wants silence, and asks for no code meanwhile.
            try kiosk.awaitLights(["approved"])
            try kiosk.awaitLights([])
            try kiosk.awaitLights(["ready"])
            kiosk.show(try named("too-little-money"))
            let end = try kiosk.awaitEvent("the refusal") { $0.state == "expired" }
            #expect(end.truth == "nothing-taken")
            try kiosk.awaitLights(["declined"])
            try kiosk.awaitLights([])
            try kiosk.awaitLights(["ready"])
            kiosk.show(.passwordThenPaid)
            try kiosk.wait("the second coffee") {
                kiosk.events.events.count { $0.state == "delivered" } == 2
            }
            #expect(kiosk.sandbox.ledger().filter(\.holdsMoney).count == 2)
        }
    }
}

extension PayerTests {
    /// Any scan buys a coffee, which counts as delivered at once.
    private static let fixedPriceSettings = KioskSettings(
        sale: [
            "mode": #""fixed""#, "amount": "300", "description": #""Coffee""#,
            "autoDeliver": "true", "restSeconds": "2",
        ]
    )

    @Test("Fixed price: other wallets are refused by name on paper, a repeat on the lights (B8)")
    func fixedPriceRefusals() async throws {
        try await Kiosk.run(Self.fixedPriceSettings) { kiosk in
            try kiosk.start()
            for (code, name) in [
                ("28" + Codes.digits(16), "支付宝"), ("62" + Codes.digits(17), "云闪付"),
            ] {
                let known = kiosk.printer.slips.count
                kiosk.show(code: code)
                try kiosk.awaitLights(["declined"])
                try kiosk.wait("the slip") { kiosk.printer.slips.count == known + 1 }
                let slip = try #require(kiosk.printer.slips.last?.text)
                #expect(slip.contains(name) && slip.contains("没有扣款") && slip.contains("微信"))
                try kiosk.awaitLights(["ready"])
            }
            let code = Codes.make()
            kiosk.show(code: code)
            try kiosk.awaitEvent("the coffee") { $0.state == "delivered" }
            try kiosk.awaitLights(["ready"])
            kiosk.show(code: code)
            try kiosk.awaitLights(["declined"])
            try kiosk.awaitLights(["ready"])
            #expect(kiosk.submitCount == 1)
            try kiosk.wait("the receipt") { kiosk.printer.slips.count == 3 }
        }
    }
}

/// A case of the stand-in by its name.
func named(_ name: String) throws -> SandboxCase {
    try #require(SandboxCase(named: name), "no case is called \(name)")
}
