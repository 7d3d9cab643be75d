import Payments

extension SettlementRow: StoredRow {
    static let table = Table(
        name: "settlements",
        key: "order_number",
        fixed: ["outcome", "note", "said_by"] + Table.moment("at"),
        changing: []
    )

    var values: [Value] {
        [.text(order.text), .text(outcome.rawValue), .text(note), .text(by)] + at.values
    }

    init(_ columns: inout Columns) throws(Columns.Unreadable) {
        try self.init(
            order: Columns.present(OrderNumber(columns.text())),
            outcome: columns.word(),
            note: columns.text(),
            by: columns.text(),
            at: columns.moment()
        )
    }
}
