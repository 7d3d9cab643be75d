import HTTPTypes
import Payments

/// Storage that hangs: the call was taken, and what became of it is not known yet.
extension ProblemDocument {
    /// What was asked when no answer came.
    enum Asked: Hashable, Sendable {
        case reading
        case sale
        case about(SaleCall)
        case adoption
        case order(RevokeCall)
    }

    static let noAnswerWord = "no-answer"

    static func noAnswer(to asked: Asked) -> Self {
        Self(
            status: .serviceUnavailable,
            word: noAnswerWord,
            title: "The kiosk's storage does not answer",
            detail: sentence(asked) + " If it stays so, a technician should look at the storage.",
        )
    }

    /// What is known, whether money is concerned, what to do.
    private static func sentence(_ asked: Asked) -> String {
        switch asked {
        case .reading:
            "Nothing was changed; ask again."
        case .sale:
            "The sale may still be made, and no money is taken before a code is shown: repeat the "
                + "call with the same Idempotency-Key, or without one look at GET /v1/sales first."
        case .adoption:
            "The journal may still be adopted: look at GET /v1/status, or repeat the call, which is "
                + "harmless."
        case .about(.cancel):
            "The sale may still be cancelled, and what was taken for it goes back: repeat the call, "
                + "which is harmless."
        case .about(.claim):
            "The money was taken, and the claim may still count: release nothing until the call, "
                + "repeated with the same claim, is answered 200."
        case .about(.delivered):
            "The report may still count; until it does, the money may go back by itself: repeat the "
                + "call, which is harmless."
        case .about(.undelivered):
            "The report may still count, and then the money goes back: repeat the call, which is "
                + "harmless."
        case .order(.retry):
            "The order may still be tried again, which can only give money back: repeat the call."
        case .order(.settle):
            "The settlement may still be recorded, and moves no money: look at GET /v1/revokes, and "
                + "repeat the call if the order is still parked."
        case .about(.receipt):
            "The slip may still be printed, and no money is concerned: look at the printer before "
                + "you repeat the call."
        }
    }
}
