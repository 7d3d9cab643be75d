import Payments

/// Something that must hold in every history, written from the payment rules and not from the machine's code.
protocol Invariant {
    /// Shown every fact; the books are as they were before it. Returns what is wrong, if anything is.
    mutating func saw(_ fact: Fact, _ books: Books) -> String?

    /// Faults have stopped and everything is quiet: what must be true then.
    mutating func closed(_ books: Books) -> String?
}

extension Invariant {
    mutating func closed(_ books: Books) -> String? { nil }
}

/// A promise that was not kept.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// The rule of the payment rules, or what else was agreed.
    package let rule: String
    package let sentence: String

    package var description: String { "\(rule): \(sentence)" }

    /// What is wrong without the names and numbers that are this history's own: equal for two histories that break the same
    /// promise in the same way.
    package var kind: String {
        let words = sentence.split(separator: " ").map { word in
            word.utf8.contains { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ? "…" : String(word)
        }
        return "\(rule): \(words.joined(separator: " "))"
    }
}

/// Every invariant at once; the first broken one is kept.
struct Audit {
    private(set) var violation: Violation?

    private var intent = IntentBeforeAct()
    private var copy = CopyUntouched()
    private var takenOver = TakenOver()
    private var numbers = OrderNumbersUnique()
    private var proof = PaidIsProven()
    private var live = OneLiveAttempt()
    private var void = VoidNeverArrived()
    private var codes = CodesOnce()
    private var cancel = CancelWins()
    private var owner = EveryChargeOwned()
    private var oneCharge = OneChargePerSale()
    private var timing: RevokeTiming
    private var settling: SettledIsProven
    private var refusal = RefusalConfirmed()
    private var pace: QueuePace
    private var breaker = QueueBreaker()
    private var backOff: QueueBackOff
    private var risk: MoneyAtRisk
    private var release = ReleaseOnce()
    private var released: ReleasedGoodsKept
    private var receipts = ReceiptsOnlyForPaid()
    private var truth = ToldTheTruth()
    private var returns = ReturnsKept()
    private var states = StateTables()
    private var events = EventStream()
    private var answers = OneAnswerEach()
    private var balance: Balance

    init(policy: Policy) {
        timing = RevokeTiming(policy.timing)
        settling = SettledIsProven(policy.timing)
        pace = QueuePace(policy.risk)
        backOff = QueueBackOff(policy.timing)
        released = ReleasedGoodsKept(policy.sale)
        risk = MoneyAtRisk(policy.risk)
        balance = Balance(policy.sale)
    }

    mutating func fail(_ rule: String, _ sentence: String) {
        if violation == nil { violation = Violation(rule: rule, sentence: sentence) }
    }

    private mutating func check(_ rule: String, _ sentence: String?) {
        if let sentence { fail(rule, sentence) }
    }

    mutating func see(_ fact: Fact, _ books: Books) {
        guard violation == nil else { return }
        check("A1", intent.saw(fact, books))
        check("A5", copy.saw(fact, books))
        check("A5", takenOver.saw(fact, books))
        check("A2", numbers.saw(fact, books))
        check("B1", proof.saw(fact, books))
        check("B4", refusal.saw(fact, books))
        check("B6", live.saw(fact, books))
        check("B5", void.saw(fact, books))
        check("B8", codes.saw(fact, books))
        check("B9", cancel.saw(fact, books))
        check("C3", settling.saw(fact, books))
        check("C1", owner.saw(fact, books))
        check("B6", oneCharge.saw(fact, books))
        check("D3", released.saw(fact, books))
        check("C2", timing.saw(fact, books))
        check("C4", pace.saw(fact, books))
        check("C4", breaker.saw(fact, books))
        check("C4", backOff.saw(fact, books))
        check("C7", risk.saw(fact, books))
        check("D1", release.saw(fact, books))
        check("D4", receipts.saw(fact, books))
        check("G3", truth.saw(fact, books))
        check("A3", returns.saw(fact, books))
        check("interfaces 3", states.saw(fact, books))
        check("events", events.saw(fact, books))
        check("answers", answers.saw(fact, books))
    }

    /// Between two steps, with everything stored that was decided.
    mutating func rest(_ books: Books, active: SaleID?) {
        guard violation == nil else { return }
        check("C1", owner.atRest(books, active: active))
    }

    /// An order was stored as parked, with so many faults until now.
    mutating func park(_ order: OrderNumber, _ books: Books, faults: [Int]) {
        guard violation == nil else { return }
        check("C5", balance.parked(order, books, faults: faults))
    }

    mutating func close(_ books: Books) {
        check("balance", balance.closed(books))
        check("C1", owner.closed(books))
        check("C4", backOff.closed(books))
        check("G3", truth.closed(books))
        check("A3", returns.closed(books))
        check("answers", answers.closed(books))
    }
}
