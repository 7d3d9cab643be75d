import Sandbox
import TestKit
import Testing

@Suite("The network, end to end")
struct NetworkTests {
    @Test(
        "A lost network takes the kiosk out of service before a code is wasted, and ready comes back (B10)"
    )
    func cutBefore() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            try kiosk.payOnce()
            try kiosk.sandbox.setNetwork(.cut)
            try kiosk.awaitReason("network")
            let refused = try kiosk.askSale()
            #expect(refused.status == 503)
            #expect(refused.problem == "not-ready")
            #expect(refused.text.contains(#""reasons":["network"]"#))
            #expect(try kiosk.ask("GET", "/readyz").status == 503)
            #expect(try kiosk.ask("GET", "/healthz").status == 200)
            try kiosk.awaitLight("fault")
            try kiosk.sandbox.setNetwork(.up)
            try kiosk.payOnce()
        }
    }

    @Test("A proxy that is away is named in log and status from the start, and sales wait (B10)")
    func proxyAway() async throws {
        var settings = KioskSettings()
        // Port 9 of this machine: nobody listens.
        settings.sections["network"] = #"{"proxy":"http://127.0.0.1:9"}"#
        try await Kiosk.run(settings) { kiosk in
            try kiosk.start(isReady: false)
            try kiosk.awaitReason("network")
            try kiosk.wait("the reason") {
                try kiosk.ask("GET", "/v1/status").text.contains("check network.proxy")
            }
            let told = kiosk.log.lines.filter { $0.contains("cannot be reached: no sales") }
            #expect(told.count == 1, "\(told)")
            #expect(told.allSatisfy { $0.contains("network.proxy") })
            #expect(try kiosk.stop() == .exit(0))
            try kiosk.configure(["network": #"{"proxy":null}"#])
            try kiosk.start()
            let text = try kiosk.ask("GET", "/v1/status").text
            #expect(text.contains(#""reachable":true,"reason":null"#))
            try kiosk.payOnce()
        }
    }

    @Test("A TCP port that is taken stops no sale and no return; log and status say so")
    func portTaken() async throws {
        try await Kiosk.run { kiosk in
            let taken = (kiosk.sandbox.baseURL ?? "").split(separator: ":").last ?? ""
            let socket = kiosk.files.socket
            try kiosk.configure([
                "api": #"{"socket":"\#(socket)","socketGroup":null,"listen":"127.0.0.1:\#(taken)"}"#
            ])
            try kiosk.start()
            #expect(try kiosk.ask("GET", "/v1/status").text.contains("cannot be listened on"))
            try kiosk.payOnce()
            try kiosk.awaitPaper()
            #expect(try kiosk.stop() == .exit(0))
            let errors = kiosk.log.lines.filter { $0.hasPrefix("error: ") }
            #expect(errors.count == 1, "\(errors)")
            #expect(errors.allSatisfy { $0.contains("api.listen") })
        }
    }

    @Test("Cut while a sale waits: the code shown is not wasted and pays later (B5, B8, B10)")
    func cutBeforeSubmit() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            try kiosk.sandbox.setNetwork(.cut)
            let code = Codes.make()
            kiosk.show(code: code)
            // Known to be away, it takes no code; not known yet, the attempt never left and is void.
            try kiosk.wait("the code to be refused") {
                kiosk.events.events.contains {
                    $0.notice == "cannot-take-code-network" || $0.state == "declined"
                }
            }
            let refused = try kiosk.sale(sale.id)
            #expect(refused.attempts.allSatisfy { $0.state == "void" })
            #expect(!refused.english.contains("new payment code"))
            #expect(kiosk.submitCount == 0)
            try kiosk.sandbox.setNetwork(.up)
            try kiosk.wait("the network") { try kiosk.status().isReachable }
            try kiosk.showAgain(sale, until: "paid") { code }
            try kiosk.deliver(sale)
            #expect(kiosk.submitCount == 1)
        }
    }

    @Test("The request is cut at a byte: not known, then settled with nothing charged (B3, C2)")
    func cutRequest() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            for count in Tests.isFull
                ? Array(stride(from: 1, to: 900, by: 16)) : [1, 40, 200, 450, 100_000]
            {
                try kiosk.awaitReady()
                let sale = try kiosk.sell()
                kiosk.sandbox.script([.cutDuringRequest(afterBytes: count)])
                kiosk.show()
                let end = try kiosk.awaitState(sale, "expired")
                #expect(end.english.contains("Not known yet"), "after \(count) bytes")
            }
            try kiosk.settle()
            #expect(kiosk.sandbox.ledger().allSatisfy { $0.charged == nil })
        }
    }

    @Test("The reply is cut at a byte: the query finds it paid (B1, B3)")
    func cutReply() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            for count in Tests.isFull
                ? Array(stride(from: 1, to: 700, by: 12)) : [1, 20, 120, 300, 500]
            {
                try kiosk.awaitReady()
                try kiosk.awaitPaper(atMost: 5)
                let sale = try kiosk.sell()
                kiosk.sandbox.script([.cutDuringReply(afterBytes: count)])
                kiosk.show()
                try kiosk.awaitState(sale, "confirming")
                try kiosk.awaitState(sale, "paid")
                try kiosk.deliver(sale)
            }
        }
    }

    @Test(
        "The peer reads the request, closes and stops listening: not known, never void (B5)",
        arguments: ["no-reply-paid", "no-reply-lost"]
    )
    func readsAndGoes(_ play: String) async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            try kiosk.awaitSubmit { kiosk.show(try named(play)) }
            try kiosk.sandbox.setNetwork(.cut)
            let end = try kiosk.awaitState(sale, "expired")
            #expect(end.attempts.map(\.state) == ["revoking"])
            #expect(end.english.contains("Not known yet"))
            try kiosk.awaitReason("network")
            try kiosk.sandbox.setNetwork(.up)
            try kiosk.settle()
            try kiosk.payOnce()
        }
    }

    @Test("Away for a while, the queue waits, and settles when the network is back (C4)")
    func awayForAWhile() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            var sales: [SaleView] = []
            for play in ["password-never-paid", "too-little-money", "late-payment"] {
                try kiosk.awaitReady()
                let sale = try kiosk.sell()
                kiosk.show(try named(play))
                try kiosk.awaitState(sale, "confirming", "declined")
                try kiosk.act(sale, "cancel")
                try kiosk.awaitState(sale, "cancelled")
                sales.append(sale)
            }
            try kiosk.sandbox.setNetwork(.cut)
            try kiosk.awaitReason("network")
            try kiosk.wait("the queue to wait for the network") {
                try kiosk.status().queueState == "waiting-for-network"
            }
            #expect(try kiosk.status().queueCount > 0)
            // A restart in between loses nothing but slips that are not printed.
            try kiosk.awaitPaper()
            try kiosk.kill()
            try kiosk.start(isReady: false)
            #expect(try kiosk.status().queueCount > 0)
            try kiosk.sandbox.setNetwork(.up)
            try kiosk.settle()
            for sale in sales {
                #expect(try kiosk.sale(sale.id).attempts.map(\.state) == ["undone"])
            }
        }
    }

    @Test("A black hole during the submit: no byte of it counts after the revoke (C2)")
    func blackhole() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            try kiosk.payOnce()
            let sale = try kiosk.sell()
            try kiosk.sandbox.setNetwork(.blackhole)
            kiosk.show()
            try kiosk.awaitState(sale, "submitting")
            try kiosk.awaitState(sale, "expired", "declined")
            try kiosk.wait("the queue to wait for the network") {
                try kiosk.status().queueState == "waiting-for-network"
            }
            try kiosk.sandbox.setNetwork(.up)
            if try kiosk.sale(sale.id).state == "declined" { try kiosk.act(sale, "cancel") }
            try kiosk.awaitState(sale, "expired", "cancelled")
            try kiosk.settle()
            try kiosk.payOnce()
        }
    }

    @Test(
        "A platform that keeps closing idle connections costs no payment and no readiness (B5, B10)"
    )
    func idleClosed() async throws {
        var settings = KioskSettings()
        settings.idle = .milliseconds(250)
        try await Kiosk.run(settings) { kiosk in
            try kiosk.start()
            for pause in [240, 250, 260, 400, 700] {
                kiosk.pause(.milliseconds(pause))
                try kiosk.payOnce()
            }
            #expect(!kiosk.log.contains("cannot be reached"))
        }
    }

    @Test("Not there at the start: up, not ready, and ready once it is there (B7, B10)")
    func absentAtStart() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.sandbox.setNetwork(.cut)
            try kiosk.start(isReady: false)
            try kiosk.awaitReason("network")
            let before = try kiosk.status()
            #expect(before.reasons.contains("not-proven"))
            #expect(!before.isReachable)
            // Where a time service vouches for the clock, it is synchronised without the platform.
            let isVouchedFor = Files.exists("/run/systemd/timesync/synchronized")
            #expect(before.isSynchronised == isVouchedFor)
            #expect(try kiosk.askSale().status == 503)
            try kiosk.sandbox.setNetwork(.up)
            try kiosk.awaitReady()
            let status = try kiosk.status()
            #expect(status.isReachable)
            // The platform's Date has been learned (rule F1).
            #expect(status.isSynchronised)
            try kiosk.payOnce()
        }
    }

    @Test(
        "The first host charges and then answers nothing but openings: paid by the standby's query, and the next payer at once (B3, B5)"
    )
    func silentPrimary() async throws {
        var settings = KioskSettings()
        settings.scale = 0.1
        settings.hasStandby = true
        // The query that moves is the same to the byte.
        let allowance = Audit.Allowance(violations: ["nonce-repeated"])
        try await Kiosk.run(settings, allowing: allowance) { kiosk in
            try kiosk.start()
            try kiosk.payOnce()
            let sale = try kiosk.sell()
            try kiosk.sandbox.setNetwork(.silent)
            kiosk.show()
            try kiosk.awaitState(sale, "confirming")
            let paid = try kiosk.awaitState(sale, "paid", "expired")
            #expect(paid.state == "paid")
            #expect(paid.attempts.count == 1)
            try kiosk.deliver(sale)
            let next = try kiosk.payOnce()
            let states = kiosk.events.events.filter { $0.sale == next.id }.compactMap(\.state)
            #expect(!states.contains("confirming"), "\(states)")
            #expect(kiosk.submitCount == 3)
        }
    }
}
