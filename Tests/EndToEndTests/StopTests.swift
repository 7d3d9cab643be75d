import Glibc
import Sandbox
import TestKit
import Testing

@Suite("Starting and stopping, end to end")
struct StopTests {
    @Test("SIGTERM while idle: exit 0 soon, the socket is gone")
    func idle() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let start = ContinuousClock.now
            #expect(try kiosk.stop() == .exit(0))
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(!Files.exists(kiosk.files.socket))
            let lights = LightsTrace(Files.text(kiosk.files.lightsFile))
            #expect(lights.isLit("fault"))
            #expect(!lights.isLit("ready"))
        }
    }

    @Test("SIGTERM while a sale waits: it expires with nothing taken")
    func waiting() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            let daemon = try kiosk.running()
            daemon.send(SIGTERM)
            let end = try kiosk.awaitEvent("the end") {
                $0.sale == sale.id && $0.state == "expired"
            }
            #expect(end.reason == "stopping")
            #expect(end.truth == "nothing-taken")
            #expect(try kiosk.awaitEnd(of: daemon, within: .seconds(20)) == .exit(0))
            try kiosk.start()
            #expect(try kiosk.sale(sale.id).state == "expired")
            try kiosk.payOnce()
        }
    }

    @Test(
        "SIGTERM during a payment: it comes to its end first, receipt and all; the offer waits (D3)"
    )
    func duringPayment() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show(.passwordThenPaid)
            try kiosk.awaitState(sale, "confirming")
            let daemon = try kiosk.running()
            daemon.send(SIGTERM)
            try kiosk.awaitEvent("the payment") { $0.sale == sale.id && $0.state == "paid" }
            #expect(try kiosk.awaitEnd(of: daemon, within: .seconds(30)) == .exit(0))
            #expect(kiosk.printer.slips.count == 1)
            try kiosk.start()
            try kiosk.deliver(sale)
        }
    }

    @Test(
        "SIGTERM during a payment that never comes to be: expired, exit 0, revoked after the restart"
    )
    func duringLostPayment() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show(.passwordNeverPaid)
            try kiosk.awaitState(sale, "confirming")
            #expect(try kiosk.stop() == .exit(0))
            try kiosk.start()
            #expect(try kiosk.sale(sale.id).state == "expired")
            try kiosk.settle()
        }
    }

    @Test("READY=1 comes when the socket answers, STOPPING=1 before the end (sd_notify)")
    func notifies() async throws {
        try await Kiosk.run { kiosk in
            let socket = try NotifySocket(path: kiosk.folder + "/notify")
            try kiosk.start(isReady: false, environment: ["NOTIFY_SOCKET": socket.path])
            let first = try #require(socket.receive())
            #expect(first.message.split(separator: "\n").contains("READY=1"))
            // A supervisor starts applications now: they must find the socket.
            #expect(try kiosk.ask("GET", "/healthz").status == 200)
            try kiosk.awaitReady()
            #expect(try kiosk.stop() == .exit(0))
            var messages: [String] = []
            while let next = socket.receive(atMost: .zero) { messages.append(next.message) }
            #expect(messages.contains { $0.split(separator: "\n").contains("STOPPING=1") })
            #expect(!messages.contains { $0.contains("READY=1") })
        }
    }

    @Test("A second daemon on the same journal is refused, and the first goes on (exit 1)")
    func second() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let first = try kiosk.running()
            let known = kiosk.log.lines.count
            let second = try kiosk.spawn()
            #expect(try kiosk.awaitEnd(of: second, within: .seconds(20)) == .exit(1))
            #expect(kiosk.log.contains("already open in another process", from: known))
            kiosk.daemon = first
            try kiosk.payOnce()
        }
    }
}
