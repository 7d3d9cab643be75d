import Payments

/// The two state tables of the local interface as data, written down a second time: the walks hold what the machines record
/// against them, so the machines must not read them.

extension SaleState {
    /// The states that may follow this one in the journal.
    var next: Set<SaleState> {
        switch self {
        case .awaitingCode: [.submitting, .cancelled, .expired]
        // Expired: a restart, or storage failed (rules A1, A3), found it submitting.
        case .submitting: [.paid, .confirming, .declined, .cancelling, .expired]
        case .confirming: [.paid, .declined, .expired, .cancelling]
        case .declined: [.submitting, .expired, .cancelled]
        case .cancelling: [.cancelled]
        // Cancelled: the cancel came while Paid was being committed, and wins (rule B9). Goods were never offered.
        case .paid: [.delivering, .delivered, .undelivered, .cancelled]
        case .delivering: [.delivered, .undelivered]
        case .delivered, .undelivered, .cancelled, .expired: []
        }
    }
}

extension AttemptState {
    /// The states that may follow this one.
    var next: Set<AttemptState> {
        switch self {
        case .prepared: [.submitted, .void]
        case .submitted: [.paid, .polling, .refused, .revoking]
        case .polling: [.paid, .refused, .revoking]
        case .refused: [.revoking]
        // Parked: claimed and never reported (rule D3).
        case .paid: [.revoking, .parked]
        case .revoking: [.undone, .refunding, .parked]
        // Undone: somebody else gave the money back.
        case .refunding: [.refunded, .undone, .parked]
        // A person settles it, or has it tried again.
        case .parked: [.undone, .refunded, .writtenOff, .revoking, .refunding]
        case .void, .undone, .refunded, .writtenOff: []
        }
    }
}
