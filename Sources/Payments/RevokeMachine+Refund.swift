/// The way back when the platform finally refuses the revoke of a paid order (rule C5): one refund, under one number that
/// never changes, done when a query of that refund says SUCCESS.
extension RevokeMachine {
    /// Decided, and not asked for before that is stored (rule A1).
    mutating func decideRefund(at now: Moment) {
        refusedRevoke = row.refusal
        row.refusal = nil
        row.refundDecided = now
        row.unknownAnswers = 0
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
            noNearer()
            backOff(before: .refund, jitter, atLeast: timing.refundAgain, at: now)
        case .refused(let code):
            // An earlier one may have been taken whose answer was lost: its query has the last word.
            row.refusal = code
            noNearer()
            backOff(before: .refundQuery, jitter, at: now)
        case .unknown, .configuration:
            noNearer()
            backOff(before: .refundQuery, jitter, at: now)
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
            if let refusal = row.refusal {
                park(ParkedReason.refundRefused(refusal), at: now)
            } else {
                noNearer()
                // After a restart nobody knows when the last one was sent.
                let allowed = refundNotBefore ?? now.boot + timing.refundAgain
                wait(for: .refund, after: max(.zero, allowed - now.boot), at: now)
            }
        case .stuck(let state):
            park(ParkedReason.refundStuck(state), at: now)
        case .unknown, .configuration:
            noNearer()
            backOff(before: .refundQuery, jitter, at: now)
        }
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
