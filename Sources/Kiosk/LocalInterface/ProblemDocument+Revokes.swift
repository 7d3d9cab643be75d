import HTTPTypes
import Payments

/// What the kiosk refuses about orders of the revoke queue.
extension ProblemDocument {
    init(aboutRevoke problem: Problem) {
        switch problem {
        case .alreadySettled(let state):
            self.init(
                .conflict,
                problem,
                "The order has ended already",
                "It ended as \(state.rawValue), and that stands; nothing was changed.",
                [("state", .string(state.rawValue))]
            )
        case .notParked:
            self.init(
                .conflict,
                problem,
                "The kiosk is still undoing this order",
                "Its money goes back by itself, and no person is wanted yet; nothing was changed. "
                    + "Settle it when it is parked or flagged."
            )
        case .needsReport:
            self.init(
                .conflict,
                problem,
                "The goods of this order may have left",
                "To try it again could give the money back for goods that were taken. Report the "
                    + "sale undelivered, or settle the order. Nothing was changed."
            )
        case .journalNotAdopted:
            self.init(
                .conflict,
                problem,
                "The journal is not adopted",
                "It may be a copy, so no money is moved and no slip printed for it. Run kioskpay journal adopt on the "
                    + "one kiosk that it belongs to, then call again. Nothing was changed."
            )
        case .journalDamaged:
            self.init(
                .conflict,
                problem,
                "The journal is damaged and set aside",
                "Its orders wait; no money is moved and no slip printed for them. Stop kioskpayd, run kioskpay journal "
                    + "recover, start it and call again. Nothing was changed."
            )
        case .releaseParked:
            self.init(
                .conflict,
                problem,
                "A person settles this sale",
                "The goods were claimed and not reported in time; the money is here. Release "
                    + "nothing. A person settles the order, or the sale is reported undelivered."
            )
        default:
            self.init(
                .notFound,
                problem,
                "There is no such order",
                "No order of this number is in the revoke queue; nothing was changed."
            )
        }
    }
}
