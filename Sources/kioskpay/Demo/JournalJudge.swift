import Payments

/// Holds the journal's rows, read without the daemon, against the stand-in's ledger. Pure.
struct JournalJudge: Sendable {
    struct Sale: Hashable, Sendable {
        let row: SaleRow
        let attempts: [AttemptRow]
    }

    let sales: [Sale]
    let ledger: [LedgerFact]

    /// One line for when nothing differs.
    var summary: String {
        let attempts = sales.reduce(0) { $0 + $1.attempts.count }
        return
            "The journal, read back: \(sales.count) sales, \(attempts) attempts, each as in the ledger."
    }

    /// What differs; empty if both agree on every order and nothing is open.
    var differences: [String] {
        let known = Set(sales.flatMap(\.attempts).map(\.order.text))
        let strangers = ledger.filter { $0.charged != nil && !known.contains($0.order) }.map {
            "ledger: \($0.order) was charged, and the journal does not know it"
        }
        let violations = ledger.flatMap { fact in
            fact.violations.map { "ledger: \(fact.order) violates \($0)" }
        }
        return sales.flatMap(differences(of:)) + strangers + violations
    }

    private func differences(of sale: Sale) -> [String] {
        var found: [String] = []
        if !sale.row.state.isFinal {
            found.append("journal: sale \(sale.row.id) is still \(sale.row.state.rawValue)")
        }
        let paid = sale.attempts.filter { $0.state == .paid }
        if (sale.row.state == .delivered) != (paid.count == 1) {
            found.append(
                "journal: sale \(sale.row.id) is \(sale.row.state.rawValue) with \(paid.count) paid attempts"
            )
        }
        return found + sale.attempts.flatMap { differences(of: $0, in: sale.row) }
    }

    private func differences(of attempt: AttemptRow, in sale: SaleRow) -> [String] {
        let order = attempt.order.text
        let fact = ledger.first { $0.order == order } ?? LedgerFact(order: order, amount: nil)
        let (charged, returned) = moved(attempt, fact)
        var found: [String] = []
        if !attempt.state.isFinal, attempt.state != .paid {
            found.append("journal: \(order) is still \(attempt.state.rawValue)")
        }
        if attempt.amount != sale.amount
            || (fact.amount ?? attempt.amount.minorUnits) != attempt.amount.minorUnits
        {
            found.append("journal and ledger name different amounts for \(order)")
        }
        if fact.charged != charged || fact.returned != returned {
            let words = [attempt.state.rawValue, attempt.outcome].compactMap(\.self)
            found.append("journal: \(order) \(words.joined(separator: " ")), ledger: \(fact.text)")
        }
        if attempt.state == .paid,
            attempt.transactionID != fact.transactionID
                || sale.transactionID != fact.transactionID
        {
            found.append("journal and ledger name different transactions for \(order)")
        }
        return found
    }

    /// What the row says of the money: charged and returned.
    private func moved(
        _ attempt: AttemptRow,
        _ fact: LedgerFact,
    ) -> (charged: Int64?, returned: Int64?) {
        let amount = attempt.amount.minorUnits
        switch attempt.state {
        case .paid: return (amount, nil)
        case .refunded: return (amount, amount)
        case .undone where attempt.outcome == AttemptRow.returned: return (amount, amount)
        // What was taken, if anything, is back.
        case .undone where attempt.outcome == AttemptRow.nothingKept:
            return fact.charged == nil ? (nil, nil) : (amount, amount)
        case .undone: return (nil, nil)
        case .prepared, .submitted, .polling, .refused, .revoking, .refunding, .parked, .void,
            .writtenOff:
            return (nil, nil)
        }
    }
}
