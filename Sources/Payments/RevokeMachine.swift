/// Undoes one order, however long it takes (rules C2, C3). Pure: one step at a time, serial by construction.
///
/// ```
/// waiting ─▶ stepping(query | reverse) ─▶ waiting … ─▶ settled
/// ```
package struct RevokeMachine: Hashable, Sendable {
    package enum Call: Hashable, Sendable {
        case query
        case reverse
    }

    package enum State: Hashable, Sendable {
        /// Until ``RevokeRow/due``, and never while the submit is still open (rule C2).
        case waiting(next: Call)
        case stepping(Call)
        /// A verified answer ended it (rule C3).
        case settled
    }

    package private(set) var state: State
    package private(set) var row: RevokeRow
    package var attempt: AttemptRow
    /// Rule C2: no step while a byte of the submit could still leave.
    package private(set) var isSubmitOpen: Bool
    /// Queries of the sale's own polling that are still out. Their answers may be older than any revoke and cannot be told
    /// from a later query's, so none of the queue's is sent before they are in (rule C3).
    private var earlierQueries: Int
    /// The record that holds the decision, while it is not answered: no step starts before (rule A1). Later the one that
    /// says settled.
    package var awaitedRecord: RecordID?
    private let timing: Timing

    /// - Parameter begins: `query` where the course of the order is not known (a restart), else `reverse`.
    package init(
        row: RevokeRow,
        attempt: AttemptRow,
        begins: Call,
        isSubmitOpen: Bool = false,
        earlierQueries: Int = 0,
        awaitedRecord: RecordID? = nil,
        timing: Timing,
    ) {
        state = .waiting(next: begins)
        self.row = row
        self.attempt = attempt
        self.isSubmitOpen = isSubmitOpen
        self.earlierQueries = earlierQueries
        self.awaitedRecord = awaitedRecord
        self.timing = timing
    }

    /// Whether it counts as money at risk (rule C7): refused attempts, confirmed by a query, do not.
    package var holdsMoney: Bool { row.reason != RevokeReason.refused.rawValue || row.chargeSeen }

    package func isDue(at now: BootTime) -> Bool {
        canWait && row.due.boot <= now
    }

    /// Whether only time stands before the next step.
    package var canWait: Bool {
        guard case .waiting(let next) = state, !isSubmitOpen, awaitedRecord == nil else {
            return false
        }
        return next == .reverse || earlierQueries == 0
    }

    /// Whether the next answer to a query is the one that this machine asked for.
    package var isAwaitingQuery: Bool { state == .stepping(.query) }

    /// Settled, and no record that says so is under way: it has just been stored, or could not be.
    package var isSettledAndAnswered: Bool { state == .settled && awaitedRecord == nil }

    /// Starts the step that is due; `nil` if none can start now.
    package mutating func begin(at now: BootTime) -> Call? {
        guard isDue(at: now), case .waiting(let call) = state else { return nil }
        state = .stepping(call)
        return call
    }

    /// The submit's transmission is over: the earliest revoke counts from its last byte (rule C2).
    package mutating func submitEnded(_ outcome: SubmitOutcome, at now: Moment) {
        isSubmitOpen = false
        if case .ended(let verdict, let lastByte) = outcome {
            if case .paid = verdict { row.chargeSeen = true }
            postpone(to: lastByte + timing.revokeNotBefore, at: now)
        }
    }

    /// A query of the sale's own polling came in late: it can only tell that money moved (rule B6).
    package mutating func lateVerdict(_ verdict: QueryVerdict) {
        earlierQueries = max(0, earlierQueries - 1)
        switch verdict {
        case .paid, .notPaid(.refund, _), .notPaid(_, .some): row.chargeSeen = true
        case .notPaid(_, nil), .orderNotExist, .unknown, .configuration: break
        }
    }

    /// Marks the order for a person's eye; trying goes on (rule C4).
    package mutating func flag() { row.needsPerson = true }

    /// Moves the next step, never to an earlier time.
    package mutating func postpone(to due: BootTime, at now: Moment) {
        guard due > row.due.boot || row.due.bootID != now.bootID else { return }
        row.due = Moment(boot: due, bootID: now.bootID, wall: now.wall)
    }

    /// The network is back: the step starts at `due`, be it sooner or later than planned, but never before rule C2
    /// allows the first one.
    package mutating func reschedule(to due: BootTime, at now: Moment) {
        guard row.tries > 0 || row.due.boot <= now.boot else { return }
        row.due = Moment(boot: due, bootID: now.bootID, wall: now.wall)
    }

    // MARK: - Answers

    /// - Parameter jitter: a fraction in 0..<1 for the back-off (rule C4); randomness is an input (rule F2).
    /// - Returns: whether this machine waited for the answer.
    package mutating func reverseEnded(
        _ verdict: ReverseVerdict,
        at now: Moment,
        jitter: Double,
    ) -> Bool {
        guard case .stepping(.reverse) = state else { return false }
        row.tries += 1
        row.lastAnswer = verdict.word
        switch verdict {
        case .accepted(recall: false):
            row.accepted = row.accepted ?? now
            wait(for: .query, after: .zero, at: now)
        case .accepted(recall: true):
            noNearer()
            wait(for: afterAgain, after: backOff(jitter), at: now)
        case .again:
            noNearer()
            wait(for: afterAgain, after: max(timing.poll, backOff(jitter)), at: now)
        case .refused, .unknown, .configuration:
            noNearer()
            wait(for: .query, after: backOff(jitter), at: now)
        }
        return true
    }

    /// - Returns: whether this machine waited for the answer.
    package mutating func queryEnded(
        _ verdict: QueryVerdict,
        at now: Moment,
        jitter: Double,
    ) -> Bool {
        guard isAwaitingQuery else { return false }
        row.tries += 1
        row.lastAnswer = verdict.word
        switch verdict {
        case .paid:
            row.chargeSeen = true
            startOver(after: backOff(jitter), at: now)
        case .notPaid(let trade, let transactionID):
            if transactionID != nil || trade == .refund { row.chargeSeen = true }
            if attempt.transactionID == nil { attempt.transactionID = transactionID }
            switch trade {
            case .revoked, .closed, .refund:
                settle(at: now)
            case .payError:
                confirmOrReverse(trade.rawValue, at: now)
            case .notPay, .userPaying, .accept, .other:
                startOver(after: backOff(jitter), at: now)
            }
        case .orderNotExist:
            confirmOrReverse(verdict.word, at: now)
        case .unknown:
            noNearer()
            let next: Call = row.accepted == nil ? .reverse : .query
            wait(for: next, after: backOff(jitter), at: now)
        case .configuration:
            noNearer()
            wait(for: .query, after: backOff(jitter), at: now)
        }
        return true
    }

    /// A platform that says "again" of an order that is closed already would be asked for ever: every third try looks how
    /// the order stands (rule C3).
    private var afterAgain: Call { row.tries.isMultiple(of: 3) ? .query : .reverse }

    /// ORDERNOTEXIST and PAYERROR settle only after an accepted revoke, and only when said twice (rule C3).
    private mutating func confirmOrReverse(_ answer: String, at now: Moment) {
        guard row.accepted != nil else {
            wait(for: .reverse, after: .zero, at: now)
            return
        }
        if row.toConfirm == answer, let since = row.toConfirmSince {
            // Across a restart the boot clock says nothing: wait the whole time again.
            if let age = since.age(at: now), age >= timing.confirmAgain {
                settle(at: now)
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

    /// The order lives after all: an earlier acceptance proves nothing any more (rule C3).
    private mutating func startOver(after pause: Duration, at now: Moment) {
        if row.accepted != nil { noNearer() }
        row.accepted = nil
        row.toConfirm = nil
        row.toConfirmSince = nil
        wait(for: .reverse, after: pause, at: now)
    }

    private mutating func settle(at now: Moment) {
        row.settled = now
        state = .settled
    }

    /// Six such answers flag a person (rule C4). A verified state in between does not make them undone: an order whose
    /// revokes never get through, or whose acceptance never takes effect, is one for a person too.
    private mutating func noNearer() { row.unknownAnswers += 1 }

    private mutating func wait(for call: Call, after pause: Duration, at now: Moment) {
        state = .waiting(next: call)
        row.due = Moment(boot: now.boot + pause, bootID: now.bootID, wall: now.wall)
    }

    /// Exponential back-off with full jitter, at least a second so that a fault never spins (rule C4).
    private func backOff(_ jitter: Double) -> Duration {
        let doubled = timing.retryBase * (1 << min(row.tries, 20))
        let ceiling = min(timing.retryCap, doubled)
        return max(min(.seconds(1), timing.retryBase), ceiling * jitter)
    }
}

/// Why an order must be undone (rule C1). The words are stored.
package enum RevokeReason: String, Hashable, Sendable, CaseIterable {
    case refused
    case expired
    case cancelled
    case notClaimed = "not-claimed"
    case undelivered
    case restart
    case storage
    /// A query said that the money is already on its way back.
    case returned
}
