import Payments

/// The state tables of the local interface: what may follow what in the journal. `submitted` and `cancelling` are passed
/// through in memory, and a record can hold two steps at once: a state may follow over one that is left out. Where the disk
/// has refused rows, the queue may come to its end without a stored word of how an attempt came there (rule A3).
struct StateTables: Invariant {
    func saw(_ fact: Fact, _ books: Books) -> String? {
        guard case .stored(let record) = fact else { return nil }
        for row in record.rows {
            switch row {
            case .sale(let row):
                guard let old = books.sales[row.id]?.row?.state, old != row.state else { continue }
                guard next(of: old).contains(row.state) else {
                    return "sale \(row.id) goes from \(old) to \(row.state)"
                }
            case .attempt(let row):
                guard let old = books.orders[row.order]?.attempt?.state, old != row.state else {
                    continue
                }
                // Where rows were lost, the recovery counts an attempt as submitted, or finds an older state of it, however far
                // it had come (rule A6).
                let isRecovered =
                    row.verdict == RevokeReason.recovered.rawValue
                    || books.orders[row.order]?.isOlder == true
                let isSkipping = books.storageHasFailed || isRecovered
                if isSkipping, !old.isFinal, isEndOfQueue(row.state) { continue }
                guard next(of: old).contains(row.state) else {
                    return "attempt \(row.order) goes from \(old) to \(row.state)"
                }
            case .revoke(let row):
                guard let file = books.orders[row.order], file.revoke?.settled != nil,
                    file.attempt?.state.isFinal == true
                else { continue }
                if row.settled == nil { return "the revoke of \(row.order) is opened again" }
            case .event, .settlement: break
            }
        }
        return nil
    }

    private func isEndOfQueue(_ state: AttemptState) -> Bool {
        switch state {
        case .undone, .refunding, .refunded, .parked: true
        default: false
        }
    }

    private func next(of state: SaleState) -> [SaleState] {
        switch state {
        case .awaitingCode: [.submitting, .cancelled, .expired]
        case .submitting: [.paid, .confirming, .declined, .cancelling, .cancelled, .expired]
        case .confirming: [.paid, .declined, .expired, .cancelling, .cancelled]
        case .declined: [.submitting, .expired, .cancelled]
        case .cancelling: [.cancelled]
        // Cancelled: the cancel came while Paid was being committed (rule B9).
        case .paid: [.delivering, .delivered, .undelivered, .cancelled]
        case .delivering: [.delivered, .undelivered]
        case .delivered, .undelivered, .cancelled, .expired: []
        }
    }

    private func next(of state: AttemptState) -> [AttemptState] {
        switch state {
        case .prepared: [.submitted, .void, .paid, .polling, .refused, .revoking]
        case .submitted: [.paid, .polling, .refused, .revoking]
        case .polling: [.paid, .refused, .revoking]
        case .refused: [.revoking]
        // Parked: claimed and never reported (rule D3).
        case .paid: [.revoking, .parked]
        case .revoking: [.undone, .refunding, .parked]
        // Undone: somebody else gave the money back.
        case .refunding: [.refunded, .undone, .parked]
        // Tried again: `revokes retry`, or the report that was missing.
        case .parked: [.undone, .refunded, .writtenOff, .revoking, .refunding]
        case .void, .undone, .refunded, .writtenOff: []
        }
    }
}
