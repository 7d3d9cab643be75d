import Payments
import Testing

/// Long random walks with restarts against a platform that keeps a ledger, under every policy. After the faults stop,
/// every order must have an end that the ledger agrees with.
@Suite("Random walks against a platform's ledger, with restarts")
struct LedgerWalkTests {
    @Test(
        "Whatever fails, no payment is lost, doubled or left unknown (A1, B1, B6, C1, C3, D1, G3)"
    )
    func walks() {
        for seed in 1...800 {
            var walk = LedgerWalk(seed: UInt64(seed))
            for _ in 0..<150 where walk.problem == nil { walk.step() }
            walk.settle()
            #expect(walk.problem == nil, "seed \(seed): \(walk.problem ?? "")")
            if walk.problem != nil { return }
        }
    }
}

struct LedgerWalk {
    private enum Ask {
        case query(OrderNumber, QueryVerdict?)
        case reverse(OrderNumber)
        case refund(OrderNumber)
        case refundQuery(OrderNumber)
    }

    private struct Submit {
        var isStarted = false
        var verdict: SubmitVerdict?
        var isAbandoned = false
    }

    private var random: SplitMix64
    private var rig: TillRig
    private var platform = PlatformModel()
    private(set) var problem: String?
    private var history: [String] = []

    private var submits: [OrderNumber: Submit] = [:]
    private var asks: [Ask] = []
    private var openProbes = 0

    private var nextRequest: UInt64 = 1
    private var openRequests: Set<RequestID> = []
    private var wasReportedDelivered: Set<SaleID> = []
    private var wasReportedUndelivered: Set<SaleID> = []

