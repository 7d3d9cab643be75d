import Glibc
import Payments
import Testing

@testable import Sandbox

@Suite("The stand-in's network")
struct NetworkTests {
    @Test("Cut: live connections are reset, new ones refused; then the same port serves again")
    func cut() async throws {
        try await Stand.run { stand throws in
            for _ in 0..<3 {
                let client = try stand.connect()
                try client.write(TLSClient.request("HEAD", "/"))
                _ = try client.readReply(toHead: true)
                try stand.server.setNetwork(.cut)
                #expect(client.readEnd() == .ended(wasReset: true, received: []))
                #expect(throws: TLSClient.Failure.connect(ECONNREFUSED)) { try stand.connect() }
                #expect(stand.server.connectionCount == 0)
                try stand.server.setNetwork(.up)
                let order = Merchant.unique("K0007-")
                #expect(try stand.submit(order, code: Merchant.code("000"))["err_code"] == nil)
            }
        }
    }

    @Test("Cut while a request waits for its slow reply: reset, and the money stays taken")
    func cutWhileWaiting() async throws {
        try await Stand.run(timings: .scaled(by: 1)) { stand throws in
            let client = try stand.connect()
            let submit = stand.merchant.submit("K0007-1", code: Merchant.code("406"))
            try client.write(TLSClient.request("POST", "/pay/micropay", submit))
            let deadline = PlatformTime.now.boot + .seconds(5)
            while stand.server.entry(of: "K0007-1")?.charged == nil,
                PlatformTime.now.boot < deadline
            {
                stand.events.waitForMore(atMost: .milliseconds(50))
            }
            try stand.server.setNetwork(.cut)
            #expect(client.readEnd() == .ended(wasReset: true, received: []))
            #expect(try stand.entry("K0007-1").holdsMoney)
        }
    }

    @Test("Black hole: nothing is answered and the bytes are kept, so a submit arrives late")
    func blackhole() async throws {
        try await Stand.run { stand throws in
            let client = try stand.connect()
            client.wait(atMost: .milliseconds(200))
            try stand.server.setNetwork(.blackhole)
            let submit = stand.merchant.submit("K0007-1", code: Merchant.code("000"))
            #expect(throws: TLSClient.Failure.silence) { try client.post("/pay/micropay", submit) }
            #expect(throws: (any Error).self) { try stand.connect(patience: .milliseconds(100)) }
            #expect(stand.server.ledger().isEmpty)
            try stand.server.setNetwork(.up)
            client.wait(atMost: .seconds(5))
            #expect(try client.readReply()["result_code"] == "SUCCESS")
            #expect(try stand.entry("K0007-1").holdsMoney)
        }
    }

