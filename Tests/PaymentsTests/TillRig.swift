import Payments
import TestKit
import Testing

/// A small shell for script tests: keeps the contract, a virtual clock and every action; the test plays the world.
final class TillRig {
    var till: Till
    private(set) var time: Int64
    private(set) var log: [TillAction] = []
    /// Every row ever stored, those of the runs before a restart included.
    private(set) var journal: [Row]
    private var timers: [TimerPurpose: (TimerID, BootTime)] = [:]
    private var order = RecordOrder()
    private var waiting: [Record] = []
    /// Off: records wait until ``commit()`` or ``failCommit()``.
    var commitsAtOnce: Bool
    private let bootID: BootID
    private let change: (inout Policy) -> Void
    private let seed: UInt64

    static let code = "134567890123456789"

    static var kiosk: KioskID {
        guard let id = KioskID("K0007") else { preconditionFailure("a legal kiosk id") }
        return id
    }

    static func cny(_ fen: Int64) -> Money {
        guard let money = Money(minorUnits: fen, currency: .cny) else {
            preconditionFailure("a legal amount")
        }
        return money
    }

    init(
        _ change: @escaping (inout Policy) -> Void = { _ in },
        rows: OpenRows = OpenRows(),
        ready: Bool = true,
        commitsAtOnce: Bool = true,
        time: Int64 = 1_000_000_000_000,
        bootID: BootID = BootID("boot-1"),
        journal: [Row] = [],
        seed: UInt64 = 7,
        custody: JournalCustody = .own,
        returnsTold: Set<OrderNumber> = [],
    ) {
        self.change = change
        self.returnsTold = returnsTold
        self.bootID = bootID
        self.journal = journal
        self.seed = seed
        self.time = time
        self.commitsAtOnce = commitsAtOnce
        var policy = Policy(kiosk: TillRig.kiosk)
        change(&policy)
        let moment = Moment(
            boot: BootTime(nanoseconds: time),
            bootID: bootID,
            wall: WallTime(milliseconds: 1_700_000_000_000, isSynchronised: true)
        )
        let (till, actions) = Till.recovering(
            rows,
            policy: policy,
            generator: SplitMix64(seed: seed),
            at: moment,
            custody: custody,
            returnsTold: returnsTold
        )
        self.till = till
        lastEventID = rows.lastEventID
        perform(actions)
        if ready { makeReady() }
    }

    /// The daemon is killed and starts again on what is stored; in another boot the clock begins anew.
    ///
    /// - Parameter remembers: off, what was to be remembered outside the journal could not be.
    func restarted(
        sameBoot: Bool = true,
        remembers: Bool = true,
        commitsAtOnce: Bool = true,
        custody: JournalCustody = .own,
    ) -> TillRig {
        TillRig(
            change,
            rows: RecoveryTests.openRows(self),
            commitsAtOnce: commitsAtOnce,
            time: sameBoot ? time : 5_000_000_000,
            bootID: sameBoot ? bootID : BootID(bootID.text + "+"),
            journal: journal,
            seed: seed &+ 1,
            custody: custody,
            returnsTold: sameBoot && remembers ? returnsTold : []
        )
    }

    var now: Moment {
        Moment(
            boot: BootTime(nanoseconds: time),
            bootID: bootID,
            wall: WallTime(milliseconds: 1_700_000_000_000, isSynchronised: true)
        )
    }

    /// Everything a sale needs: network, a good probe, a scanner.
    func makeReady() {
        send(.deviceChanged(.scanner, .working))
        send(.networkChanged(isReachable: true))
        send(.probeEnded(.good))
    }

    /// Feeds one event and performs what comes out; returns that event's actions, commits' included.
    @discardableResult
    func send(_ event: TillEvent) -> [TillAction] {
        let start = log.count
        perform(till.handle(event, at: now))
        return Array(log[start...])
    }

