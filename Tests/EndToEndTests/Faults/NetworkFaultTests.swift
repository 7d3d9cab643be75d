import Sandbox
import Synchronization
import Testing

/// The network goes wrong at every byte of a payment's exchanges, one after the other.
@Suite("Faults of the network at every byte, end to end (B3, B5, C2, C4)")
struct NetworkFaultTests {
    /// What the exchanges are: a payment at once, one that is asked for, one that is undone.
    private static let plays = ["paid", "password-then-paid", "late-payment"]
    /// Bytes of one direction in a quick run.
    private static let fewBytes = 4
    /// What an audit reads grows with every visit, so a full run takes a new kiosk after so many.
    private static let plansPerKiosk = 100
    /// An audit costs more than a visit.
    private static let plansPerAudit = 20
    /// A slip takes half a second to print, and a full run makes tens of thousands of visits: it does without.
    private static let hasPrinter = !Tests.isFull

    /// A query may be sent again as it is when a kept connection turns out dead; only a submit may not (rule B5).
    private static let allowance = Audit.Allowance(
        violations: ["nonce-repeated"],
        missingSlips: !hasPrinter
    )

    struct Walk: CustomTestStringConvertible, Sendable {
        let play: String
        let direction: FaultyRelay.Direction
        /// With a handshake before the first request.
        let isFresh: Bool
        /// The one that strikes everywhere; `nil` for each in turn, another one at each byte.
        let fault: FaultyRelay.Fault?

        var testDescription: String {
            let faults = fault?.rawValue ?? "each fault in turn"
            return
                "\(play), \(direction.rawValue), \(isFresh ? "new" : "kept") connection, \(faults)"
        }

        /// A full run lets each fault strike at every byte of the whole payment.
        static let all = plays.flatMap { play in
            FaultyRelay.Direction.allCases.flatMap { direction in
                let isFresh = play == "paid"
                let faults: [FaultyRelay.Fault?] =
                    Tests.isFull && isFresh ? FaultyRelay.Fault.allCases : [nil]
                return faults.map {
                    Walk(play: play, direction: direction, isFresh: isFresh, fault: $0)
                }
            }
        }
    }

    private static func run(
        _ body: @escaping @Sendable (Application, FaultyRelay) throws -> Void
    ) async throws {
        let relay = try FaultyRelay()
        defer { relay.close() }
        var settings = KioskSettings()
        settings.baseURL = "https://localhost:\(relay.port)"
        settings.hasPrinter = hasPrinter
        try await Kiosk.run(settings, allowing: Self.allowance) { kiosk in
            relay.lead(to: kiosk.sandbox.port)
            try kiosk.start()
            let application = Application(kiosk, .claims)
            try body(application, relay)
            relay.arm(nil)
            try kiosk.payOnce()
        }
    }

    @Test("Whatever happens at a byte, every charge is released or returned", arguments: Walk.all)
    func everyByte(_ walk: Walk) async throws {
        let progress = Mutex<Progress?>(nil)
        while progress.withLock({ $0?.left.isEmpty != true }) {
            try await Self.run { application, relay in
                var mine = try progress.withLock(\.self) ?? Self.begin(walk, application, relay)
                let plans = Array(mine.left.prefix(Self.plansPerKiosk))
                for first in stride(from: 0, to: plans.count, by: Self.plansPerAudit) {
                    let some = Array(plans[first...].prefix(Self.plansPerAudit))
                    mine.missed += try Self.check(some, walk, application, relay)
                }
                mine.left.removeFirst(plans.count)
                progress.withLock { $0 = mine }
            }
        }
        let end = try #require(progress.withLock { $0 })
        end.reach.report(
            walk.testDescription,
            places: end.plans.map(\.byte),
            missed: end.missed
        )
    }

    /// Of a walk, from one kiosk to the next.
    private struct Progress {
        let reach: Reach
        let plans: [FaultyRelay.Plan]
        var left: ArraySlice<FaultyRelay.Plan>
        /// Bytes at which nothing went wrong in any play.
        var missed: [Int] = []
    }

