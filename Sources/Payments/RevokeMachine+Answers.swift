/// What came back for a step of the revoke queue.
package enum StepAnswer: Hashable, Sendable {
    case query(QueryVerdict)
    case reverse(ReverseVerdict)
    case refund(RefundVerdict)
    case refundQuery(RefundQueryVerdict)

    package var call: RevokeMachine.Call {
        switch self {
        case .query: .query
        case .reverse: .reverse
        case .refund: .refund
        case .refundQuery: .refundQuery
        }
    }

    var word: String {
        switch self {
        case .query(let verdict): verdict.word
        case .reverse(let verdict): verdict.word
        case .refund(let verdict): verdict.word
        case .refundQuery(let verdict): verdict.word
        }
    }

    /// How the reply arrived, whatever it says.
    var arrival: ReplyArrival {
        switch self {
        case .query(let verdict): ReplyArrival(verdict)
        case .reverse(let verdict): ReplyArrival(verdict)
        case .refund(let verdict): ReplyArrival(verdict)
        case .refundQuery(let verdict): ReplyArrival(verdict)
        }
    }
}

/// The answers to queries and reverses (rule C3).
extension RevokeMachine {
    /// - Parameter jitter: a fraction in 0..<1 for the back-off (rule C4); randomness is an input (rule F2).
    /// - Returns: whether this machine waited for the answer.
    package mutating func answered(_ answer: StepAnswer, at now: Moment, jitter: Double) -> Bool {
        guard state == .stepping(answer.call) else { return false }
        row.tries += 1
        row.lastAnswer = answer.word
        switch answer {
        case .query(let verdict): queryEnded(verdict, at: now, jitter: jitter)
        case .reverse(let verdict): reverseEnded(verdict, at: now, jitter: jitter)
        case .refund(let verdict): refundEnded(verdict, at: now, jitter: jitter)
        case .refundQuery(let verdict): refundQueryEnded(verdict, at: now, jitter: jitter)
        }
        return true
    }

    /// The step did not get through while nothing does (rule C4): the same one again when the breaker has closed. It was no
    /// try of this order's, so nothing of it is worth storing.
    ///
    /// - Returns: whether this machine waited for the answer.
    package mutating func failedInOutage(_ call: Call, at now: Moment) -> Bool {
        guard state == .stepping(call) else { return false }
        // Whether an unclear refund was taken is asked first (wire facts, 1.12).
        backOff(before: call == .refund ? .refundQuery : call, 0, at: now)
        return true
    }

    /// What a query said while nothing may be done about the order (rule A5): kept for people to read.
    ///
    /// - Returns: whether this machine waited for the answer.
    package mutating func watched(_ answer: StepAnswer, at now: Moment, jitter: Double) -> Bool {
        guard state == .stepping(.query), case .query(let verdict) = answer else { return false }
        row.tries += 1
        row.lastAnswer = verdict.word
        noteCharge(verdict)
        backOff(before: .query, jitter, atLeast: timing.poll, at: now)
        return true
    }

    private mutating func reverseEnded(_ verdict: ReverseVerdict, at now: Moment, jitter: Double) {
        if verdict.wantsPerson { flag() }
        switch verdict {
        case .accepted(recall: false):
            row.refusal = nil
            row.accepted = row.accepted ?? now
            wait(for: .query, after: .zero, at: now)
        case .accepted(recall: true):
            row.refusal = nil
            noNearer()
            backOff(before: afterAgain, jitter, at: now)
        case .again:
            row.refusal = nil
            noNearer()
            backOff(before: afterAgain, jitter, atLeast: timing.poll, at: now)
        case .refused(let code):
            // Rule C5: what the order's state is decides what follows.
            row.refusal = code
            noNearer()
            backOff(before: .query, jitter, at: now)
        case .unknown, .configuration:
            noNearer()
            backOff(before: .query, jitter, at: now)
        }
    }

