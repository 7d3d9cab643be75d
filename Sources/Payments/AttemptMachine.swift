/// Decides one live attempt: from its record to a verdict that its sale can announce (rules B1 to B5).
///
/// Pure: events in, steps out. It never decides twice; once it has, everything that still arrives belongs to the
/// revoke queue (rule B6).
///
/// ```
/// recording ─▶ submitted ─▶ polling ─▶ lastQuery ─▶ decided
///     │            │  └─▶ checkingRefusal ─┘ │         ▲
///     └────────────┴───────────────┴─────────┴─────────┘
/// ```
package struct AttemptMachine: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// The intent is being committed; the code waits here. Next: `submitted`.
        case recording(PaymentCode)
        /// The submit is out and nothing is known. Next: `polling`, `checkingRefusal`, `decided`.
        case submitted
        /// A refusal is being confirmed by one query (rule B4). Next: `polling`, `decided`.
        case checkingRefusal(Refusal)
        /// Unknown or password needed: queries until the window ends (rules B2, B3). Next: `checkingRefusal`,
        /// `lastQuery`, `decided`.
        case polling
        /// The window is over, one query is still out and awaited (rule B2). Next: `decided`.
        case lastQuery
        case decided
    }

    /// What the attempt wants done, in this order.
    package enum Step: Hashable, Sendable {
        case submit(PaymentCode)
        case query
        /// Arm the timer of that purpose for this order, replacing an earlier arming.
        case arm(Timer, at: BootTime)
        case disarm(Timer)
        /// Abort the submit, which has no complete reply (rule C2).
        case abandonSubmit
        /// The attempt is polling now; the sale is confirming.
        case confirm
        case decide(Decision)
        /// The platform named our configuration as the cause; a probe decides (rule B7).
        case suspect(ConfigurationFault)
    }

    package enum Timer: Hashable, Sendable, CaseIterable {
        case silence
        case poll
        case window
        case refusalCheck
        case lastQuery
    }

    package enum Decision: Hashable, Sendable {
        case paid(PaymentProof)
        /// Confirmed by a query: nothing is charged.
        case refused(Refusal)
        /// A query said REFUND, or that a paid order was undone: money moved and is on its way back. Never Paid (rule B1).
        case returned
        /// The window is over and nobody knows.
        case unsettled
        /// Rule B5: nothing left the kiosk.
        case void
    }

    package private(set) var state: State
    /// When the first byte may have left; the windows count from here.
    package private(set) var submittedAt: BootTime?
    /// Whether the submit may still be under way.
    package private(set) var isSubmitOpen = false
    private var windowEnd: BootTime?
    private var queriesOut = 0
    private var lastQueryAt: BootTime?
    private let timing: Timing

    package init(code: PaymentCode, timing: Timing) {
        state = .recording(code)
        self.timing = timing
    }

    /// The attempt's row is on stable storage: now, and only now, the submit may leave (rule A1).
    package mutating func committed(at now: BootTime) -> [Step] {
        switch state {
        case .recording(let code):
            state = .submitted
            isSubmitOpen = true
            return [.submit(code)]
        case .submitted, .checkingRefusal, .polling, .lastQuery, .decided:
            // A second word on the same record: nothing new.
            return []
        }
    }

    /// The first byte may be leaving: the windows count from here. While a connection is still being made, nobody can
    /// have taken anything, and there is nothing to ask for (rule B5).
    package mutating func submitStarted(at now: BootTime) -> [Step] {
        guard submittedAt == nil else { return [] }
        submittedAt = now
        switch state {
        case .submitted:
            return [.arm(.silence, at: now + timing.queryAfterSilence)]
        case .recording, .checkingRefusal, .polling, .lastQuery, .decided:
            // Abandoned before the first byte, which left all the same.
            return []
        }
    }

    package mutating func submitEnded(_ outcome: SubmitOutcome, at now: BootTime) -> [Step] {
        isSubmitOpen = false
        switch state {
        case .recording, .decided:
            // Before the submit nothing can end; after the decision it is the queue's business (rule B6).
            return []
        case .submitted, .polling, .checkingRefusal, .lastQuery:
            break
        }
        switch outcome {
        case .neverLeft(let reason):
            // Once the first byte was said to be leaving, nothing proves any more that none did (rule B5).
            guard submittedAt == nil else {
                return submitAnswered(.unknown(.noReply(reason: reason)), at: now)
            }
            return decide(.void)
        case .ended(let verdict, _):
            return submitAnswered(verdict, at: now)
        }
    }

    private mutating func submitAnswered(_ verdict: SubmitVerdict, at now: BootTime) -> [Step] {
        switch verdict {
        case .paid(let proof):
            return decide(.paid(proof))
        case .passwordNeeded:
            // With the window over, the query that is still out has the last word (rule B2).
            return state == .lastQuery ? [] : poll(firstQueryAt: now + timing.poll, at: now)
        case .unknown:
            return state == .lastQuery ? [] : poll(firstQueryAt: now, at: now)
        case .refused(let refusal):
            return checkRefusal(refusal, at: now)
        case .configuration(let fault):
            let refusal = Refusal(advice: .callStaff, code: fault.text)
            return [.suspect(fault)] + checkRefusal(refusal, at: now)
        }
    }

    package mutating func queryEnded(_ verdict: QueryVerdict, at now: BootTime) -> [Step] {
        queriesOut = max(0, queriesOut - 1)
        switch state {
        case .recording, .submitted, .decided:
            // No query is sent before polling; one that outlived the decision is the queue's business (rule B6).
            return []
        case .polling:
            return pollAnswered(verdict, at: now)
        case .checkingRefusal(let refusal):
            return refusalAnswered(verdict, refusal: refusal, at: now)
        case .lastQuery:
            let steps = pollAnswered(verdict, at: now)
            if case .decided = state { return steps }
            // Of two queries out the younger may still say SUCCESS; the last answer ends it, whatever it says.
            guard queriesOut == 0 else { return suspicions(in: steps) }
            return suspicions(in: steps) + decide(.unsettled)
        }
    }

    package mutating func timerFired(_ timer: Timer, at now: BootTime) -> [Step] {
        switch (timer, state) {
        case (.silence, .submitted):
            return poll(firstQueryAt: now, at: now)
        case (.poll, .polling):
            // Also while an earlier query is silent: its connection may be dead, and the payer may have paid.
            guard queriesOut < Self.mostQueriesOut else {
                return [.arm(.poll, at: now + timing.poll)]
            }
            return pollNow(at: now)
        case (.window, .polling):
            // A query due at this very moment is still sent: the payer may have paid in the last seconds.
            let isQueryDue =
                queriesOut < Self.mostQueriesOut && (lastQueryAt ?? now) + timing.poll <= now
            guard queriesOut > 0 || isQueryDue else { return decide(.unsettled) }
            state = .lastQuery
            return [.disarm(.poll), .arm(.lastQuery, at: now + timing.lastQueryWait)]
                + (isQueryDue ? query(at: now) : [])
        case (.lastQuery, .lastQuery):
            return decide(.unsettled)
        case (.refusalCheck, .checkingRefusal):
            // No verified answer in time is rule B3.
            return poll(firstQueryAt: now, at: now)
        case (.silence, _), (.poll, _), (.window, _), (.lastQuery, _), (.refusalCheck, _):
            // A timer that lost its race.
            return []
        }
    }

    // MARK: - Ways

    private mutating func pollAnswered(_ verdict: QueryVerdict, at now: BootTime) -> [Step] {
        switch verdict {
        case .paid(let proof):
            return decide(.paid(proof))
        case .notPaid(let trade, let transaction):
            switch trade {
            case .refund:
                return decide(.returned)
            case .closed where transaction != nil, .revoked where transaction != nil:
                return decide(.returned)
            case .payError, .closed, .revoked:
                return decide(.refused(Refusal(advice: .notCompleted, code: trade.rawValue)))
            case .notPay, .userPaying, .accept, .other:
                // The next query is armed already.
                return []
            }
        case .orderNotExist, .unknown:
            return []
        case .configuration(let fault):
            return [.suspect(fault)]
        }
    }

    private mutating func refusalAnswered(
        _ verdict: QueryVerdict,
        refusal: Refusal,
        at now: BootTime,
    ) -> [Step] {
        switch verdict {
        case .paid(let proof):
            // The vendor's edge case: the reply said failed, the debit succeeded (rule B4).
            return decide(.paid(proof))
        case .notPaid(let trade, let transaction):
            switch trade {
            case .refund:
                return decide(.returned)
            case .closed where transaction != nil, .revoked where transaction != nil:
                return decide(.returned)
            case .notPay, .payError, .closed, .revoked:
                return refusalStands(refusal)
            case .userPaying, .accept:
                return poll(firstQueryAt: now + timing.poll, at: now)
            case .other:
                return poll(firstQueryAt: now, at: now)
            }
        case .orderNotExist:
            return refusalStands(refusal)
        case .unknown:
            return poll(firstQueryAt: now, at: now)
        case .configuration(let fault):
            return [.suspect(fault)] + poll(firstQueryAt: now, at: now)
        }
    }

    /// Replies can overtake each other: while an older query is out, this answer may be from before the refusal.
    /// Only once all are in has the one that was sent after it spoken.
    private mutating func refusalStands(_ refusal: Refusal) -> [Step] {
        queriesOut == 0 ? decide(.refused(refusal)) : []
    }

    private mutating func checkRefusal(_ refusal: Refusal, at now: BootTime) -> [Step] {
        let wasPolling = windowEnd != nil
        state = .checkingRefusal(refusal)
        let stop: [Step] = wasPolling ? [.disarm(.poll), .disarm(.lastQuery)] : [.disarm(.silence)]
        // Only a query that started after the refusal confirms it, so one is sent though another may be out.
        return stop + [.arm(.refusalCheck, at: now + timing.refusalCheck)] + query(at: now)
    }

    /// Enters polling. The window starts at the first non-final reply or at the end of the silence, and is never
    /// started again (rules B2, B3).
    private mutating func poll(firstQueryAt first: BootTime, at now: BootTime) -> [Step] {
        var steps: [Step] = []
        if case .submitted = state { steps.append(.disarm(.silence)) }
        if case .checkingRefusal = state { steps.append(.disarm(.refusalCheck)) }
        let isNew = windowEnd == nil
        let end = windowEnd ?? min(now + timing.payerWait, hardEnd(from: now))
        windowEnd = end
        state = .polling
        if isNew { steps += [.confirm, .arm(.window, at: end)] }
        if now >= end {
            // The platform's own end has passed while a refusal was being checked.
            return steps + [.disarm(.window)] + decide(.unsettled)
        }
        guard first > now else { return steps + pollNow(at: now) }
        return steps + [.arm(.poll, at: first)]
    }

    private func hardEnd(from now: BootTime) -> BootTime {
        (submittedAt ?? now) + timing.hardEnd
    }

    /// Queries that may be unanswered at the same time. One that is silent must not end the payment, and many help no
    /// more.
    static let mostQueriesOut = 4

    /// A query now and the next one in its turn, whether or not this one is answered (rule B2).
    private mutating func pollNow(at now: BootTime) -> [Step] {
        query(at: now) + [.arm(.poll, at: now + timing.poll)]
    }

    private mutating func query(at now: BootTime) -> [Step] {
        queriesOut += 1
        lastQueryAt = now
        return [.query]
    }

    private mutating func decide(_ decision: Decision) -> [Step] {
        state = .decided
        let abandon: [Step] = isSubmitOpen ? [.abandonSubmit] : []
        return Timer.allCases.map(Step.disarm) + abandon + [.decide(decision)]
    }

    private func suspicions(in steps: [Step]) -> [Step] {
        steps.filter { if case .suspect = $0 { true } else { false } }
    }

    /// The sale was cancelled or storage failed: the attempt can only be undone from here on. Returns the steps that
    /// quieten it; whether a submit is out is ``isSubmitOpen``.
    package mutating func abandoned() -> [Step] {
        switch state {
        case .decided:
            return []
        case .recording, .submitted, .checkingRefusal, .polling, .lastQuery:
            state = .decided
            return Timer.allCases.map(Step.disarm) + (isSubmitOpen ? [.abandonSubmit] : [])
        }
    }
}
