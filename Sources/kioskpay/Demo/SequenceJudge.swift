/// Holds what four witnesses say of one sale against each other and against the script: the stand-in's ledger, the journal as
/// the daemon shows it, the printed slips, and the lights. Pure.
struct SequenceJudge: Sendable {
    /// How an attempt must have ended.
    enum Ending: Hashable, Sendable {
        /// Paid, and the goods are out.
        case kept
        /// Undone, and the payer was never charged.
        case nothingCharged
        /// Undone, and the payer's money went back.
        case returned
    }

    struct Expectation: Hashable, Sendable {
        var sale: String
        /// One for each code shown, in order.
        var attempts: [Ending]
        var slip: SlipText.Kind
        var lights: LightCourse.Result
        var mayBlink: Bool
    }

    /// What the witnesses say.
    struct Evidence: Sendable {
        var sale: KioskSale
        var ledger: [LedgerFact]
        var slips: [SlipText]
        var lights: LightCourse
        /// Orders of `money-returned` events.
        var returnedOrders: [String]
    }

    let expected: Expectation
    let evidence: Evidence

    /// What differs; empty if all agree.
    var differences: [String] {
        saleDifferences + attemptDifferences + slipDifferences
            + evidence.lights.problems(expecting: expected.lights, mayBlink: expected.mayBlink)
    }

    private var saleDifferences: [String] {
        var found: [String] = []
        let sale = evidence.sale
        if sale.state != expected.sale {
            found.append("journal: the sale is \(sale.state), expected \(expected.sale)")
        }
        if sale.attempts.count != expected.attempts.count {
            found.append(
                "journal: \(sale.attempts.count) attempts, expected \(expected.attempts.count)"
            )
        }
        let known = Set(sale.attempts.map(\.order))
        for fact in evidence.ledger where fact.charged != nil && !known.contains(fact.order) {
            found.append("ledger: \(fact.order) was charged, and the sale does not know it")
        }
        for fact in evidence.ledger {
            found += fact.violations.map { "ledger: \(fact.order) violates \($0)" }
        }
        let kept = evidence.ledger.first { $0.charged != nil && $0.returned == nil }
        if sale.transactionID != kept?.transactionID {
            found.append(
                "journal: transaction \(sale.transactionID ?? "none"), ledger: "
                    + (kept?.transactionID ?? "none")
            )
        }
        return found
    }

    private var attemptDifferences: [String] {
        zip(evidence.sale.attempts, expected.attempts).flatMap { attempt, ending in
            guard let fact = evidence.ledger.first(where: { $0.order == attempt.order }) else {
                return ["ledger: \(attempt.order) is not there"]
            }
            return differences(of: attempt, fact, ending)
        }
    }

    private func differences(
        of attempt: KioskSale.Attempt,
        _ fact: LedgerFact,
        _ ending: Ending,
    ) -> [String] {
        let amount = evidence.sale.amount
        let (state, charged, returned): (String, Int64?, Int64?) =
            switch ending {
            case .kept: ("paid", amount, nil)
            case .nothingCharged: ("undone", nil, nil)
            case .returned: ("undone", amount, amount)
            }
        var found: [String] = []
        if attempt.state != state {
            found.append("journal: \(attempt.order) is \(attempt.state), expected \(state)")
        }
        if fact.amount != amount {
            found.append(
                "ledger: \(attempt.order) asks for \(fact.amount ?? 0), the sale for \(amount)"
            )
        }
        if fact.charged != charged || fact.returned != returned {
            found.append("ledger: \(attempt.order) \(fact.text), expected \(ending)")
        }
        let isTold = evidence.returnedOrders.contains(attempt.order)
        if isTold != (fact.returned != nil) {
            found.append(
                "events: \(attempt.order) \(isTold ? "is" : "is not") said to be returned, ledger: "
                    + fact.text
            )
        }
        return found
    }

    /// One slip: a receipt for Paid alone (rule D4), naming the amount, the order and the platform's number; else the truth
    /// with the order to ask for (rule G3).
    private var slipDifferences: [String] {
        guard evidence.slips.count == 1, let slip = evidence.slips.first else {
            return ["slip: \(evidence.slips.count) were printed, expected one"]
        }
        var found: [String] = []
        if slip.kind != expected.slip || slip.isCopy {
            let kind = slip.isCopy ? "a copy" : slip.kind.rawValue
            found.append("slip: \(kind), expected \(expected.slip.rawValue)")
        }
        let holds = evidence.ledger.contains { $0.charged != nil && $0.returned == nil }
        if slip.saysPaid != holds {
            found.append("slip: \(slip.saysPaid ? "says" : "does not say") paid, ledger: not so")
        }
        let last = evidence.sale.attempts.last?.order
        let sum = Self.decimal(evidence.sale.amount)
        for value in [last, "￥" + sum, evidence.sale.transactionID].compactMap(\.self)
        where !slip.names(value) {
            found.append("slip: \(value) is not on it")
        }
        for attempt in evidence.sale.attempts.dropLast() where slip.names(attempt.order) {
            found.append("slip: names \(attempt.order), which was refused")
        }
        return found
    }

    private static func decimal(_ units: Int64) -> String {
        let cents = String(100 + units % 100).dropFirst()
        return "\(units / 100).\(cents)"
    }
}