    private static func begin(
        _ walk: Walk,
        _ application: Application,
        _ relay: FaultyRelay,
    ) throws -> Progress {
        let reach = try Reach {
            try play(walk, application, relay, nil)
            return relay.passed(walk.direction)
        }
        #expect(reach.sure > 300, "\(walk)")
        let plans = plans(walk, reach.most)
        return Progress(reach: reach, plans: plans, left: plans[...])
    }

    /// Plays each until it has struck; the bytes of those that never did.
    private static func check(
        _ plans: [FaultyRelay.Plan],
        _ walk: Walk,
        _ application: Application,
        _ relay: FaultyRelay,
    ) throws -> [Int] {
        let missed = try Replays.run(plans) { plan in
            do {
                try play(walk, application, relay, plan)
                return relay.hasStruck
            } catch {
                throw HarnessError("\(walk.testDescription), \(plan): \(error)")
            }
        }
        let names = plans.map(\.description).joined(separator: ", ")
        for finding in try application.lastingFindings(allowance) {
            Issue.record("\(walk.testDescription), one of \(names): \(finding)")
        }
        return missed.map(\.byte)
    }

    @Test(
        "A kept connection that goes wrong while nobody uses it costs no payment",
        arguments: FaultyRelay.Fault.allCases
    )
    func idle(_ fault: FaultyRelay.Fault) async throws {
        try await Self.run { application, relay in
            for _ in 0..<(Tests.isFull ? 30 : 2) {
                try application.kiosk.awaitReady()
                relay.strike(fault)
                try Self.visit(application, "paid")
                try application.kiosk.settle()
                if Self.hasPrinter { try application.kiosk.awaitPaper() }
            }
            for finding in try application.lastingFindings(Self.allowance) {
                Issue.record("\(finding)")
            }
        }
    }

    /// In a full run every byte of the whole payment, and every eighth of the other plays, which go on after it; in a quick one
    /// a few.
    private static func plans(_ walk: Walk, _ count: Int) -> [FaultyRelay.Plan] {
        let bytes =
            Tests.isFull
            ? Array(stride(from: 0, through: count, by: walk.fault == nil ? 8 : 1))
            : (0..<fewBytes).map { 1 + $0 * count / fewBytes }
        let faults = FaultyRelay.Fault.allCases
        return bytes.enumerated().map { place, byte in
            FaultyRelay.Plan(
                direction: walk.direction,
                byte: byte,
                fault: walk.fault ?? faults[place % faults.count]
            )
        }
    }

    private static func play(
        _ walk: Walk,
        _ application: Application,
        _ relay: FaultyRelay,
        _ plan: FaultyRelay.Plan?,
    ) throws {
        let kiosk = application.kiosk
        try kiosk.awaitReady()
        // First: the daemon opens the next connection at once (rule B10), and its handshake counts from the first byte.
        relay.arm(plan)
        if walk.isFresh { relay.strike(.cut) }
        try visit(application, walk.play)
        try kiosk.settle()
        if hasPrinter { try kiosk.awaitPaper() }
    }

    /// A customer who shows one code and goes when it is not taken.
    private static func visit(_ application: Application, _ play: String) throws {
        let kiosk = application.kiosk
        let sale = try application.sellPatiently()
        let known = kiosk.events.events.count
        kiosk.show(try named(play))
        var left = false
        try kiosk.wait("the end of the visit") {
            let mine = kiosk.events.events.filter { $0.name == "sale" && $0.sale == sale.id }
            switch mine.last?.state {
            case "paid":
                try application.finish(try kiosk.sale(sale.id))
                return false
            case "delivered", "undelivered", "expired", "cancelled": return true
            default: break
            }
            let isRefused =
                mine.last?.state == "declined"
                || kiosk.events.events.dropFirst(known).contains {
                    $0.notice?.hasPrefix("cannot-take-code") == true
                }
            if isRefused, !left {
                left = true
                try kiosk.act(sale, "cancel")
            }
            return false
        }
    }
}