    private func perform(_ actions: [TillAction]) {
        for action in actions {
            log.append(action)
            switch action {
            case .record(let record):
                #expect(
                    !record.rows.isEmpty || record.endsAdoption || till.reasons.contains(.storage)
                )
                order.recorded(record.id)
                waiting.append(record)
            case .arm(let id, let due):
                timers[id.purpose] = (id, due)
            case .rememberReturn(let order): returnsTold.insert(order)
            case .disarm(let id):
                if timers[id.purpose]?.0 == id { timers[id.purpose] = nil }
            default:
                break
            }
        }
        while commitsAtOnce, !waiting.isEmpty { commit() }
    }

    /// Stores the oldest record, if it can be: as the journal does, it refuses events that do not follow the last.
    func commit() {
        guard let record = waiting.first else { return }
        guard follows(record) else { return failCommit() }
        waiting.removeFirst()
        let isInOrder = order.answered(record.id)
        #expect(isInOrder)
        store(record)
        commits += 1
        perform(till.handle(.committed(record.id), at: now))
    }

    /// - Parameter butStores: the disk has kept it all the same, which shows after a restart.
    func failCommit(butStores isStored: Bool = false) {
        guard !waiting.isEmpty else { return }
        let record = waiting.removeFirst()
        let isInOrder = order.answered(record.id)
        #expect(isInOrder)
        failures += 1
        if isStored { store(record) }
        perform(till.handle(.commitFailed(record.id), at: now))
    }

    private func store(_ record: Record) {
        journal += record.rows
        for case .event(let event) in record.rows { lastEventID = event.id }
        if record.endsAdoption { endedAdoptions += 1 }
    }

    private func follows(_ record: Record) -> Bool {
        var last: Int64 = lastEventID
        for case .event(let event) in record.rows {
            guard event.id == last + 1 else { return false }
            last = event.id
        }
        return true
    }

    private var lastEventID: Int64 = 0
    private(set) var returnsTold: Set<OrderNumber>
    private(set) var failures = 0
    /// Records stored: each costs a sync of the disk.
    private(set) var commits = 0
    /// Stored records that say that all rows of an adoption are taken over.
    private(set) var endedAdoptions = 0
    var hasUncommitted: Bool { !waiting.isEmpty }

    /// Moves the clock and fires what is due, in order of time. Returns the actions.
    @discardableResult
    func advance(_ seconds: Double) -> [TillAction] {
        let start = log.count
        let end = time + Int64(seconds * 1_000_000_000)
        for _ in 0..<10_000 {
            let due = timers.values.filter { $0.1.nanoseconds <= end }
                .min { ($0.1, $0.0.serial) < ($1.1, $1.0.serial) }
            guard let (id, at) = due else { break }
            timers[id.purpose] = nil
            time = max(time, at.nanoseconds)
            send(.timerFired(id))
        }
        time = end
        return Array(log[start...])
    }

    // MARK: - Shorthand

    func ask(_ amount: Int64 = 200, key: String? = nil, body: String? = nil) -> Answer? {
        asked(amount, key: key, body: body).answer
    }

    func asked(_ amount: Int64 = 200, key: String? = nil, body: String? = nil) -> [TillAction] {
        let wish = SaleRequest(
            amount: TillRig.cny(amount),
            description: "Locker",
            reference: nil,
            idempotencyKey: key,
            bodyHash: body
        )
        return send(.saleAsked(RequestID(1), wish, stored: nil))
    }

    func call(_ call: SaleCall, stored: SaleRow? = nil) -> Answer? {
        guard let id = stored?.id ?? till.activeSale?.id else { return nil }
        return send(.saleCalled(RequestID(2), id, call, stored: stored, attempts: [])).answer
    }

    @discardableResult
    func scan(_ digits: String = TillRig.code) -> [TillAction] {
        send(.codeScanned(ScannedCode(recognising: digits), CodeFingerprint("f" + digits)))
    }

    /// Asks for a sale and shows a code; returns the order number of the submit.
    func submit(_ digits: String = TillRig.code) throws -> OrderNumber {
        if till.activeSale == nil { _ = ask() }
        let order = try #require(scan(digits).submitted)
        send(.submitStarted(order))
        return order
    }

    func reply(_ order: OrderNumber, _ verdict: SubmitVerdict) -> [TillAction] {
        send(.submitEnded(order, .ended(verdict, lastByte: now.boot)))
    }

    func answerQuery(_ order: OrderNumber, _ verdict: QueryVerdict) -> [TillAction] {
        send(.queryEnded(order, verdict))
    }

    /// A code is refused, a query confirms it, and its revoke has been answered; the query after that is due.
    func refuseAndReverse() throws -> OrderNumber {
        let order = try submit()
        _ = reply(order, .refused(notEnough))
        _ = answerQuery(order, .orderNotExist)
        advance(15.1)
        send(.reverseEnded(order, .accepted(recall: false)))
        advance(0.3)
        return order
    }

    @discardableResult
    func callRevoke(_ order: OrderNumber, _ call: RevokeCall) -> Answer? {
        send(.revokeCalled(RequestID(4), order, call, stored: storedAttempt(order))).answer
    }

    var saleState: SaleState? { till.activeSale?.state }

    /// The last stored row of the sale, attempt or revoke.
    func storedSale(_ id: SaleID? = nil) -> SaleRow? {
        journal.reversed().lazy.compactMap { if case .sale(let row) = $0 { row } else { nil } }
            .first { id == nil || $0.id == id }
    }

    func storedAttempt(_ order: OrderNumber) -> AttemptRow? {
        journal.reversed().lazy.compactMap { if case .attempt(let row) = $0 { row } else { nil } }
            .first { $0.order == order }
    }

    func storedRevoke(_ order: OrderNumber) -> RevokeRow? {
        journal.reversed().lazy.compactMap { if case .revoke(let row) = $0 { row } else { nil } }
            .first { $0.order == order }
    }
}

