/// What the till wants done. Named as commands; the shell performs an event's actions in order.
package enum TillAction: Hashable, Sendable {
    /// Commit these rows, then say so. Whatever must come after the commit is asked for by the answer (rule A1).
    case record(Record)

    case submit(OrderNumber, PaymentCode, Money, description: String)
    /// The record of this submit is on its way to the disk: build the request meanwhile and have a connection ready.
    /// Nothing of it may leave before the same ``submit``, which may never come (rule A1).
    case prepareSubmit(OrderNumber, PaymentCode, Money, description: String)
    /// Abort the submit so that no late byte of it can arrive (rule C2). `submitEnded` still follows.
    case abandonSubmit(OrderNumber)
    case query(OrderNumber, Money)
    case reverse(OrderNumber)
    /// Send the whole amount back, under ``RefundNumber/init(of:)`` (rule C5).
    case refund(OrderNumber, Money)
    /// Ask how that refund stands.
    case refundQuery(OrderNumber, Money)
    /// Query and reverse an order number that was never used (rule B7).
    case probe(OrderNumber)
    /// A sale starts: have a connection ready.
    case openAhead

    case arm(TimerID, at: BootTime)
    case disarm(TimerID)

    case show(LightDisplay)
    case print(Slip)
    /// The row is committed: tell whoever listens.
    case announce(EventRow)
    /// Something worth showing now that is not worth keeping.
    case notice(Notice)
    /// Storage fails, and the payer is about to be told that the money of this order goes back: remember the order where that
    /// storage has no part in it, for the next start in this boot (rule A3). Never waits, and may fail.
    case rememberReturn(OrderNumber)
    case answer(RequestID, Answer)
    /// Codes read before now are stale.
    case discardScans
    /// Everything is committed and nothing is under way: the process may end.
    case stop
}

/// Short-lived remarks to the payer; each has one sentence on the display.
package enum Notice: Hashable, Sendable {
    /// This code was shown before (rule B8).
    case alreadyRead
    case otherWallet(ScannedCode.OtherWallet)
    case notAPaymentCode
    /// The sale has ended and that could not be stored, so no event says it (rules A3, G3). With the last attempt's order.
    case ended(SaleRow, OrderNumber?)
    /// The kiosk cannot take a code now, whatever it shows (rules A3, B7, C7, D4).
    case cannotTakeCode(OutOfServiceReason)

    package var word: String {
        switch self {
        case .alreadyRead: "already-read"
        case .otherWallet(let wallet): "other-wallet-\(wallet.rawValue)"
        case .notAPaymentCode: "not-a-payment-code"
        case .ended(let row, _): "ended-\(row.state.rawValue)"
        case .cannotTakeCode(let reason): "cannot-take-code-\(reason.rawValue)"
        }
    }
}