    private var seenRows = 0
    private var seenActions = 0
    private var sales: [SaleID: SaleRow] = [:]
    private var attempts: [OrderNumber: AttemptRow] = [:]
    private var submitted: Set<OrderNumber> = []
    private var reversing: Set<OrderNumber> = []
    private var lastEvent: Int64 = 0
    /// Seconds that pass whatever the boot clock does.
    private var seconds = 0.0
    private var submitEnds: [OrderNumber: Double] = [:]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        let claimed = SalePolicy.ClaimedUnreported.allCases[Int(seed % 3)]
        let isFixed = seed.isMultiple(of: 4)
        rig = TillRig(
            {
                $0.sale.maximumAttempts = 3
                $0.sale.claimedUnreported = claimed
                $0.sale.autoDeliver = seed % 5 == 0 || isFixed
                if isFixed, let amount = Money(minorUnits: 500, currency: .cny) {
                    $0.sale.fixedItem = .init(amount: amount, description: "Wash")
                }
            },
            seed: seed
        )
        seenActions = 0
    }

    // MARK: - Steps

    mutating func step() {
        rig.commitsAtOnce = roll(4) > 0
        let choice = roll(24)
        history.append("\(choice) in \(rig.saleState.map { "\($0)" } ?? "none")")
        act(choice)
        observe()
        explain()
    }

    private mutating func explain() {
        problem = problem.map { $0 + "\n" + history.suffix(60).joined(separator: "\n") }
    }

    private mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &random) }

    private mutating func act(_ choice: Int) {
        switch choice {
        case 0, 1: askForSale()
        case 2, 3: rig.scan("13\(String(repeating: "0", count: 14))\(10 + roll(90))")
        case 4: if roll(4) == 0 { call(.cancel) }
        case 5: claim()
        case 6: reportDelivered()
        case 7: if roll(3) == 0 { reportUndelivered() }
        case 8, 9: startSubmit()
        case 10, 11: endSubmit(hasFaults: true)
        case 12, 13: answer(hasFaults: true)
        case 14:
            platform.payerActs(using: &random)
            platform.bankActs(using: &random)
            if roll(4) == 0, let order = submitted.sorted().last { platform.growsOld(order) }
        case 15, 16: pass([0.2, 1, 2, 5, 10, 20, 61][roll(7)])
        case 17: endProbe([.good, .good, .unreachable, .fault(.certificateRefused)])
        case 18: rig.send(.networkChanged(isReachable: roll(4) > 0))
        case 19, 20: rig.commit()
        case 21: if roll(6) == 0 { rig.failCommit() }
        case 22: if roll(4) == 0 { restart() }
        default: if roll(20) == 0 { rig.send(.serviceModeAsked(.normal)) }
        }
    }

    private mutating func pass(_ time: Double) {
        // Small steps, so that a revoke is seen when it leaves.
        for _ in 0..<Int(time * 4) + 1 {
            seconds += 0.25
            rig.advance(0.25)
            observe()
        }
    }

    private mutating func request() -> RequestID {
        defer { nextRequest += 1 }
        openRequests.insert(RequestID(nextRequest))
        return RequestID(nextRequest)
    }

    private mutating func askForSale() {
        guard let amount = Money(minorUnits: 200, currency: .cny) else { return }
        let wish = SaleRequest(
            amount: amount,
            description: "Locker",
            reference: nil,
            idempotencyKey: nil,
            bodyHash: nil
        )
        rig.send(.saleAsked(request(), wish, stored: nil))
    }

    private mutating func call(_ call: SaleCall) {
        guard let sale = rig.till.activeSale else { return }
        rig.send(.saleCalled(request(), sale.id, call, stored: nil, attempts: []))
    }

    private mutating func claim() {
        guard let sale = rig.till.activeSale, !wasReportedUndelivered.contains(sale.id) else {
            return
        }
        call(.claim(key: "key"))
    }

    /// An honest application: what it said once it does not take back.
    private mutating func reportDelivered() {
        guard let sale = rig.till.activeSale, [.paid, .delivering].contains(sale.state),
            !wasReportedUndelivered.contains(sale.id)
        else { return }
        wasReportedDelivered.insert(sale.id)
        call(.delivered)
    }

    private mutating func reportUndelivered() {
        guard let sale = rig.till.activeSale, [.paid, .delivering].contains(sale.state),
            !wasReportedDelivered.contains(sale.id)
        else { return }
        wasReportedUndelivered.insert(sale.id)
        call(.undelivered)
    }

    // MARK: - The wire

    private mutating func startSubmit() {
        guard let order = submits.keys.sorted().first(where: { submits[$0]?.isStarted == false })
        else { return }
        submits[order]?.isStarted = true
        rig.send(.submitStarted(order))
        // The platform may work on it long before its reply is here, or never see it.
        if roll(2) == 0 { submits[order]?.verdict = platform.submit(order, using: &random) }
    }

    private mutating func endSubmit(hasFaults: Bool) {
        guard let order = submits.keys.sorted().first, let submit = submits[order] else { return }
        submits[order] = nil
        guard submit.isStarted else {
            rig.send(.submitEnded(order, .neverLeft(reason: "connect")))
            return
        }
        submitEnds[order] = seconds
        var verdict = submit.verdict
        let isLost = submit.isAbandoned || (hasFaults && roll(4) == 0)
        if isLost {
            // Lost on the way there or on the way back.
            if verdict == nil, roll(2) == 0 { _ = platform.submit(order, using: &random) }
            let causes: [UnknownCause] = [
                .noReply(reason: "cut"), .httpStatus(502), .unverified(reason: "sign"),
            ]
            verdict = .unknown(causes[roll(submit.isAbandoned ? 1 : 3)])
        }
        let answer = verdict ?? platform.submit(order, using: &random)
        rig.send(.submitEnded(order, .ended(answer, lastByte: rig.now.boot)))
    }

    private mutating func answer(hasFaults: Bool) {
        guard !asks.isEmpty else { return }
        let ask = asks.remove(at: hasFaults ? roll(asks.count) : 0)
        let isLost = hasFaults && roll(4) == 0
        switch ask {
        case .query(let order, let early):
            let verdict = early ?? platform.query(order)
            rig.send(.queryEnded(order, isLost ? .unknown(.noReply(reason: "cut")) : verdict))
        case .reverse(let order):
            reversing.remove(order)
            var verdict = ReverseVerdict.unknown(.noReply(reason: "cut"))
            if !isLost || roll(2) == 0 {
                let real = platform.reverse(order, using: &random)
                if !isLost { verdict = real }
            }
            if hasFaults, !isLost, roll(8) == 0 { verdict = .accepted(recall: true) }
            rig.send(.reverseEnded(order, verdict))
        case .refund(let order):
            reversing.remove(order)
            var verdict = RefundVerdict.unknown(.noReply(reason: "cut"))
            if !isLost || roll(2) == 0 {
                let real = platform.refund(order, using: &random)
                if !isLost { verdict = real }
            }
            rig.send(.refundEnded(order, verdict))
        case .refundQuery(let order):
            let verdict = platform.refundQuery(order)
            rig.send(.refundQueryEnded(order, isLost ? .unknown(.httpStatus(502)) : verdict))
        }
    }

    private mutating func endProbe(_ results: [ProbeResult]) {
        guard openProbes > 0 else { return }
        openProbes -= 1
        rig.send(.probeEnded(results[roll(results.count)]))
    }

    // MARK: - Restart

    /// Killed at any instant: some of what was handed over is stored, what is on the wire may arrive once more.
    private mutating func restart() {
        history.append("restart")
        for _ in 0..<roll(3) { rig.commit() }
        observe()
        for order in submits.keys.sorted() {
            if submits[order]?.isStarted == true, submits[order]?.verdict == nil, roll(2) == 0 {
                _ = platform.submit(order, using: &random)
            }
            if submits[order]?.isStarted == true { submitEnds[order] = seconds }
        }
        for ask in asks where roll(2) == 0 {
            switch ask {
            case .reverse(let order): _ = platform.reverse(order, using: &random)
            case .refund(let order): _ = platform.refund(order, using: &random)
            case .query, .refundQuery: break
            }
        }
        submits = [:]
        asks = []
        reversing = []
        openProbes = 0
        openRequests = []
        rig = rig.restarted(sameBoot: roll(2) == 0, commitsAtOnce: rig.commitsAtOnce)
        seenActions = 0
    }

    // MARK: - The end

    /// The faults stop, the platform answers everything truthfully, applications report: every order finds its end.
    mutating func settle() {
        guard problem == nil else { return }
        rig.commitsAtOnce = true
        while rig.hasUncommitted { rig.commit() }
        rig.send(.deviceChanged(.scanner, .working))
        for round in 0..<3_000 {
            rig.send(.networkChanged(isReachable: true))
            while openProbes > 0 { endProbe([.good]) }
            if let sale = rig.till.activeSale, sale.state == .delivering, round > 200 {
                // A person looks at last (rule D3).
                wasReportedUndelivered.contains(sale.id) ? call(.undelivered) : call(.delivered)
            }
            for _ in 0..<submits.count {
                startSubmit()
                endSubmit(hasFaults: false)
            }
            observe()
            for _ in 0..<asks.count { answer(hasFaults: false) }
            observe()
            platform.bankActs(using: &random)
            guard problem == nil else { break }
            if round > 60, isQuiet { break }
            pass(5)
            observe()
        }
        if problem == nil { judge() }
        explain()
    }

    private var isQuiet: Bool {
        rig.till.activeSale == nil && rig.till.revokeQueue.count == rig.till.revokeQueue.parked
            && asks.isEmpty
            && submits.isEmpty && rig.till.reasons.isEmpty
    }

    private mutating func judge() {
        if !isQuiet {
            problem =
                "no end: \(rig.saleState.map { "\($0)" } ?? "no sale"), "
                + "\(rig.till.revokeQueue.count) in the queue, \(rig.till.reasons)"
            return
        }
        if !openRequests.isEmpty { problem = "\(openRequests.count) calls without an answer" }
        for order in submitted.sorted() { judge(order) }
        for sale in sales.values { judge(sale) }
    }

    private mutating func judge(_ order: OrderNumber) {
        guard let attempt = attempts[order], let sale = sales[attempt.sale] else {
            problem = "an order without rows"
            return
        }
        switch attempt.state {
        case .paid:
            if sale.state != .delivered { problem = "paid, and the sale is \(sale.state)" }
            if !platform.isCharged(order) { problem = "delivered for nothing (B1)" }
        case .undone:
            if platform.isCharged(order) { problem = "undone, and still charged (C3)" }
            let isReturned = attempt.outcome == "returned"
            if isReturned, !platform.wasCharged(order) { problem = "returned what was not taken" }
        case .refunded:
            if platform.isCharged(order) { problem = "refunded, and still charged (C5)" }
            if !platform.wasCharged(order) { problem = "refunded what was not taken (C5)" }
        case .parked:
            judgeParked(order, sale)
        case .void:
            if platform.wasCharged(order) { problem = "void, and charged (B5)" }
        default:
            problem = "an order ends as \(attempt.state)"
        }
    }

    /// Parked is only what the kiosk cannot end: a refund that is stuck, a revoke that is refused for ever, goods that may
    /// have left.
    private mutating func judgeParked(_ order: OrderNumber, _ sale: SaleRow) {
        let isStuck = platform.orders[order]?.refund == .change
        let isRefused = platform.orders[order]?.refusesRevoke == true
        let isUnreported = sale.reason == "claimed-unreported"
        if !isStuck, !isRefused, !isUnreported { problem = "parked for no reason (C5)" }
    }

    private mutating func judge(_ sale: SaleRow) {
        let orders = attempts.values.filter { $0.sale == sale.id }.map(\.order)
        if orders.filter({ platform.isCharged($0) }).count > 1 { problem = "charged twice" }
        let wasCharged = orders.contains { platform.wasCharged($0) }
        if !sale.state.isFinal { problem = "a sale ends as \(sale.state)" }
        switch sale.truth {
        case "nothing-taken":
            if wasCharged { problem = "told nothing was taken, and it was (G3)" }
        case "being-returned":
            if !wasCharged { problem = "told a return of nothing (G3)" }
        case "paid":
            if sale.state != .delivered, sale.reason != "claimed-unreported" {
                problem = "told paid, and the sale is \(sale.state)"
            }
        default: break
        }
    }

    // MARK: - Invariants

    private mutating func observe() {
        for row in rig.journal[seenRows...] { check(row) }
        seenRows = rig.journal.count
        while seenActions < rig.log.count {
            check(rig.log[seenActions])
            seenActions += 1
        }
    }

    private mutating func check(_ row: Row) {
        switch row {
        case .sale(let sale):
            if let last = sales[sale.id], last.state.isFinal, last.state != sale.state {
                problem = "sale \(last.state) -> \(sale.state)"
            }
            sales[sale.id] = sale
        case .attempt(let attempt):
            if let last = attempts[attempt.order], last.state.isFinal, last.state != attempt.state {
                problem = "attempt \(last.state) -> \(attempt.state)"
            }
            let twin = attempts.values.first {
                $0.sale == attempt.sale && $0.ordinal == attempt.ordinal
                    && $0.order != attempt.order
            }
            if twin != nil { problem = "two attempts of a sale with one ordinal" }
            attempts[attempt.order] = attempt
        case .revoke(let revoke):
            if attempts[revoke.order] == nil { problem = "a revoke without its attempt" }
        case .settlement:
            problem = "settled by nobody"
        case .event(let event):
            if event.id != lastEvent + 1 { problem = "event \(event.id) after \(lastEvent)" }
            lastEvent = event.id
        }
    }

    private mutating func check(_ action: TillAction) {
        switch action {
        case .submit(let order, _, _, _):
            if attempts[order] == nil { problem = "submit before its row is stored (A1)" }
            if !submitted.insert(order).inserted { problem = "submitted twice (A2)" }
            submits[order] = Submit()
        case .abandonSubmit(let order):
            submits[order]?.isAbandoned = true
        case .query(let order, _):
            asks.append(.query(order, roll(2) == 0 ? platform.query(order) : nil))
        case .reverse(let order):
            checkReverse(order)
            asks.append(.reverse(order))
        case .refund(let order, _):
            if attempts[order]?.state != .refunding {
                problem = "refund before its decision is stored (A1)"
            }
            if !reversing.insert(order).inserted { problem = "two steps of one order at once (C4)" }
            asks.append(.refund(order))
        case .refundQuery(let order, _):
            asks.append(.refundQuery(order))
        case .probe:
            openProbes += 1
        case .answer(let request, let answer):
            if openRequests.remove(request) == nil { problem = "a second answer (\(answer))" }
        case .announce(let event):
            check(event)
        case .print(let slip):
            if case .receipt = slip.kind, let order = slip.order, attempts[order]?.state != .paid {
                problem = "a receipt without Paid (D4)"
            }
        case .record, .prepareSubmit, .openAhead, .arm, .disarm, .show, .notice, .discardScans,
            .stop:
            break
        }
    }

    private mutating func checkReverse(_ order: OrderNumber) {
        if submits[order] != nil { problem = "revoke while the submit is open (C2)" }
        if let end = submitEnds[order], seconds - end < 15 {
            problem = "revoke \(seconds - end) s after the submit (C2)"
        }
        if !reversing.insert(order).inserted { problem = "two revokes of one order at once (C4)" }
        if let attempt = attempts[order], sales[attempt.sale]?.state == .delivered,
            attempt.state == .paid
        {
            problem = "revoke after delivery (C1)"
        }
    }

    private mutating func check(_ event: EventRow) {
        guard event.kind == .releaseOffered, let sale = event.sale.flatMap({ sales[$0] }) else {
            return
        }
        if sale.paid == nil || sale.transactionID == nil {
            problem = "offered before Paid is stored (D1)"
        }
    }
}
