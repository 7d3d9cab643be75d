import Payments

extension Record {
    /// The same record with other rows.
    func altered(_ rows: [Row], isUrgent: Bool? = nil) -> Record {
        Record(
            id: id,
            rows: rows,
            isUrgent: isUrgent ?? self.isUrgent,
            endsAdoption: endsAdoption
        )
    }
}

extension EventRow {
    /// The same event with another word to the payer.
    func altered(truth: String) -> EventRow {
        var event = self
        event.truth = truth
        return event
    }
}
