import Payments

extension RevokeRow: StoredRow {
    static let table = Table(
        name: "revokes",
        key: "order_number",
        fixed: ["reason"] + Table.moment("decided"),
        changing: ["tries", "unknown_answers"] + Table.moment("due") + ["last_answer"]
            + Table.moment("accepted") + ["to_confirm"] + Table.moment("to_confirm_since")
            + ["charge_seen", "needs_person"] + Table.moment("settled"),
        added: ["refusal"] + Table.moment("refund_decided") + Table.moment("parked")
            + ["parked_reason", "adopted"]
    )

    var values: [Value] {
        var values: [Value] = [.text(order.text), .text(reason)] + decided.values
        values += [.integer(Int64(tries)), .integer(Int64(unknownAnswers))] + due.values
        values += [Value(lastAnswer)] + Moment.values(accepted)
        values += [Value(toConfirm)] + Moment.values(toConfirmSince)
        values += [Value(chargeSeen), Value(needsPerson)] + Moment.values(settled)
        values += [Value(refusal)] + Moment.values(refundDecided) + Moment.values(parked)
        values += [Value(parkedReason), isAdopted ? .integer(1) : .null]
        return values
    }

    init(_ columns: inout Columns) throws(Columns.Unreadable) {
        try self.init(
            order: Columns.present(OrderNumber(columns.text())),
            reason: columns.text(),
            decided: columns.moment(),
            tries: columns.count(),
            unknownAnswers: columns.count(),
            due: columns.moment(),
            lastAnswer: columns.optionalText(),
            accepted: columns.optionalMoment(),
            toConfirm: columns.optionalText(),
            toConfirmSince: columns.optionalMoment(),
            chargeSeen: columns.flag(),
            needsPerson: columns.flag(),
            settled: columns.optionalMoment(),
            refusal: columns.optionalText(),
            refundDecided: columns.optionalMoment(),
            parked: columns.optionalMoment(),
            parkedReason: columns.optionalText(),
            isAdopted: columns.optionalInteger() != nil
        )
    }
}
