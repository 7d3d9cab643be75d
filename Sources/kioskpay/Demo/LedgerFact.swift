import Payments
import Sandbox

/// What really happened to one order's money, taken from the stand-in's ledger.
struct LedgerFact: Hashable, Sendable {
    let order: String
    var amount: Int64?
    var charged: Int64?
    var returned: Int64?
    var transactionID: String?
    var violations: [String]

    init(
        order: String,
        amount: Int64?,
        charged: Int64? = nil,
        returned: Int64? = nil,
        transactionID: String? = nil,
        violations: [String] = [],
    ) {
        self.order = order
        self.amount = amount
        self.charged = charged
        self.returned = returned
        self.transactionID = transactionID
        self.violations = violations
    }

    init(_ entry: LedgerEntry) {
        self.init(
            order: entry.order,
            amount: entry.amount?.minorUnits,
            charged: entry.charged?.minorUnits,
            returned: entry.returned?.minorUnits,
            transactionID: entry.transactionID,
            violations: entry.violations.map(\.rule.word)
        )
    }

    /// `charged 2.00 CNY, kept`.
    var text: String {
        guard let charged else { return "charged nothing" }
        let end =
            switch returned {
            case nil: "kept"
            case charged: "returned"
            case .some(let other): "returned \(Self.yuan(other))"
            }
        return "charged \(Self.yuan(charged)), \(end)"
    }

    private static func yuan(_ units: Int64) -> String {
        Money(minorUnits: units, currency: .cny)?.description ?? "\(units) fen"
    }
}
