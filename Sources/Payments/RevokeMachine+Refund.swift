/// The way back when the platform finally refuses the revoke of a paid order (rule C5): one refund, under one number that
/// never changes, done when a query of that refund says SUCCESS.
extension RevokeMachine {
    /// Decided, and not asked for before that is stored (rule A1).
    mutating func decideRefund(at now: Moment) {
        refusedRevoke = row.refusal
        row.refusal = nil
        row.refundDecided = now
        row.unknownAnswers = 0
        row.toConfirm = nil
        row.toConfirmSince = nil
        attempt.state = .refunding
        attempt.updated = now
        wait(for: .refund, after: .zero, at: now)
    }

    /// The decision could not be stored, so it is none: the order is looked at again, and decided anew.
    mutating func takeBackRefund(at now: Moment, jitter: Double) {
        guard state == .waiting(next: .refund), let refusal = refusedRevoke else { return }
        row.refundDecided = nil
        row.refusal = refusal
        attempt.state = .revoking
        attempt.updated = now
        backOff(before: .query, jitter, atLeast: timing.poll, at: now)
    }

    mutating func refundEnded(_ verdict: RefundVerdict, at now: Moment, jitter: Double) {
        switch verdict {
        case .accepted:
            row.refusal = nil
            wait(for: .refundQuery, after: timing.poll, at: now)
        case .again:
            row.refusal = nil
            refundAgain(.refund, jitter, atLeast: timing.refundAgain, at: now)
        case .refused(let code):
            // An earlier one may have been taken whose answer was lost: its query has the last word.
            row.refusal = code
            noNearer()
            backOff(before: .refundQuery, jitter, at: now)
        case .unknown, .configuration:
            refundAgain(.refundQuery, jitter, at: now)
        }
    }

    mutating func refundQueryEnded(
        _ verdict: RefundQueryVerdict,
        at now: Moment,
        jitter: Double,
    ) {
        guard !row.isRefundLost else { return lostRefundEnded(verdict, at: now, jitter: jitter) }
        switch verdict {
        case .refunded:
            row.chargeSeen = true
            settle(at: now, as: .refunded)
        case .processing:
            row.refusal = nil
            row.unknownAnswers = 0
            backOff(before: .refundQuery, jitter, atLeast: timing.poll, at: now)
        case .refundNotExist:
            refundMissing(at: now)
        case .stuck(let state):
            park(ParkedReason.refundStuck(state), at: now)
        case .unknown, .configuration:
            refundAgain(.refundQuery, jitter, at: now)
        }
    }

    /// The platform knows of no refund of the kiosk's. Where the order shows one all the same, somebody else gave the money
    /// back (rule C3); where the kiosk's is refused, it is asked whether it does.
    private mutating func refundMissing(at now: Moment) {
        if row.toConfirm == TradeState.refund.rawValue {
            settle(at: now, as: .undone)
        } else if row.refusal != nil {
            wait(for: .query, after: .zero, at: now)
        } else {
            noNearer()
            // After a restart nobody knows when the last one was sent.
            let allowed = refundNotBefore ?? now.boot + timing.refundAgain
            let isToLook = mustLookAtOrder
            let pause = isToLook ? .zero : max(.zero, allowed - now.boot)
            wait(for: isToLook ? .query : .refund, after: pause, at: now)
        }
    }

    /// The order itself, asked while it is being refunded: a person may have given the money back in the merchant's console,
    /// and no refund of the kiosk's would ever be taken then (rules C3, C5).
    mutating func refundedOrderEnded(_ verdict: QueryVerdict, at now: Moment, jitter: Double) {
        switch verdict {
        case .notPaid(.revoked, _), .notPaid(.closed, _):
            row.chargeSeen = true
            settle(at: now, as: .undone)
        case .notPaid(.refund, _):
            // Whose it is, the query of the kiosk's own says.
            row.toConfirm = TradeState.refund.rawValue
            wait(for: .refundQuery, after: .zero, at: now)
        case .paid, .notPaid, .orderNotExist:
            if let refusal = row.refusal {
                park(ParkedReason.refundRefused(refusal), at: now)
            } else {
                wait(for: .refundQuery, after: timing.poll, at: now)
            }
        case .unknown, .configuration:
            if case .unknown(.unlisted) = verdict { flag() }
            noNearer()
            backOff(before: row.refusal == nil ? .refundQuery : .query, jitter, at: now)
        }
    }

    /// Another answer that brings it no nearer. A person who is told of the sixth may give the money back by hand, so every
    /// sixth is followed by a look at the order itself.
    private mutating func refundAgain(
        _ call: Call,
        _ jitter: Double,
        atLeast least: Duration = .zero,
        at now: Moment,
    ) {
        noNearer()
        backOff(before: mustLookAtOrder ? .query : call, jitter, atLeast: least, at: now)
    }

    private var mustLookAtOrder: Bool {
        row.unknownAnswers.isMultiple(of: Self.unknownAnswersBeforeFlag)
    }

    /// The order shows REFUND, and nobody knows whose (rules A5, A6). A refund under the order's own number was the kiosk's: its
    /// decision is stored anew and it goes on as any other. Without one somebody else gave the money back (rule C3).
    private mutating func lostRefundEnded(
        _ verdict: RefundQueryVerdict,
        at now: Moment,
        jitter: Double,
    ) {
        switch verdict {
        case .refundNotExist:
            settle(at: now, as: .undone)
        case .refunded:
            // Said once more when the decision is stored.
            decideRefund(at: now)
            wait(for: .refundQuery, after: .zero, at: now)
        case .processing, .stuck:
            decideRefund(at: now)
            refundQueryEnded(verdict, at: now, jitter: jitter)
        case .unknown, .configuration:
            noNearer()
            backOff(before: .refundQuery, jitter, at: now)
        }
    }
}
