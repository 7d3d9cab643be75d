/// The source document's sequences: payment without and with password, and three exceptions.
enum DemoSequence: String, CaseIterable, Sendable {
    case passwordExempt = "password-exempt"
    case password
    case payerTooLate = "payer-too-late"
    case refusedThenPaid = "refused-then-paid"
    case networkCut = "network-cut"

    var expectation: SequenceJudge.Expectation {
        switch self {
        case .passwordExempt:
            SequenceJudge.Expectation(
                sale: "delivered",
                attempts: [.kept],
                slip: .receipt,
                lights: .approved,
                mayBlink: false
            )
        case .password:
            SequenceJudge.Expectation(
                sale: "delivered",
                attempts: [.kept],
                slip: .receipt,
                lights: .approved,
                mayBlink: true
            )
        case .payerTooLate:
            SequenceJudge.Expectation(
                sale: "expired",
                attempts: [.returned],
                slip: .notKnownYet,
                lights: .declined,
                mayBlink: true
            )
        case .refusedThenPaid:
            SequenceJudge.Expectation(
                sale: "delivered",
                attempts: [.nothingCharged, .kept],
                slip: .receipt,
                lights: .declinedThenApproved,
                mayBlink: false
            )
        case .networkCut:
            // Without the platform the kiosk is out of service, which outranks every result.
            SequenceJudge.Expectation(
                sale: "expired",
                attempts: [.returned],
                slip: .notKnownYet,
                lights: .outOfService,
                mayBlink: true
            )
        }
    }

    /// How it ends, in one word.
    var ending: String {
        switch self {
        case .passwordExempt, .password, .refusedThenPaid: "paid"
        case .payerTooLate, .networkCut: "revoked"
        }
    }
}
