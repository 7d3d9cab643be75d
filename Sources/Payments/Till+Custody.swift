/// A journal that may not be ours (rules A5, A6): open orders are looked at, nothing is sold, revoked or refunded, and no row is
/// changed, until a person vouches for it.
extension Till {
    /// Keeps the rows for the adoption, and looks meanwhile how their orders stand.
    mutating func hold(_ rows: OpenRows) {
        heldRows = rows
        revokes.isQueryOnly = true
        let open = Set(rows.sales.filter { $0.state != .delivered }.map(\.id))
        for attempt in rows.attempts where !attempt.state.isFinal && attempt.state != .parked {
            // A paid attempt of a delivered sale is here for its code's sake alone (rule B8).
            guard attempt.state != .paid || open.contains(attempt.sale) else { continue }
            _ = enterQueue(attempt, .restart, begins: .query, isRecorded: false)
        }
    }

    /// A person vouches for the journal. What is open is taken over as after a restart, with two differences: what is paid goes
    /// to a person, since the goods may have left after the journal was copied; and nothing is sent back before a query has said
    /// that it is not paid.
    mutating func journalAdopted() {
        guard custody == .foreign else { return }
        custody = .own
        let seen = revokes
        revokes = RevokeQueue(now: now.boot, timing: policy.timing)
        revokes.take(over: seen)
        let rows = heldRows
        heldRows = OpenRows()
        recover(rows, isAdopted: true)
        // Nothing was decided before now, so nothing has piled up: steps start when they are due.
    }

    /// Why no money may be moved on a person's word; `nil` where it may. With a journal that was damaged in use the queue goes
    /// on, and so do people.
    var custodyProblem: Problem? {
        guard revokes.isQueryOnly else { return nil }
        return custody == .damaged ? .journalDamaged : .journalNotAdopted
    }

    /// Part of the journal cannot be read. Nothing new is sold; what is under way, and the queue, go on: their rows are in
    /// memory, and what is written now is found again by `kioskpay journal recover` (rule A6).
    mutating func journalDamaged() { custody = .damaged }
}
