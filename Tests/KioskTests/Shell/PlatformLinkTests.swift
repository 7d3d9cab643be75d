import Kiosk
import Payments
import Synchronization
import Testing
import Transport
import WeChatPay

@Suite("The way to the platform")
struct PlatformLinkTests {
    @Test("A submit that the transport refuses at once ends void; nothing waits for itself (B5)")
    func refusedAtOnce() throws {
        let kiosk = try #require(KioskID("K0007"))
        // Port 9 of this machine: nobody listens, and nothing is asked of it.
        let client = try HTTPSClient(
            HTTPSConfiguration(primary: "https://127.0.0.1:9"),
            onNetworkChange: { _, _ in },
            onDate: { _ in }
        )
        client.shutdown()
        let link = PlatformLink(
            dialect: try V2Dialect(
                credentials: try V2Credentials(
                    appID: "wx2421b1c4370ec43b",
                    merchantID: "10000100",
                    signType: .hmacSHA256,
                    key: SecretKey(Array("0123456789abcdef0123456789abcdef".utf8))
                ),
                terminalIP: "127.0.0.1",
                kiosk: kiosk
            ),
            client: client
        )
        var generator = SystemRandomNumberGenerator()
        let order = OrderNumber(kiosk: kiosk, using: &generator)
        guard case .weChat(let code) = ScannedCode(recognising: "134567890123456789") else {
            Issue.record("no payment code")
            return
        }
        let events = Mutex<[TillEvent]>([])
        link.submit(
            order,
            code,
            try #require(Money(minorUnits: 1, currency: .cny)),
            description: "Locker",
            deliver: { event in events.withLock { $0.append(event) } },
            trace: { _ in }
        )
        let seen = events.withLock { $0 }
        #expect(seen.count == 1)
        guard case .submitEnded(order, .neverLeft)? = seen.first else {
            Issue.record("not void: \(seen)")
            return
        }
    }
}