    @Test("A submit reset by its client while the network was a black hole never arrives (C2)")
    func resetInBlackhole() async throws {
        try await Stand.run { stand throws in
            do {
                let client = try stand.connect()
                client.wait(atMost: .milliseconds(200))
                try stand.server.setNetwork(.blackhole)
                let submit = stand.merchant.submit("K0007-1", code: Merchant.code("000"))
                #expect(throws: TLSClient.Failure.silence) {
                    try client.post("/pay/micropay", submit)
                }
                client.lingerZero()
            }
            try stand.server.setNetwork(.up)
            #expect(try stand.query("K0007-1")["err_code"] == "ORDERNOTEXIST")
        }
    }

    @Test("From black hole to cut: kept bytes are lost")
    func blackholeThenCut() async throws {
        try await Stand.run { stand throws in
            let client = try stand.connect()
            try stand.server.setNetwork(.blackhole)
            let submit = stand.merchant.submit("K0007-1", code: Merchant.code("000"))
            try client.write(TLSClient.request("POST", "/pay/micropay", submit))
            try stand.server.setNetwork(.cut)
            #expect(client.readEnd() == .ended(wasReset: true, received: []))
            try stand.server.setNetwork(.up)
            #expect(stand.server.ledger().isEmpty)
        }
    }

    @Test("Silent: a submit is done and not answered, HEAD is, and the standby knows of the submit")
    func silent() async throws {
        try await Stand.run { stand throws in
            let standby = try SandboxServer(standbyOf: stand.server)
            let port = try standby.start()
            defer { #expect(standby.stop(), "threads are left") }
            try stand.server.setNetwork(.silent)
            let head = try stand.connect()
            try head.write(TLSClient.request("HEAD", "/"))
            #expect(try head.readReply(toHead: true).status == 404)
            let client = try stand.connect()
            client.wait(atMost: .milliseconds(200))
            let submit = stand.merchant.submit("K0007-1", code: Merchant.code("000"))
            #expect(throws: TLSClient.Failure.silence) { try client.post("/pay/micropay", submit) }
            #expect(try stand.entry("K0007-1").holdsMoney)
            let other = try TLSClient(
                port: port,
                authority: stand.material,
                certificateOf: nil,
                patience: .seconds(20)
            )
            let answer = try other.post("/pay/orderquery", stand.merchant.query("K0007-1"))
            #expect(answer["trade_state"] == "SUCCESS")
        }
    }

    @Test("Garbage, half requests and endless headers do not hold the server up")
    func hostile() async throws {
        let timings = SandboxTimings(request: .milliseconds(1500))
        try await Stand.run(timings: timings) { stand throws in
            let garbage = try TLSClient.connect(stand.port)
            let noise = [UInt8](repeating: 0x41, count: 4096)
            // The array is alive for the call.
            #expect(unsafe send(garbage, noise, noise.count, Int32(MSG_NOSIGNAL)) > 0)
            close(garbage)
            let mute = try TLSClient.connect(stand.port)
            let half = try stand.connect()
            try half.write(
                Array("POST /pay/micropay HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab".utf8)
            )
            #expect(try half.readReply().status == 408)
            let endless = try stand.connect()
            try endless.write(
                Array("GET / HTTP/1.1\r\n".utf8) + [UInt8](repeating: 0x41, count: 9000)
            )
            #expect(try endless.readReply().status == 431)
            var byte: UInt8 = 0
            // One byte of a local: the server closes a connection that never shakes hands.
            #expect(unsafe recv(mute, &byte, 1, 0) <= 0)
            close(mute)
            #expect(try stand.submit("K0007-1", code: Merchant.code("000"))["err_code"] == nil)
        }
    }

    @Test("No more connections are served than the limit; the next waits for a place")
    func limit() async throws {
        try await Stand.run(maxConnections: 2) { stand throws in
            var first: TLSClient? = try stand.connect()
            let second = try stand.connect()
            #expect(throws: TLSClient.Failure.handshake) {
                try stand.connect(patience: .milliseconds(200))
            }
            #expect(first != nil)
            first = nil
            let third = try stand.connect()
            #expect(
                try third.post("/pay/orderquery", stand.merchant.query("K0007-1")).status == 200
            )
            #expect(
                try second.post("/pay/orderquery", stand.merchant.query("K0007-1")).status == 200
            )
        }
    }

    @Test("An idle connection is closed in time")
    func idle() async throws {
        try await Stand.run(timings: SandboxTimings(idle: .milliseconds(100))) { stand throws in
            let client = try stand.connect()
            #expect(client.readEnd() == .ended(wasReset: false, received: []))
        }
    }

    @Test("Many at once: each order is charged once")
    func crowd() async throws {
        try await Stand.run { stand throws in
            let orders = (0..<24).map { _ in (Merchant.unique("K0007-"), Merchant.code("000")) }
            for (order, code) in orders {
                try SandboxThread.start {
                    _ = try? stand.submit(order, code: code)
                    _ = try? stand.submit(order, code: code)
                }
            }
            for (order, _) in orders {
                let deadline = PlatformTime.now.boot + .seconds(5)
                while stand.server.entry(of: order)?.charged == nil,
                    PlatformTime.now.boot < deadline
                {
                    stand.events.waitForMore(atMost: .milliseconds(50))
                }
            }
            let ledger = stand.server.ledger()
            #expect(ledger.count == 24 && ledger.allSatisfy(\.holdsMoney))
            #expect(Set(ledger.map(\.transactionID)).count == 24)
            #expect(stand.server.violations().isEmpty)
        }
    }

    @Test("Stopping ends everybody at once, slow replies and black holes included")
    func stop() async throws {
        try await Stand.run(timings: .scaled(by: 1)) { stand throws in
            let slow = try stand.connect()
            let submit = stand.merchant.submit("K0007-1", code: Merchant.code("406"))
            try slow.write(TLSClient.request("POST", "/pay/micropay", submit))
            let idle = try stand.connect()
            try stand.server.setNetwork(.blackhole)
            let start = PlatformTime.now.boot
            #expect(stand.server.stop())
            #expect(PlatformTime.now.boot - start < .seconds(2))
            #expect(idle.readEnd() != .silence && slow.readEnd() != .silence)
        }
    }

    @Test("A port that is taken is one clear sentence")
    func takenPort() async throws {
        try await Stand.run { stand throws in
            let second = try SandboxServer(
                material: stand.material,
                options: SandboxOptions(port: stand.port)
            )
            #expect(throws: SandboxError.self) { try second.start() }
            #expect(throws: SandboxError.self) { try stand.server.start() }
        }
    }
}
