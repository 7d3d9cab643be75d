package import Payments

/// The truth about one order number: what the payer really paid and what really went back.
package struct LedgerEntry: Hashable, Sendable, CustomStringConvertible {
    /// `out_trade_no`.
    package let order: String
    /// What the submit asked for; `nil` if only a query or a reverse ever named the number.
    package let amount: Money?
    package let state: SandboxOrderState
    /// The name of the ``SandboxCase`` that played; `nil` if no submit was processed.
    package let caseName: String?
    /// Set exactly when money was really taken.
    package let charged: Money?
    /// Set exactly when money really went back.
    package let returned: Money?
    /// How the order's refund stands; `nil` if none was accepted.
    package let refundStatus: SandboxRefundStatus?
    /// The platform's number, if money was taken.
    package let transactionID: String?
    package let violations: [SandboxViolation]
    /// In the order it happened; at most ``maxHistory`` entries, after which only money and violations are added.
    package let history: [SandboxEvent]

    package static let maxHistory = 500

    /// Whether the payer is out of pocket: charged and not returned.
    package var holdsMoney: Bool { charged != nil && returned == nil }

    /// One line for a person.
    package var description: String {
        let money = [
            charged.map { "charged \($0)" } ?? "charged nothing",
            returned.map { "returned \($0)" } ?? "returned nothing",
        ]
        let faults = violations.isEmpty ? [] : ["\(violations.count) violations"]
        let head = "\(order) \(state.rawValue) \(amount.map(\.description) ?? "no amount")"
        return ([head + " [\(caseName ?? "no submit")]"] + money + faults).joined(separator: ", ")
    }

    /// One JSON object on one line; amounts in the smallest unit, times in milliseconds since 1970 UTC.
    package var json: String {
        var object = LineJSON()
        object.add("order", order)
        object.add("state", state.rawValue)
        object.add("case", caseName)
        object.add("currency", amount?.currency.code)
        object.add("amount", amount?.minorUnits)
        object.add("charged", charged?.minorUnits)
        object.add("returned", returned?.minorUnits)
        object.add("refund", refundStatus?.rawValue)
        object.add("transactionID", transactionID)
        object.add("violations", violations.map { LineJSON.string($0.rule.word) })
        object.add(
            "history",
            history.map { event in
                var entry = LineJSON()
                entry.add("at", event.wallMilliseconds)
                entry.add("event", event.text)
                return entry.text
            }
        )
        return object.text
    }
}