    private mutating func queryEnded(_ verdict: QueryVerdict, at now: Moment, jitter: Double) {
        noteCharge(verdict)
        guard row.refundDecided == nil else {
            return refundedOrderEnded(verdict, at: now, jitter: jitter)
        }
        switch verdict {
        case .paid(let proof):
            if attempt.transactionID == nil { attempt.transactionID = proof.transactionID }
            foundPaid(at: now, jitter: jitter)
        case .notPaid(let trade, let transactionID):
            if attempt.transactionID == nil { attempt.transactionID = transactionID }
            row.isAdopted = false
            switch trade {
            case .refund where row.isRefundLost:
                wait(for: .refundQuery, after: .zero, at: now)
            case .revoked, .closed, .refund:
                settle(at: now, as: .undone)
            case .payError:
                confirmOrReverse(trade.rawValue, at: now, jitter: jitter)
            case .notPay, .userPaying, .accept, .other:
                startOver(at: now, jitter: jitter)
            }
        case .orderNotExist:
            row.isAdopted = false
            confirmOrReverse(verdict.word, at: now, jitter: jitter)
        case .unknown(let cause):
            noNearer()
            if case .unlisted = cause { flag() }
            // Whoever may have got the goods, or whose revoke is refused, is looked at again before anything is done.
            let mustKnow = row.accepted != nil || row.isAdopted || row.refusal != nil
            backOff(before: mustKnow ? .query : .reverse, jitter, at: now)
        case .configuration:
            noNearer()
            backOff(before: .query, jitter, at: now)
        }
    }

    private mutating func foundPaid(at now: Moment, jitter: Double) {
        if row.isAdopted {
            park(ParkedReason.paidBeforeAdoption, at: now)
        } else if row.refusal != nil {
            decideRefund(at: now)
        } else {
            startOver(at: now, jitter: jitter)
        }
    }

    /// A platform that says "again" of an order that is closed already would be asked for ever: every third try looks how
    /// the order stands (rule C3).
    private var afterAgain: Call { row.tries.isMultiple(of: 3) ? .query : .reverse }

    /// ORDERNOTEXIST and PAYERROR settle only after an accepted revoke, and only when said twice (rule C3).
    private mutating func confirmOrReverse(_ answer: String, at now: Moment, jitter: Double) {
        guard row.accepted != nil else {
            guard row.refusal == nil else { return startOver(at: now, jitter: jitter) }
            wait(for: .reverse, after: .zero, at: now)
            return
        }
        if row.toConfirm == answer, let since = row.toConfirmSince {
            // Across a restart the boot clock says nothing: wait the whole time again. It counts when this query was made, not
            // how long its answer took.
            if let age = since.age(at: now), age - (now.boot - stepBegan) >= timing.confirmAgain {
                settle(at: now, as: .undone)
                return
            }
            if since.bootID == now.bootID {
                wait(for: .query, after: timing.confirmAgain - (now.boot - since.boot), at: now)
                return
            }
        }
        row.unknownAnswers = 0
        row.toConfirm = answer
        row.toConfirmSince = now
        wait(for: .query, after: timing.confirmAgain, at: now)
    }

    /// The order lives after all: an earlier acceptance proves nothing any more (rule C3). One whose revoke is finally
    /// refused time and again and that is not paid cannot end by itself (rule C5).
    private mutating func startOver(at now: Moment, jitter: Double) {
        if let refusal = row.refusal, row.unknownAnswers >= Self.unknownAnswersBeforeFlag,
            row.accepted == nil
        {
            park(ParkedReason.revokeRefused(refusal), at: now)
            return
        }
        if row.accepted != nil { noNearer() }
        row.accepted = nil
        row.toConfirm = nil
        row.toConfirmSince = nil
        if row.tries == 1, row.refusal == nil {
            // The first look was no failed try, and until the revoke the payer can still pay.
            wait(for: .reverse, after: .zero, at: now)
        } else {
            backOff(before: .reverse, jitter, at: now)
        }
    }
}
