import Payments
import TestKit
import Testing

/// Long random walks: every event in every state. Nothing traps, every stored change is one of the two tables, and
/// the invariants below hold after each step.
@Suite("Random walks over every pair of state and event")
struct WalkTests {
    @Test("Two thousand walks of two hundred events")
    func walks() {
        for seed in 1...2_000 {
            var walk = Walk(seed: UInt64(seed))
            for _ in 0..<200 where walk.problem == nil { walk.step() }
            #expect(walk.problem == nil, "seed \(seed): \(walk.problem ?? "")")
            if walk.problem != nil { return }
        }
    }
}

struct Walk {
    private var random: SplitMix64
    private let rig: TillRig
    private(set) var problem: String?
    private var sales: [SaleID: SaleState] = [:]
    private var attempts: [OrderNumber: AttemptState] = [:]
    private var stored = 0
    private var seen = 0
    private var submitted: Set<OrderNumber> = []
    private var orders: [OrderNumber] = []
    private var started: Set<OrderNumber> = []
    private var openSubmits: Set<OrderNumber> = []
    private var openQueries: [OrderNumber] = []
    private var openReverses: [OrderNumber] = []
    private var openRefunds: [OrderNumber] = []
    private var openRefundQueries: [OrderNumber] = []
    private var openProbes = 0
    private var lastSubmitEnd: [OrderNumber: Int64] = [:]
    private var lastEvent: Int64 = 0
    private var settled: Set<OrderNumber> = []
    private var settledByPerson: Set<OrderNumber> = []
    private var history: [String] = []
    private var shown = LightSituation.outOfService

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        rig = TillRig({ $0.sale.maximumAttempts = 3 })
        // The rig has answered the probe of its start itself.
        seen = rig.log.count
        shown = rig.log.lights.last ?? shown
    }

    mutating func step() {
        rig.commitsAtOnce = Int.random(in: 0..<4, using: &random) > 0
        let event = Int.random(in: 0..<22, using: &random)
        act(event)
        observe()
        if let found = problem { problem = ([found] + history.suffix(25)).joined(separator: "\n") }
    }

    private mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    private mutating func act(_ choice: Int) {
        history.append("\(choice) in \(rig.saleState.map { "\($0)" } ?? "none")")
        switch choice {
        case 0: _ = rig.ask()
        case 1:
            rig.scan(
                "13\(String(repeating: "0", count: 14))\(Int.random(in: 10..<99, using: &random))"
            )
        case 2: _ = rig.call(.cancel)
        case 3: _ = rig.call(.claim(key: Bool.random(using: &random) ? "a" : "b"))
        case 4: _ = rig.call(.delivered)
        case 5: _ = rig.call(.undelivered)
        case 6: start()
        case 7: endSubmit()
        case 8, 9: answerQuery()
        case 10: answerReverse()
        case 11: rig.advance(pick([0.5, 2, 5, 10, 30, 90, 4_000]))
        case 12: if openProbes > 0 { openProbes -= 1; rig.send(.probeEnded(.good)) }
        case 13: rig.send(.networkChanged(isReachable: Int.random(in: 0..<4, using: &random) > 0))
        case 14: rig.commit()
        case 15: if Int.random(in: 0..<8, using: &random) == 0 { rig.failCommit() }
        case 16: rig.send(.timerFired(TimerID(purpose: .revokes, serial: 1)))
        case 17: answerRefund()
        case 18: answerRefundQuery()
        case 19: aPersonComes()
        default: rig.send(.deviceChanged(.scanner, .working))
        }
    }

    private mutating func start() {
        guard let order = openSubmits.subtracting(started).sorted().first else { return }
        started.insert(order)
        rig.send(.submitStarted(order))
    }

    /// Ends a submit as a transport can: void only if it never started, an answer only if it did (B5).
    private mutating func endSubmit() {
        guard let order = openSubmits.sorted().first else { return }
        openSubmits.remove(order)
        guard started.contains(order) else {
            rig.send(.submitEnded(order, .neverLeft(reason: "connect")))
            return
        }
        let verdicts: [SubmitOutcome] = [
            .ended(.paid(proof), lastByte: rig.now.boot),
            .ended(.passwordNeeded, lastByte: rig.now.boot),
            .ended(.refused(notEnough), lastByte: rig.now.boot),
            .ended(.unknown(.noReply(reason: "cut")), lastByte: rig.now.boot),
            .ended(.configuration(.code("NOAUTH")), lastByte: rig.now.boot),
        ]
        lastSubmitEnd[order] = rig.time
        rig.send(.submitEnded(order, pick(verdicts)))
    }

    private mutating func answerQuery() {
        guard let order = openQueries.first else { return }
        openQueries.removeFirst()
        let verdicts: [QueryVerdict] =
            TradeState.allCases.map { .notPaid($0, transactionID: nil) }
            + [
                .paid(proof), .orderNotExist, .unknown(.unverified(reason: "sign")),
                .unknown(.httpStatus(502)),
            ]
        rig.send(.queryEnded(order, pick(verdicts)))
    }

    private mutating func answerReverse() {
        guard let order = openReverses.first else { return }
        openReverses.removeFirst()
        let verdicts: [ReverseVerdict] = [
            .accepted(recall: false), .accepted(recall: true), .again(code: "X"),
            .refused(code: "Y"),
            .unknown(.httpStatus(500)), .configuration(.code("Z")),
        ]
        rig.send(.reverseEnded(order, pick(verdicts)))
    }

    private mutating func answerRefund() {
        guard let order = openRefunds.popLast() else { return }
        let verdicts: [RefundVerdict] = [
            .accepted, .again(code: "NOTENOUGH"), .refused(code: "ERROR"),
            .unknown(.noReply(reason: "cut")), .configuration(.certificateRefused),
        ]
        rig.send(.refundEnded(order, pick(verdicts)))
    }

    private mutating func answerRefundQuery() {
        guard let order = openRefundQueries.popLast() else { return }
        let verdicts: [RefundQueryVerdict] = [
            .refunded, .processing, .refundNotExist, .stuck(state: "CHANGE"),
            .unknown(.noReply(reason: "cut")), .configuration(.code("SIGNERROR")),
        ]
        rig.send(.refundQueryEnded(order, pick(verdicts)))
    }

    /// Settles or retries an order, whatever it is doing.
    private mutating func aPersonComes() {
        guard let order = rig.till.revokeEntries(limit: 50).map(\.row.order).last else { return }
        let outcome = pick(SettlementOutcome.allCases)
        let calls: [RevokeCall] = [.retry, .settle(outcome, note: "checked", by: "Li")]
        rig.send(.revokeCalled(RequestID(3), order, pick(calls), stored: nil))
    }

    /// Looks at everything that is new, in order.
    private mutating func observe() {
        for row in rig.journal[stored...] { check(row) }
        stored = rig.journal.count
        for action in rig.log[seen...] { check(action) }
        seen = rig.log.count
        checkInvitation()
    }

    /// A code that the lights ask for is taken (interfaces, 4): tried on a copy, with a code that nobody has shown.
    private mutating func checkInvitation() {
        guard shown == .presentCode else { return }
        var till = rig.till
        let code = ScannedCode(recognising: "150000000000000000")
        let actions = till.handle(.codeScanned(code, CodeFingerprint("invited")), at: rig.now)
        let isTaken = actions.contains { if case .prepareSubmit = $0 { true } else { false } }
        if !isTaken { problem = "the lights ask for a code that is not taken" }
    }

    private mutating func check(_ row: Row) {
        switch row {
        case .sale(let sale):
            let last = sales[sale.id]
            // A record that failed leaves a hole: what follows it may skip a state.
            if let last, last != sale.state, !isAllowed(last, sale.state), !hadFailure {
                problem = "sale \(last) -> \(sale.state)"
            }
            if let last, last.isFinal, last != sale.state {
                problem = "sale \(last) -> \(sale.state)"
            }
            sales[sale.id] = sale.state
        case .attempt(let attempt):
            let last = attempts[attempt.order]
            if let last, last != attempt.state, !isAllowed(last, attempt.state) {
                problem = "attempt \(last) -> \(attempt.state)"
            }
            attempts[attempt.order] = attempt.state
        case .revoke(let revoke):
            if settled.contains(revoke.order), revoke.settled == nil {
                problem = "a settled order is open again"
            }
            if revoke.settled != nil { settled.insert(revoke.order) }
        case .settlement(let word):
            if !settledByPerson.insert(word.order).inserted {
                problem = "settled twice by a person"
            }
        case .event(let event):
            if event.id != lastEvent + 1 { problem = "event \(event.id) after \(lastEvent)" }
            lastEvent = event.id
        }
    }

    private var hadFailure: Bool { rig.failures > 0 }

    /// `cancelling` is passed through in memory: it ends with the commit that makes it `cancelled` (B9).
    private func isAllowed(_ from: SaleState, _ to: SaleState) -> Bool {
        from.next.contains(to) || (to == .cancelled && from.next.contains(.cancelling))
    }

    /// `submitted` is passed through in memory; the journal may skip it, since prepared counts as submitted (A1).
    private func isAllowed(_ from: AttemptState, _ to: AttemptState) -> Bool {
        from.next.contains(to) || (from == .prepared && AttemptState.submitted.next.contains(to))
            || (hadFailure && !from.isFinal)
    }

    private mutating func check(_ action: TillAction) {
        switch action {
        case .submit(let order, _, _, _):
            if attempts[order] == nil { problem = "submit before its row is stored (A1)" }
            if !submitted.insert(order).inserted { problem = "submitted twice" }
            openSubmits.insert(order)
        case .query(let order, _):
            openQueries.append(order)
        case .reverse(let order):
            if openSubmits.contains(order) { problem = "revoke while the submit is open (C2)" }
            if let end = lastSubmitEnd[order], rig.time - end < 15_000_000_000 {
                problem = "revoke \(Double(rig.time - end) / 1e9) s after the submit (C2)"
            }
            if openReverses.contains(order) { problem = "two revokes of one order at once (C4)" }
            openReverses.append(order)
        case .refund(let order, _):
            if attempts[order] != .refunding {
                problem = "refund before its decision is stored (A1)"
            }
            if openReverses.contains(order) || openRefunds.contains(order) {
                problem = "two steps of one order at once (C4)"
            }
            openRefunds.append(order)
        case .refundQuery(let order, _):
            openRefundQueries.append(order)
        case .probe:
            openProbes += 1
            if openProbes > 1 { problem = "two probes at once (C4)" }
        case .announce(let event):
            if event.kind == .releaseOffered, let sale = event.sale, sales[sale] == .awaitingCode {
                problem = "offered before Paid is stored (D1)"
            }
        case .print(let slip):
            if case .receipt = slip.kind, !attempts.values.contains(.paid) {
                problem = "receipt without Paid (D4)"
            }
        case .show(let display):
            shown = display.situation
        case .record, .prepareSubmit, .abandonSubmit, .openAhead, .arm, .disarm, .notice, .answer,
            .rememberReturn, .discardScans, .stop:
            break
        }
    }
}
