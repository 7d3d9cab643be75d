import Payments

/// What happened in one world, in numbers.
package struct Tally: Hashable, Sendable {
    package var simulated: Int64 = 0
    /// From the end of the faults until everything had its end.
    package var settled: Int64 = 0
    package var visits = 0
    /// Submits.
    package var payments = 0
    /// Revokes sent, repeated ones included.
    package var revokes = 0
    /// Refunds asked for, repeated ones included.
    package var refunds = 0
    package var charges = 0
    package var returns = 0
    package var delivered = 0
    package var parked = 0
    package var starts = 0
    package var events = 0
    package var records = 0
    /// By ``Fault``, in its order.
    package var faults = Array(repeating: 0, count: Fault.allCases.count)

    package init() {}
}

extension Tally {
    /// All faults that struck.
    package var faultCount: Int { faults.reduce(0, +) }

    mutating func add(_ other: Tally) {
        simulated += other.simulated
        visits += other.visits
        payments += other.payments
        revokes += other.revokes
        refunds += other.refunds
        charges += other.charges
        returns += other.returns
        delivered += other.delivered
        parked += other.parked
        starts += other.starts
        events += other.events
        records += other.records
        for index in faults.indices { faults[index] += other.faults[index] }
    }

    /// The world has ended: what is in its books.
    mutating func finish(_ books: Books) {
        delivered = books.saleList.count { $0.row?.state == .delivered }
        parked = books.orderList.count { $0.attempt?.state == .parked }
    }
}
