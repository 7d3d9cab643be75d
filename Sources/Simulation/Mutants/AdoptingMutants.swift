import Payments

/// The first rows that are stored after an adoption end it, whatever they are (rules A5, A6).
struct AdoptionForgotten: Mutant {
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.map { action in
            guard let record = action.record, !record.rows.isEmpty else { return action }
            return .record(
                Record(
                    id: record.id,
                    rows: record.rows,
                    isUrgent: record.isUrgent,
                    endsAdoption: true
                )
            )
        }
    }
}

/// What an adoption parks for a person is told as being returned (rule G3).
struct ReturnPromised: Mutant {
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.map { action in
            guard let record = action.record, record.endsAdoption else { return action }
            let rows = record.rows.map { row in
                guard case .event(let event) = row, event.state == .undelivered, event.truth == nil
                else { return row }
                return .event(event.altered(truth: "being-returned"))
            }
            return .record(record.altered(rows))
        }
    }
}
