/// Undoes one order, however long it takes (rules C2, C3, C5). Pure: one step at a time, serial by construction.
///
/// ```
/// waiting ─▶ stepping(query | reverse) ─▶ waiting … ─────▶ settled
///    └──────▶ stepping(refund | refundQuery) ─▶ waiting … ─┘
///    └──────▶ parked ─▶ waiting (a person: try again)
/// ```
///
/// What an answer means is in `RevokeMachine+Answers` and `RevokeMachine+Refund`.
package struct RevokeMachine: Hashable, Sendable {
    package enum Call: Hashable, Sendable, CaseIterable {
        case query
        case reverse
        /// Only after the decision to refund is stored (rules A1, C5).
        case refund
        case refundQuery
    }

    package enum State: Hashable, Sendable {
        /// Until ``RevokeRow/due``, and never while the submit is still open (rule C2).
        case waiting(next: Call)
        case stepping(Call)
        /// A verified answer ended it (rules C3, C5).
        case settled
        /// It cannot end by itself: a person settles it or has it tried again (rule C5).
        case parked
    }

    package internal(set) var state: State
    package internal(set) var row: RevokeRow
    package internal(set) var attempt: AttemptRow
    /// Rule C2: no step while a byte of the submit could still leave.
    package private(set) var isSubmitOpen: Bool
    /// Queries of the sale's own polling that are still out. Their answers may be older than any revoke and cannot be told
    /// from a later query's, so none of the queue's is sent before they are in (rule C3).
    private var earlierQueries: Int
    /// The record that holds the decision, while it is not answered: no step starts before (rule A1). Later the one that
    /// says how it ended.
    package internal(set) var awaitedRecord: RecordID?
    /// A person's settlement of it is being stored: it is the order's last word, unless it cannot be stored.
    package internal(set) var isBeingSettled = false
    /// It has ended or is parked, and no stored row says so yet.
    package internal(set) var owesRecord = false
    /// A step of it was answered as if our client certificate were refused. The queue stood still from then on until a probe
    /// found it good, so the next such answer is about this order alone, unless a probe says otherwise (rule B7).
    var wasRefusedCertificate = false
    /// The journal may still say that the goods are to be released: no step before this, or before a row of the queue is stored
    /// (rules A1, D3). It is not stored itself: after a restart the journal says what it says.
    var holdEnds: BootTime?
    /// No second refund before this (wire facts, 1.12).
    var refundNotBefore: BootTime?
    /// When the step that is under way, or was the last one, began: its answer may be made any time after (rule C3).
    private(set) var stepBegan = BootTime(nanoseconds: 0)
    /// The code of the refused revoke, while the decision to refund is being stored.
    var refusedRevoke: String?
    let timing: Timing

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
        state = row.parked == nil ? .waiting(next: begins) : .parked
        self.row = row
        self.attempt = attempt
        self.isSubmitOpen = isSubmitOpen
        self.earlierQueries = earlierQueries
        self.awaitedRecord = awaitedRecord
        self.timing = timing
    }

    /// The machine of a stored row after a restart: it looks before it acts, but for a refused attempt that nothing was
    /// done about yet.
    init(stored row: RevokeRow, attempt: AttemptRow, earlierQueries: Int = 0, timing: Timing) {
        let isUntouched = row.tries == 0 && row.reason == RevokeReason.refused.rawValue
        let begins: Call =
            row.refundDecided != nil ? .refundQuery : isUntouched ? .reverse : .query
        self.init(
            row: row,
            attempt: attempt,
            begins: begins,
            earlierQueries: earlierQueries,
            timing: timing
        )
    }

    /// Whether it counts as money at risk (rule C7): refused attempts, confirmed by a query, do not.
    package var holdsMoney: Bool { row.reason != RevokeReason.refused.rawValue || row.chargeSeen }

    package var isParked: Bool { state == .parked }

    var isStepping: Bool { if case .stepping = state { true } else { false } }

    package func isDue(at now: BootTime) -> Bool { nextStep.map { $0 <= now } ?? false }

    /// When the next step is due; `nil` if something else than time stands before it.
    package var nextStep: BootTime? {
        guard case .waiting(let next) = state, !isSubmitOpen, awaitedRecord == nil,
            next != .query || earlierQueries == 0
        else { return nil }
        return holdEnds.map { max($0, row.due.boot) } ?? row.due.boot
    }

    /// Starts the step that is due; `nil` if none can start now.
    package mutating func begin(at now: BootTime) -> Call? {
        guard isDue(at: now), case .waiting(let next) = state else { return nil }
        let call = next == .reverse && mustLookFirst(at: now) ? .query : next
        state = .stepping(call)
        stepBegan = now
        if call == .refund { refundNotBefore = now + timing.refundAgain }
        return call
    }

    /// Whether a first revoke leaves later than rule C2 alone would have it, and the payer may have paid since somebody looked:
    /// once it is undone, the platform need not say that it was paid (wire facts, 1.9). A refused attempt was looked at
    /// before anybody was told (rule B4).
    private func mustLookFirst(at now: BootTime) -> Bool {
        row.tries == 0 && holdsMoney && !row.chargeSeen && earlierQueries == 0
            && now - row.decided.boot > timing.revokeNotBefore + timing.poll
    }

    /// Looks how the order stands, whatever the next step is (rule A5): nothing else may be done about it now.
    package mutating func beginQueryOnly(at now: BootTime) -> Call? {
        guard isDue(at: now) else { return nil }
        state = .stepping(.query)
        stepBegan = now
        return .query
    }

    /// The submit's transmission is over: the earliest revoke counts from its last byte (rule C2).
    package mutating func submitEnded(_ outcome: SubmitOutcome, at now: Moment) {
        isSubmitOpen = false
        if case .ended(let verdict, let lastByte) = outcome {
            if case .paid = verdict { row.chargeSeen = true }
            postpone(to: lastByte + timing.revokeNotBefore, at: now)
        }
    }

    /// A query of the sale's own polling came in late: it can tell that money moved (rule B6), and that the order lives. That
    /// may be older than an accepted revoke or newer, so the revoke proves nothing any more (rule C3).
    package mutating func lateVerdict(_ verdict: QueryVerdict) {
        earlierQueries = max(0, earlierQueries - 1)
        noteCharge(verdict)
        switch verdict {
        case .paid, .notPaid(.notPay, _), .notPaid(.userPaying, _), .notPaid(.accept, _),
            .notPaid(.other, _):
            row.accepted = nil
            row.toConfirm = nil
        case .notPaid, .orderNotExist, .unknown, .configuration: break
        }
    }

    /// Marks the order for a person's eye; trying goes on (rule C4).
    package mutating func flag() { row.needsPerson = true }

    /// Moves the next step, never to an earlier time.
    package mutating func postpone(to due: BootTime, at now: Moment) {
        guard due > row.due.boot || row.due.bootID != now.bootID else { return }
        row.due = Moment(boot: due, bootID: now.bootID, wall: now.wall)
    }

    /// The network is back: a step that is due already starts at `due`. One that is not waits its time: for a rule (C2, C3), or
    /// because its own tries failed while others got through.
    package mutating func reschedule(to due: BootTime, at now: Moment) {
        guard row.due.boot <= now.boot else { return }
        row.due = Moment(boot: due, bootID: now.bootID, wall: now.wall)
    }

    /// A person wants to know now: a step that waits for its back-off starts, one that a rule holds back does not.
    mutating func hasten(at now: Moment) {
        guard case .waiting(let next) = state, row.tries > 0, next != .refund else { return }
        row.due = now
    }

    // MARK: - Parking

    /// It waits for a person from here on.
    mutating func park(_ reason: String, at now: Moment) {
        state = .parked
        row.parked = now
        row.parkedReason = reason
        attempt.state = .parked
        attempt.updated = now
        owesRecord = true
    }

    /// Whether it is parked because goods may have left (rules A5, D3): only a report or a person's word can say what is
    /// right, never another try.
    package var isAboutGoods: Bool {
        state == .parked && ParkedReason.aboutGoods.contains(row.parkedReason ?? "")
    }

    /// A person has it tried again, from where it stopped; it is looked at first.
    mutating func unpark(at now: Moment) {
        guard state == .parked else { return }
        row.parked = nil
        row.parkedReason = nil
        row.refusal = nil
        row.unknownAnswers = 0
        row.isAdopted = false
        attempt.state = row.attemptState
        attempt.updated = now
        owesRecord = false
        // What the person has done in the meantime shows in the order itself.
        wait(for: .query, after: .zero, at: now)
    }

    // MARK: - Waiting

    mutating func noteCharge(_ verdict: QueryVerdict) {
        switch verdict {
        case .paid, .notPaid(.refund, _), .notPaid(_, .some): row.chargeSeen = true
        case .notPaid(_, nil), .orderNotExist, .unknown, .configuration: break
        }
    }

    /// Six such answers flag a person (rule C4). A verified state in between does not make them undone: an order whose
    /// revokes never get through, or whose acceptance never takes effect, is one for a person too.
    mutating func noNearer() {
        row.unknownAnswers += 1
        if row.unknownAnswers >= Self.unknownAnswersBeforeFlag { flag() }
    }

    static let unknownAnswersBeforeFlag = 6

    mutating func settle(at now: Moment, as end: AttemptState) {
        row.settled = now
        state = .settled
        attempt.state = end
        attempt.updated = now
        attempt.outcome = row.outcome
        owesRecord = true
    }

    mutating func wait(for call: Call, after pause: Duration, at now: Moment) {
        state = .waiting(next: call)
        row.due = Moment(boot: now.boot + pause, bootID: now.bootID, wall: now.wall)
    }

    /// Waits for the back-off, at least `least`.
    mutating func backOff(
        before call: Call,
        _ jitter: Double,
        atLeast least: Duration = .zero,
        at now: Moment,
    ) {
        wait(for: call, after: max(least, pause(jitter)), at: now)
    }

    /// Exponential with full jitter, at least a second so that a fault never spins (rule C4).
    private func pause(_ jitter: Double) -> Duration {
        let doubled = timing.retryBase * (1 << min(row.tries, 20))
        let ceiling = min(timing.retryCap, doubled)
        return max(min(.seconds(1), timing.retryBase), ceiling * jitter)
    }
}
