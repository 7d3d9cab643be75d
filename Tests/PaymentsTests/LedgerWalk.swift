import Payments
import TestKit

/// One walk: a till, the rows it stored, and a platform that keeps a ledger, under a policy of its seed.
struct LedgerWalk {
    enum Ask {
        case query(OrderNumber, QueryVerdict?)
        case reverse(OrderNumber)
        case refund(OrderNumber)
        case refundQuery(OrderNumber)
    }

    struct Submit {
        var isStarted = false
        var verdict: SubmitVerdict?
        var isAbandoned = false
    }

    var random: SplitMix64
    var rig: TillRig
    var platform = PlatformModel()
    var problem: String?
    var history: [String] = []

    var submits: [OrderNumber: Submit] = [:]
    var asks: [Ask] = []
    var openProbes = 0

    var nextRequest: UInt64 = 1
    var openRequests: Set<RequestID> = []
    var wasReportedDelivered: Set<SaleID> = []
    var wasReportedUndelivered: Set<SaleID> = []

    var seenRows = 0
    var seenActions = 0
    var sales: [SaleID: SaleRow] = [:]
    var attempts: [OrderNumber: AttemptRow] = [:]
    var submitted: Set<OrderNumber> = []
    var reversing: Set<OrderNumber> = []
    var lastEvent: Int64 = 0
    /// Seconds that pass whatever the boot clock does.
    var seconds = 0.0
    var submitEnds: [OrderNumber: Double] = [:]

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

    mutating func explain() {
        problem = problem.map { $0 + "\n" + history.suffix(60).joined(separator: "\n") }
    }

    mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &random) }

    mutating func act(_ choice: Int) {
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

    mutating func pass(_ time: Double) {
        // Small steps, so that a revoke is seen when it leaves.
        for _ in 0..<Int(time * 4) + 1 {
            seconds += 0.25
            rig.advance(0.25)
            observe()
        }
    }

    mutating func request() -> RequestID {
        defer { nextRequest += 1 }
        openRequests.insert(RequestID(nextRequest))
        return RequestID(nextRequest)
    }

    mutating func askForSale() {
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

    mutating func call(_ call: SaleCall) {
        guard let sale = rig.till.activeSale else { return }
        rig.send(.saleCalled(request(), sale.id, call, stored: nil, attempts: []))
    }

    mutating func claim() {
        guard let sale = rig.till.activeSale, !wasReportedUndelivered.contains(sale.id) else {
            return
        }
        call(.claim(key: "key"))
    }

    /// An honest application: what it said once it does not take back.
    mutating func reportDelivered() {
        guard let sale = rig.till.activeSale, [.paid, .delivering].contains(sale.state),
            !wasReportedUndelivered.contains(sale.id)
        else { return }
        wasReportedDelivered.insert(sale.id)
        call(.delivered)
    }

    mutating func reportUndelivered() {
        guard let sale = rig.till.activeSale, [.paid, .delivering].contains(sale.state),
            !wasReportedDelivered.contains(sale.id)
        else { return }
        wasReportedUndelivered.insert(sale.id)
        call(.undelivered)
    }

    // MARK: - The wire

    mutating func startSubmit() {
        guard let order = submits.keys.sorted().first(where: { submits[$0]?.isStarted == false })
        else { return }
        submits[order]?.isStarted = true
        rig.send(.submitStarted(order))
        // The platform may work on it long before its reply is here, or never see it.
        if roll(2) == 0 { submits[order]?.verdict = platform.submit(order, using: &random) }
    }

    mutating func endSubmit(hasFaults: Bool) {
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

    mutating func answer(hasFaults: Bool) {
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

    mutating func endProbe(_ results: [ProbeResult]) {
        guard openProbes > 0 else { return }
        openProbes -= 1
        rig.send(.probeEnded(results[roll(results.count)]))
    }

    // MARK: - Restart

    /// Killed at any instant: some of what was handed over is stored, what is on the wire may arrive once more.
    mutating func restart() {
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
}