extension [TillAction] {
    var answer: Answer? {
        compactMap { if case .answer(_, let answer) = $0 { answer } else { nil } }.last
    }
    var submitted: OrderNumber? {
        compactMap { if case .submit(let order, _, _, _) = $0 { order } else { nil } }.last
    }
    var queries: [OrderNumber] {
        compactMap { if case .query(let order, _) = $0 { order } else { nil } }
    }
    var reversed: [OrderNumber] {
        compactMap { if case .reverse(let order) = $0 { order } else { nil } }
    }
    var refunded: [OrderNumber] {
        compactMap { if case .refund(let order, _) = $0 { order } else { nil } }
    }
    var refundQueries: [OrderNumber] {
        compactMap { if case .refundQuery(let order, _) = $0 { order } else { nil } }
    }
    /// Orders that any step was started for.
    var steps: [OrderNumber] { queries + reversed + refunded + refundQueries }
    var notices: [Notice] {
        compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
    }
    var slips: [Slip] {
        compactMap { if case .print(let slip) = $0 { slip } else { nil } }
    }
    var events: [EventRow] {
        compactMap { if case .announce(let event) = $0 { event } else { nil } }
    }
    var lights: [LightSituation] {
        compactMap { if case .show(let display) = $0 { display.situation } else { nil } }
    }
    /// Whether the lights last called for a technician.
    var showsTechnician: Bool? {
        compactMap { if case .show(let display) = $0 { display.needsTechnician } else { nil } }.last
    }
    var abandoned: [OrderNumber] {
        compactMap { if case .abandonSubmit(let order) = $0 { order } else { nil } }
    }
    var probes: Int { count { if case .probe = $0 { true } else { false } } }
    var hasStop: Bool { contains(.stop) }
}

let proof = PaymentProof(
    transactionID: "1008450740201411110005820873",
    paidAtSeconds: 1_700_000_000,
    maskedPayer: nil
)
let notEnough = Refusal(advice: .otherCard, code: "NOTENOUGH")
