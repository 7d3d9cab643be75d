/// States of a sale. The words are the local interface's (interfaces, 3).
package enum SaleState: String, Hashable, Sendable, CaseIterable {
    case awaitingCode = "awaiting_code"
    case submitting
    case confirming
    case declined
    case cancelling
    case paid
    case delivering
    case delivered
    case undelivered
    case cancelled
    case expired

    /// Whether the sale ends here. Until then it is the kiosk's one active sale.
    package var isFinal: Bool {
        switch self {
        case .delivered, .undelivered, .cancelled, .expired: true
        case .awaitingCode, .submitting, .confirming, .declined, .cancelling, .paid, .delivering:
            false
        }
    }
}

/// States of an attempt (interfaces, 3).
package enum AttemptState: String, Hashable, Sendable, CaseIterable {
    case prepared
    case submitted
    case polling
    case refused
    case paid
    case revoking
    case refunding
    case parked
    case void
    case undone
    case refunded
    case writtenOff = "written_off"

    /// Whether nothing is left to do. `paid` is settled only together with its sale (C1).
    package var isFinal: Bool {
        switch self {
        case .void, .undone, .refunded, .writtenOff: true
        case .prepared, .submitted, .polling, .refused, .paid, .revoking, .refunding, .parked:
            false
        }
    }
}
