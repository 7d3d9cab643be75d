import Payments

extension EventRow: StoredRow {
    static let table = Table(
        name: "events",
        key: "id",
        fixed: ["kind"] + Table.moment("at")
            + ["sale", "order_number", "state", "amount", "currency", "truth", "reason"],
        changing: []
    )

    var values: [Value] {
        var values: [Value] = [.integer(id), .text(kind.rawValue)] + at.values
        values += [Value(sale?.text), Value(order?.text), Value(state?.rawValue)]
        values += Money.values(amount) + [Value(truth), Value(reason)]
        return values
    }

    init(_ columns: inout Columns) throws(Columns.Unreadable) {
        try self.init(
            id: columns.integer(),
            kind: columns.word(),
            at: columns.moment(),
            sale: columns.optional { SaleID($0) },
            order: columns.optional { OrderNumber($0) },
            state: columns.optional { SaleState(rawValue: $0) },
            amount: columns.optionalMoney(),
            truth: columns.optionalText(),
            reason: columns.optionalText()
        )
    }
}
