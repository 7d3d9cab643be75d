import Sandbox
import TestKit
import Testing

@Suite("A platform that refuses the kiosk, end to end")
struct PlatformFaultTests {
    @Test("Another API key: out of service by the probe, no sale; right again after a restart (B7)")
    func wrongKey() async throws {
        let allowance = Audit.Allowance(violations: ["request-refused"])
        try await Kiosk.run(allowing: allowance) { kiosk in
            let key = kiosk.folder + "/other.key"
            try Files.write("0123456789abcdef0123456789abcdef", to: key)
            try kiosk.configure(["wechat": kiosk.weChat(key: key)])
            try kiosk.start(isReady: false)
            try kiosk.awaitReason("configuration")
            let answer = try kiosk.askSale()
            #expect(answer.status == 503)
            #expect(answer.text.contains(#""configuration""#))
            #expect(kiosk.log.contains("The platform refuses this kiosk"))
            #expect(!kiosk.log.contains("0123456789abcdef"))
            #expect(try kiosk.stop() == .exit(0))
            try kiosk.configure(["wechat": kiosk.weChat()])
            try kiosk.start()
            try kiosk.payOnce()
        }
    }

    @Test(
        "A certificate of another authority: out of service by the probe; right after a restart (B7)"
    )
    func wrongCertificate() async throws {
        let allowance = Audit.Allowance(violations: ["certificate"])
        try await Kiosk.run(allowing: allowance) { kiosk in
            let stranger = try Material.stranger(in: kiosk.folder)
            try kiosk.configure(["wechat": kiosk.weChat(certificate: stranger)])
            try kiosk.start(isReady: false)
            try kiosk.awaitReason("configuration")
            #expect(try kiosk.askSale().status == 503)
            #expect(try kiosk.stop() == .exit(0))
            try kiosk.configure(["wechat": kiosk.weChat()])
            try kiosk.start()
            try kiosk.payOnce()
        }
    }

    @Test(
        "Codes that point at the kiosk itself are flagged at once, and it goes on selling (A2, B7)",
        arguments: [
            ("number-used", "declined", "order-numbers-repeat OUT_TRADE_NO_USED"),
            ("query-unlisted-code", "paid", "SANDBOX_UNLISTED"),
        ]
    )
    func flaggedAtOnce(_ name: String, _ state: String, _ reason: String) async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show(try named(name))
            let flag = try kiosk.awaitEvent("the flag") { $0.name == "flagged" }
            #expect(flag.reason == reason)
            #expect(flag.sale == sale.id)
            try kiosk.awaitState(sale, state)
            try kiosk.act(sale, state == "paid" ? "delivered" : "cancel")
            try kiosk.awaitState(sale, "delivered", "cancelled")
            try kiosk.payOnce()
            #expect(kiosk.events.events.count { $0.name == "flagged" } == 1)
        }
    }

    @Test("In a fault every open order is kept, and settled once the configuration is right (B7)")
    func openOrdersKept() async throws {
        let allowance = Audit.Allowance(violations: ["request-refused"])
        try await Kiosk.run(allowing: allowance) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show(try named("late-payment"))
            try kiosk.awaitState(sale, "confirming")
            try kiosk.act(sale, "cancel")
            try kiosk.awaitState(sale, "cancelled")
            try kiosk.awaitPaper()
            try kiosk.kill()
            let key = kiosk.folder + "/other.key"
            try Files.write("0123456789abcdef0123456789abcdef", to: key)
            try kiosk.configure(["wechat": kiosk.weChat(key: key)])
            try kiosk.start(isReady: false)
            try kiosk.awaitReason("configuration")
            kiosk.pause(.seconds(1))
            #expect(try kiosk.status().queueCount == 1)
            #expect(try kiosk.stop() == .exit(0))
            try kiosk.configure(["wechat": kiosk.weChat()])
            try kiosk.start()
            try kiosk.settle()
        }
    }

    @Test(
        "A server whose certificate another authority signed is no platform: not reachable, nothing sent"
    )
    func wrongServer() async throws {
        try await Kiosk.run { kiosk in
            let stranger = try Material.stranger(in: kiosk.folder)
            let section = kiosk.weChat().split(separator: ",").map { part in
                part.hasPrefix(#""caFile""#) ? #""caFile":"\#(stranger.authorityFile)"}"# : part
            }
            try kiosk.configure(["wechat": section.joined(separator: ",")])
            try kiosk.start(isReady: false)
            try kiosk.awaitReason("network")
            kiosk.pause(.milliseconds(500))
            #expect(try kiosk.askSale().status == 503)
            #expect(kiosk.sandbox.ledger().isEmpty)
            #expect(try kiosk.stop() == .exit(0))
            try kiosk.configure(["wechat": kiosk.weChat()])
            try kiosk.start()
            try kiosk.payOnce()
        }
    }
}
