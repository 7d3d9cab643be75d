import Payments

/// Rule B1: Paid is only what a verified reply says, of an order whose money is really there.
struct PaidIsProven: Invariant {
    private var proven: Set<OrderNumber> = []

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .hears(.submitEnded(let order, .ended(.paid, _))),
            .hears(.queryEnded(let order, .paid)):
            proven.insert(order)
        case .acts(.record(let record)):
            // When it is decided: the disk may be so late that the money is back already.
            for case .attempt(let row) in record.rows where row.state == .paid {
                guard let file = books.orders[row.order], file.attempt?.state != .paid else {
                    continue
                }
                guard proven.contains(row.order) else {
                    return "\(row.order) is recorded as paid and no verified reply said so"
                }
                guard file.isCharged else { return "\(row.order) is recorded as paid and is not" }
            }
        default: break
        }
        return nil
    }
}

/// Rule B5: an attempt that is void never reached the platform, and never will.
struct VoidNeverArrived: Invariant {
    func saw(_ fact: Fact, _ books: Books) -> String? {
        guard case .stored(let record) = fact else { return nil }
        for case .attempt(let row) in record.rows where row.state == .void {
            guard let file = books.orders[row.order] else { continue }
            if file.platform != nil || file.lastByte != nil {
                return "\(row.order) is void, and bytes of it had left"
            }
        }
        return nil
    }
}
