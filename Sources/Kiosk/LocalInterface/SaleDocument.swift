import Payments
import StrictJSON

extension SaleDetails {
    /// The sale as the local interface shows it (interfaces, 3). Neither codes nor their fingerprints are in it (rule
    /// G1), nor the claim's key, which proves who claimed.
    func write(to sale: inout JSONWriter) {
        let row = self.sale
        sale.string("id", row.id.text)
        sale.string("state", row.state.rawValue)
        sale.integer("amount", row.amount.minorUnits)
        sale.string("currency", row.amount.currency.code)
        sale.string("description", row.description)
        sale.string("reference", row.reference)
        sale.array("attempts") { array in
            for attempt in attempts {
                array.object { one in
                    one.string("order", attempt.order.text)
                    one.string("state", attempt.state.rawValue)
                    one.string("submittedAt", attempt.submitted?.wall.rfc3339)
                    one.string("verdict", attempt.verdict)
                }
            }
        }
        sale.string("transactionID", row.transactionID)
        sale.string("paidAt", row.paid?.wall.rfc3339)
        sale.message(
            "message",
            PayerMessage(
                state: row.state,
                truth: row.truth,
                reason: row.reason,
                order: namedOrder,
            ),
        )
    }

    /// The order that the payer is told of, as on the slip and in the event: the one whose money comes back, if one does.
    private var namedOrder: OrderNumber? {
        let isReturned = sale.truth == Truth.beingReturned.word
        return (isReturned ? returned : nil) ?? attempts.last?.order
    }

    var document: [UInt8] { JSONWriter.object { write(to: &$0) } }
}
