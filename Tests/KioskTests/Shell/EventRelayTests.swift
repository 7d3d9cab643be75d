import Devices
import Payments
import Synchronization
import Testing

@testable import Kiosk

@Suite("Reports of network and devices")
struct EventRelayTests {
    /// What a shell was told.
    private final class Told: Sendable {
        let events = Mutex<[TillEvent]>([])
        let checks = Mutex<[Bool]>([])

        var receiver: EventRelay.Receiver {
            EventRelay.Receiver(
                deliver: { [self] event in events.withLock { $0.append(event) } },
                scanned: { _, _ in },
                checkValidityDates: { [self] isOn in checks.withLock { $0.append(isOn) } }
            )
        }

        var reachable: [Bool] {
            events.withLock { events in
                events.compactMap {
                    if case .networkChanged(let isReachable) = $0 { isReachable } else { nil }
                }
            }
        }
    }

    private static func clock(_ milliseconds: Int64) -> KioskClock {
        KioskClock(
            bootID: BootID("boot"),
            latestStored: nil,
            system: KioskClock.SystemTime(
                milliseconds: { milliseconds },
                isSynchronised: { false }
            )
        )
    }

    @Test("A report before the shell is logged with its reason, and delivered later (B10)")
    func early() {
        let log = CapturedLog()
        let relay = EventRelay(clock: Self.clock(0), log: log.logger)
        #expect(relay.networkTrouble != nil, "not reachable, and nobody knows why")
        relay.networkChanged(false, "The proxy is away.")
        relay.deviceChanged(.scanner, .absent(.notFound))
        #expect(
            log.lines == [
                "warning The payment platform cannot be reached: no sales until it can; open "
                    + "orders are kept. reason=The proxy is away.",
                "warning \(DeviceTrouble.notFound.sentence) device=scanner",
            ]
        )
        #expect(relay.networkTrouble == "The proxy is away.")
        let told = Told()
        relay.attach(told.receiver)
        #expect(told.reachable == [false])
        #expect(told.events.withLock { $0.count } == 2)
    }

    @Test("Another reason is logged and kept for status; the machine is told of changes alone")
    func reasons() {
        let log = CapturedLog()
        let relay = EventRelay(clock: Self.clock(0), log: log.logger)
        let told = Told()
        relay.attach(told.receiver)
        relay.networkChanged(false, "No name.")
        relay.networkChanged(false, "No trust.")
        #expect(relay.networkTrouble == "No trust.")
        #expect(log.lines.count == 2)
        relay.networkChanged(true, "It answers.")
        #expect(relay.networkTrouble == nil)
        #expect(told.reachable == [false, true])
    }

    @Test("The platform's time counts also when it comes before the shell (F1)")
    func earlyDate() {
        let now = BuildDate.floor + 86_400_000
        let clock = Self.clock(now)
        let relay = EventRelay(clock: clock, log: CapturedLog().logger)
        #expect(!clock.isSystemTimeTrusted)
        relay.learn(now / 1_000)
        #expect(clock.isSystemTimeTrusted)
        let told = Told()
        relay.attach(told.receiver)
        #expect(told.checks.withLock { $0 } == [true])
        relay.learn(now / 1_000 + 1_000_000)
        #expect(told.checks.withLock { $0 } == [true, false])
    }
}
