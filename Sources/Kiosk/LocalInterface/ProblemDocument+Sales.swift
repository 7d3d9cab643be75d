import HTTPTypes
import Payments

/// What the kiosk refuses about sales.
extension ProblemDocument {
    /// Asked for, and not made.
    init(aboutNewSale problem: Problem) {
        switch problem {
        case .saleActive(let sale):
            self.init(
                .conflict,
                problem,
                "A sale is active",
                "Sale \(sale) is not over; wait for its end or cancel it, then ask again.",
                [("sale", .string(sale.text))]
            )
        case .amountTooHigh(let maximum):
            self.init(
                .unprocessableContent,
                problem,
                "The amount is too high",
                "This kiosk sells for at most \(maximum) of the smallest unit; no sale was made.",
                [("maximum", .integer(maximum))]
            )
        case .wrongCurrency(let currency):
            self.init(
                .unprocessableContent,
                problem,
                "The currency is not this kiosk's",
                "This kiosk sells in \(currency) only; no sale was made.",
                [("currency", .string(currency.code))]
            )
        default:
            self.init(
                .unprocessableContent,
                problem,
                "The idempotency key was used for another sale",
                "The same Idempotency-Key came with another body; no sale was made. Use a new key."
            )
        }
    }

    /// Calls about a sale that is there, or is not.
    init(aboutSale problem: Problem) {
        switch problem {
        case .cannotCancel(let state):
            self.init(
                .conflict,
                problem,
                "The sale can no longer be cancelled",
                "The sale is \(state.rawValue); if it is paid and the goods did not come, "
                    + "report it undelivered instead.",
                [("state", .string(state.rawValue))]
            )
        case .notPaid(let state):
            self.init(
                .conflict,
                problem,
                "The sale is not paid",
                "The sale is \(state.rawValue) and not paid; release nothing. If goods were released "
                    + "already, a person must settle it: what was taken goes back to the payer.",
                [("state", .string(state.rawValue))]
            )
        case .alreadyClaimed:
            self.init(
                .conflict,
                problem,
                "The release was already claimed",
                "Another key claimed this release first; release nothing for this one."
            )
        case .claimUnchecked:
            self.init(
                .serviceUnavailable,
                problem,
                "The claim is being checked",
                "The kiosk was restarted after this claim and asks WeChat Pay whether the money is "
                    + "still there; release nothing yet, and send the same claim again in 5 s."
            )
        case .releaseWithdrawn:
            self.init(
                .conflict,
                problem,
                "The release is withdrawn",
                "The money is on its way back to the payer; release nothing. If goods were "
                    + "released already, a person must settle it."
            )
        case .alreadyDelivered:
            self.init(
                .conflict,
                problem,
                "The sale counts as delivered",
                "It was reported delivered, or the kiosk counted it so by its settings "
                    + "(sale.claimedUnreported, sale.autoDeliver). The payment stands; the order is "
                    + "flagged, and a person may refund it."
            )
        case .nothingToPrint:
            self.init(
                .conflict,
                problem,
                "There is nothing to print",
                "No slip was printed for this sale: nothing was taken for it."
            )
        case .outcomeOpen:
            self.init(
                .conflict,
                problem,
                "The outcome is not known yet",
                "The outcome is not known yet; nothing is printed before it is. Money may have "
                    + "been taken: ask again when the sale has its outcome."
            )
        default:
            self.init(
                .notFound,
                problem,
                "There is no such sale",
                "No sale of this id is known here; nothing was changed."
            )
        }
    }
}
