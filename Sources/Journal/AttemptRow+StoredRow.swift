import Payments

extension AttemptRow: StoredRow {
    static let table = Table(
        name: "attempts",
        key: "order_number",
        fixed: ["sale", "ordinal", "amount", "currency", "fingerprint"] + Table.moment("prepared"),
        changing: ["state"] + Table.moment("updated") + Table.moment("submitted")
            + ["verdict", "transaction_id", "paid_at_s", "outcome"]
    )

    var values: [Value] {
        var values: [Value] = [.text(order.text), .text(sale.text), .integer(Int64(ordinal))]
        values += amount.values + [.text(fingerprint.text)] + prepared.values
        values += [.text(state.rawValue)] + updated.values + Moment.values(submitted)
        values += [Value(verdict), Value(transactionID), Value(paidAtSeconds), Value(outcome)]
        return values
    }

    init(_ columns: inout Columns) throws(Columns.Unreadable) {
        try self.init(
            order: Columns.present(OrderNumber(columns.text())),
            sale: Columns.present(SaleID(columns.text())),
            ordinal: columns.count(),
            amount: columns.money(),
            fingerprint: CodeFingerprint(columns.text()),
            prepared: columns.moment(),
            state: columns.word(),
            updated: columns.moment(),
            submitted: columns.optionalMoment(),
            verdict: columns.optionalText(),
            transactionID: columns.optionalText(),
            paidAtSeconds: columns.optionalInteger(),
            outcome: columns.optionalText()
        )
    }
}
