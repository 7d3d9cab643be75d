/// The store-and-forward revoke queue (section C): which orders must be undone, and whose step is next. Pure; ``Till``
/// performs and records what it says.
///
/// Orders are independent of each other: each has a machine of its own, and the next step is that of whichever order is due
/// first. What holds back a step is only its own machine, the pace and the breaker (`RevokeQueue+Pace`), never another order.
/// An event costs the logarithm of the queue's length.
struct RevokeQueue {
    private(set) var machines: [OrderNumber: RevokeMachine] = [:]
    /// Those that only time stands before.
    private(set) var due = DueHeap()
    private(set) var numbers = RevokeNumbers()
    /// When each step under way began.
    var stepsBegan: [OrderNumber: BootTime] = [:]
    private var bySale: [SaleID: [OrderNumber]] = [:]
    private var awaiting: [RecordID: [OrderNumber]] = [:]

    var breaker: RevokeBreaker
    /// No step starts before this: the pace (rule C4).
    var nextStart = BootTime(nanoseconds: 0)
    /// The same for the records that first steps wait for.
    var nextRecord = BootTime(nanoseconds: 0)
    /// When the platform last answered anything, and how many steps began since.
    var lastReply: BootTime?
    var startedSinceReply = 0
    /// Rule A5: the journal may not be ours, so orders are looked at and nothing more.
    var isQueryOnly = false

    init(now: BootTime, timing: Timing) {
        breaker = RevokeBreaker(openAt: now, timing: timing)
    }

    subscript(_ order: OrderNumber) -> RevokeMachine? { machines[order] }

    /// The orders of a sale, in the order in which they came here.
    func machines(of sale: SaleID) -> [RevokeMachine] {
        (bySale[sale] ?? []).compactMap { machines[$0] }
    }

    /// By number, so that nothing depends on hashing. Not for every event.
    var orders: [OrderNumber] { machines.keys.sorted() }

    mutating func enter(_ machine: RevokeMachine) {
        let order = machine.row.order
        remove(order)
        machines[order] = machine
        bySale[machine.attempt.sale, default: []].append(order)
        numbers.add(machine)
        due.set(order, to: machine.nextStep)
        if let record = machine.awaitedRecord { awaiting[record, default: []].append(order) }
    }

    mutating func remove(_ order: OrderNumber) {
        guard let machine = machines.removeValue(forKey: order) else { return }
        numbers.remove(machine)
        due.set(order, to: nil)
        stepsBegan[order] = nil
        let sale = machine.attempt.sale
        bySale[sale]?.removeAll { $0 == order }
        if bySale[sale]?.isEmpty == true { bySale[sale] = nil }
    }

    /// Changes an order's machine and keeps what is counted and sorted true to it.
    @discardableResult
    mutating func update<Result>(
        _ order: OrderNumber,
        _ body: (inout RevokeMachine) -> Result,
    ) -> Result? {
        guard var machine = machines[order] else { return nil }
        numbers.remove(machine)
        let result = body(&machine)
        machines[order] = machine
        numbers.add(machine)
        due.set(order, to: machine.nextStep)
        if !machine.isStepping { stepsBegan[order] = nil }
        return result
    }

    /// What is known of the platform, when the orders are taken over anew.
    mutating func take(over other: RevokeQueue) {
        breaker = other.breaker
        nextStart = other.nextStart
        lastReply = other.lastReply
    }

    // MARK: - Records

    /// The order's next step waits for this record (rule A1).
    mutating func await(_ record: RecordID, _ order: OrderNumber) {
        guard machines[order] != nil else { return }
        update(order) { $0.awaitedRecord = record }
        awaiting[record, default: []].append(order)
    }

    /// The record is answered: stored or not, nobody waits for it any more.
    mutating func answered(_ record: RecordID) {
        for order in awaiting.removeValue(forKey: record) ?? []
        where machines[order]?.awaitedRecord == record {
            update(order) { $0.awaitedRecord = nil }
        }
    }
}
