import Payments
import StrictJSON

extension RevokeEntry {
    /// An order of the revoke queue as the local interface shows it (interfaces, 3).
    func write(to one: inout JSONWriter) {
        one.string("order", row.order.text)
        one.string("sale", attempt.sale.text)
        one.integer("amount", attempt.amount.minorUnits)
        one.string("currency", attempt.amount.currency.code)
        one.string("state", attempt.state.rawValue)
        one.string("reason", row.reason)
        one.string("decidedAt", row.decided.wall.rfc3339)
        one.boolean("clockSynchronised", row.decided.wall.isSynchronised)
        one.integer("tries", row.tries)
        one.string("lastAnswer", row.lastAnswer)
        one.boolean("chargeSeen", row.chargeSeen)
        one.boolean("flagged", row.needsPerson)
        one.string("refundDecidedAt", row.refundDecided?.wall.rfc3339)
        one.string("parkedAt", row.parked?.wall.rfc3339)
        one.string("parkedReason", row.parkedReason)
        one.string("settledAt", row.settled?.wall.rfc3339)
        one.string("outcome", attempt.outcome)
    }
}
