import Payments
import Synchronization
import Testing
import Threads
import Transport
import WeChatPay

@testable import Kiosk

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
        let log = CapturedLog()
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
            client: client,
            log: log.logger
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
        #expect(log.lines.isEmpty)
        let seen = events.withLock { $0 }
        #expect(seen.count == 1)
        guard case .submitEnded(order, .neverLeft)? = seen.first else {
            Issue.record("not void: \(seen)")
            return
        }
    }

    @Test("Why a request has no reply is logged with the library's words, each cause once a minute")
    func failures() {
        let log = CapturedLog()
        let failures = FailureLog(log.logger)
        let minute = BootClock.nanoseconds(of: FailureLog.pause)
        for (failure, now) in [
            (.connect, 0), (.connect, minute - 1), (.timedOut, 1), (.aborted, 2), (.stopped, 3),
            (.connect, minute), (.connect, minute + 1),
        ] as [(TransportFailure, Int64)] {
            failures.noted(
                TransferReport(writingBegan: false, result: .failed(failure), detail: "no route"),
                path: "/pay/orderquery",
                at: now
            )
        }
        let words = "detail=no route request=/pay/orderquery"
        #expect(
            log.lines == [
                "warning \(TransportFailure.connect.sentence) \(words)",
                "warning \(TransportFailure.timedOut.sentence) \(words)",
                "warning \(TransportFailure.connect.sentence) \(words)",
            ]
        )
    }
}
