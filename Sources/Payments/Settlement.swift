/// How a person settled an order that the kiosk could not (rule C5).
package enum SettlementOutcome: String, Hashable, Sendable, CaseIterable {
    /// The money is back with the payer, through the merchant's console or in cash.
    case refunded
    /// No money ever moved.
    case notCharged = "not-charged"
    /// The money stays; the note says why (delivered after all, the payer cannot be found, …).
    case writtenOff = "written-off"

    /// The state in which the attempt ends.
    package var attemptState: AttemptState {
        switch self {
        case .refunded: .refunded
        case .notCharged: .undone
        case .writtenOff: .writtenOff
        }
    }

    /// ``AttemptRow/outcome`` of the attempt.
    package var attemptOutcome: String {
        switch self {
        case .refunded: AttemptRow.returned
        case .notCharged: AttemptRow.nothingCharged
        case .writtenOff: rawValue
        }
    }
}

/// A person's word on an order, stored once and never changed.
package struct SettlementRow: Hashable, Sendable {
    package let order: OrderNumber
    package let outcome: SettlementOutcome
    /// In the person's own words; 1 to 500 bytes of UTF-8.
    package let note: String
    /// Who said it: the peer's credentials on the socket, or that the token was given (rule G2).
    package let by: String
    package let at: Moment

    package init(
        order: OrderNumber,
        outcome: SettlementOutcome,
        note: String,
        by: String,
        at: Moment,
    ) {
        self.order = order
        self.outcome = outcome
        self.note = note
        self.by = by
        self.at = at
    }
}
