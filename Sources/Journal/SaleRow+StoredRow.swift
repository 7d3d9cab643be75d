import Payments

extension SaleRow: StoredRow {
    static let table = Table(
        name: "sales",
        key: "id",
        fixed: [
            "amount", "currency", "description", "reference", "idempotency_key", "body_hash",
        ] + Table.moment("created"),
        changing: ["state"] + Table.moment("updated") + ["truth", "reason", "claim_key"]
            + Table.moment("paid") + ["transaction_id"]
    )

    var values: [Value] {
        var values: [Value] = [.text(id.text)] + amount.values
        values += [.text(description), Value(reference), Value(idempotencyKey), Value(bodyHash)]
        values += created.values + [.text(state.rawValue)] + updated.values
        values += [Value(truth), Value(reason), Value(claimKey)]
        values += Moment.values(paid) + [Value(transactionID)]
        return values
    }

    init(_ columns: inout Columns) throws(Columns.Unreadable) {
        try self.init(
            id: Columns.present(SaleID(columns.text())),
            amount: columns.money(),
            description: columns.text(),
            reference: columns.optionalText(),
            idempotencyKey: columns.optionalText(),
            bodyHash: columns.optionalText(),
            created: columns.moment(),
            state: columns.word(),
            updated: columns.moment(),
            truth: columns.optionalText(),
            reason: columns.optionalText(),
            claimKey: columns.optionalText(),
            paid: columns.optionalMoment(),
            transactionID: columns.optionalText()
        )
    }
}
