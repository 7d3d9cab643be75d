import Payments
import Synchronization
import TestKit
import Testing

@testable import Sandbox

@Suite("A long outage with a full queue, end to end (C4, C6)")
struct OutageTests {
    /// What one kiosk may send (rule C4).
    private static let requestsPerSecond = 5
    private static let orders = Tests.isFull ? 500 : 12
    private static let outage = Duration.seconds(Tests.isFull ? 180 : 2)
    /// The longest pause between two probes, of a minute on a kiosk: a full run's outage is one of thirty hours.
    private static let probeCap = 0.1

    private static var settings: KioskSettings {
        var settings = KioskSettings()
        settings.timing = [
            "breakerProbeSeconds": probeCap / 2, "breakerProbeCapSeconds": probeCap,
            "retryCapSeconds": 15 * probeCap,
        ]
        return settings
    }

    @Test(
        "An outage writes nothing; all but the poisoned order settle within ten minutes of its end, at the rate"
    )
    func outage() async throws {
        let relay = try FaultyRelay()
        defer { relay.close() }
        var settings = Self.settings
        settings.baseURL = "https://localhost:\(relay.port)"
        let allowance = Audit.Allowance(openOrders: 1)
        try await Kiosk.run(settings, allowing: allowance, isAudited: false) { kiosk in
            relay.lead(to: kiosk.sandbox.port)
            try kiosk.start()
            // Paid, not delivered, and never to be undone.
            var play = SandboxCase.paid
            play.reverses = .init(repeating: .fails("SYSTEMERROR", recall: true), count: 10_000)
            kiosk.sandbox.script([play])
            let poisoned = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(poisoned, "paid")
            try kiosk.act(poisoned, "undelivered")
            try kiosk.awaitState(poisoned, "undelivered")
            let poison = try kiosk.order(of: poisoned)
            try kiosk.awaitPaper()
            #expect(try kiosk.stop() == .exit(0))

            let seeded = try SeededOrder.storeQueue(Self.orders, in: kiosk, isCharged: true)
            try kiosk.sandbox.setNetwork(.cut)
            try kiosk.start(isReady: false)
            try kiosk.awaitReason("network")
            try Self.sitOut(kiosk, relay)
            try kiosk.kill()
            try kiosk.start(isReady: false)
            #expect(try kiosk.status().queueCount == seeded.count + 1)
            let orders = Set(seeded.map(\.text) + [poison])
            let arrivals = Mutex<[Int64]>([])
            kiosk.sandbox.onEvent { [bell = kiosk.bell] event in
                switch event.kind {
                case .received(.query, _), .received(.reverse, _):
                    guard let order = event.order, orders.contains(order) else { return }
                    arrivals.withLock { $0.append(event.at.nanoseconds) }
                    bell.ring()
                default: break
                }
            }
            try kiosk.sandbox.setNetwork(.up)
            try kiosk.settle(atMost: 1, within: .seconds(600))

            let left = Set(try Self.open(kiosk))
            #expect(left == [poison])
            let times = arrivals.withLock(\.self).sorted()
            // A look, a revoke and a look each.
            #expect(times.count >= 3 * seeded.count)
            let ledger = kiosk.sandbox.ledger()
            #expect(ledger.count { $0.charged != nil } == seeded.count + 1)
            #expect(ledger.filter(\.holdsMoney).map(\.order) == [poison])
            let returned = kiosk.events.events.count { $0.name == "money-returned" }
            #expect(returned == seeded.count)
            // Measured where they arrive: two may be held up on their way and come together.
            let most = Self.requestsPerSecond + 2
            for (first, next) in zip(times, times.dropFirst(most))
            where next - first < 1_000_000_000 {
                Issue.record("\(most + 1) requests within \((next - first) / 1_000_000) ms")
            }
        }
    }

    /// The outage itself: nothing is written, since failed tries of an open breaker are not committed, and what is tried keeps
    /// its pace.
    private static func sitOut(_ kiosk: Kiosk, _ relay: FaultyRelay) throws {
        let before = try stored(kiosk)
        let known = relay.attempts.count
        kiosk.pause(outage)
        let after = try stored(kiosk)
        let written = after.keys.filter { after[$0] != before[$0] }
        #expect(written.isEmpty)
        let seconds = Double(outage.components.seconds)
        let attempts = relay.attempts.count - known
        print("\(attempts) connections tried in \(seconds) s without a network")
        // One probe at a time, and what is opened ahead: every ten seconds, and more often at first (rule B10).
        #expect(Double(attempts) <= seconds / probeCap + seconds / 10 + 5)
        #expect(Double(attempts) >= seconds / probeCap / 2)
    }

    /// What the outage must leave as it is: the journal's files, and the tries that they count.
    private static func stored(_ kiosk: Kiosk) throws -> [String: [UInt8]] {
        let path = kiosk.stateDirectory + "/journal.db"
        let tries = try JournalFile(path).rows("SELECT sum(tries) AS tries FROM revokes")
        return [
            "journal.db": Files.bytes(path) ?? [],
            "journal.db-wal": Files.bytes(path + "-wal") ?? [],
            "tries": Array((tries.first?["tries"] ?? "").utf8),
        ]
    }

    private static func open(_ kiosk: Kiosk) throws -> [String] {
        try JournalFile(kiosk.stateDirectory + "/journal.db")
            .rows("SELECT order_number FROM attempts WHERE state NOT IN ('undone', 'paid', 'void')")
            .compactMap { $0["order_number"] }
    }
}
