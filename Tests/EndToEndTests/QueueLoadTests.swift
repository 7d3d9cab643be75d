import Payments
import Sandbox
import Synchronization
import TestKit
import Testing

@Suite("A long revoke queue, end to end (C4)", .enabled(if: Tests.isFull, "takes two minutes"))
struct QueueLoadTests {
    private static let orders = 2_000
    private static let requestsPerSecond = 5.0
    private static let window = Duration.seconds(60)

    @Test("Requests leave at the configured rate, within 5 %, and memory does not grow")
    func longQueue() async throws {
        var settings = KioskSettings()
        settings.hasPrinter = false
        // The queue is not worked off: it would take half an hour.
        let allowance = Audit.Allowance(openOrders: Self.orders)
        try await Kiosk.run(settings, allowing: allowance, isAudited: false) { kiosk in
            try kiosk.start()
            #expect(try kiosk.stop() == .exit(0))
            let seeded = try SeededOrder.storeQueue(Self.orders, in: kiosk)
            let orders = Set(seeded.map(\.text))
            let arrivals = Mutex<[Int64]>([])
            kiosk.sandbox.onEvent { event in
                switch event.kind {
                case .received(.query, let first), .received(.reverse, let first):
                    guard let order = event.order, orders.contains(order) else { return }
                    arrivals.withLock { $0.append(first.nanoseconds) }
                default: break
                }
            }
            try kiosk.start(isReady: false)
            try kiosk.wait("the queue to be under way") { arrivals.withLock(\.count) >= 50 }
            let known = arrivals.withLock(\.count)
            let before = try Self.residentBytes(kiosk)
            kiosk.pause(Self.window)
            let after = try Self.residentBytes(kiosk)
            let times = arrivals.withLock { $0.dropFirst(known).sorted() }
            let span = Double((times.last ?? 0) - (times.first ?? 0)) / 1e9
            let rate = Double(times.count - 1) / span
            print("\(rate) requests per second, \(before) bytes resident, then \(after)")
            #expect((rate - Self.requestsPerSecond).magnitude <= Self.requestsPerSecond * 0.05)
            #expect(after - before <= 1 << 20)
            #expect(try kiosk.status().queueCount <= Self.orders)
        }
    }

    /// `VmRSS` of the daemon.
    private static func residentBytes(_ kiosk: Kiosk) throws -> Int {
        let status = Files.text("/proc/\(try kiosk.running().pid)/status")
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        guard let number = kibibytes.flatMap({ Int($0) }) else { throw HarnessError("VmRSS") }
        return number * 1024
    }
}
