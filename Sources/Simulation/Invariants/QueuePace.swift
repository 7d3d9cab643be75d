import Payments

/// Rule C4: the queue sends at most five requests per second from one kiosk.
struct QueuePace: Invariant {
    private var sent: [Int64] = []
    private let most: Int

    init(_ risk: RiskLimits) { most = risk.revokeRequestsPerSecond }

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .acts(.reverse(let order)), .acts(.query(let order, _)), .acts(.refund(let order, _)),
            .acts(.refundQuery(let order, _)):
            guard books.orders[order]?.revoke != nil else { return nil }
            sent.append(books.now)
            guard sent.count > most else { return nil }
            let first = sent.removeFirst()
            guard books.now - first < Span.second else { return nil }
            return
                "\(most + 1) requests of the queue within \((books.now - first) / Span.millisecond) ms"
        case .isGone:
            sent = []
            return nil
        default: return nil
        }
    }
}

/// Rule C7: no attempt starts while as many orders, or as much money, as allowed may be held. Refused ones do not count, but the
/// queue itself is bounded too.
struct MoneyAtRisk: Invariant {
    private var open: [OrderFile] = []
    private var refused: Set<OrderNumber> = []
    private let most: Int
    private let largestSum: Int64
    private let longestQueue: Int

    init(_ risk: RiskLimits) {
        most = risk.maximumUnsettledCount
        largestSum = risk.maximumUnsettledSum
        longestQueue = risk.maximumQueued
    }

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .acts(.record(let record)):
            // Confirmed by a query, whether or not the disk takes it.
            for case .attempt(let row) in record.rows where row.state == .refused {
                refused.insert(row.order)
            }
        case .stored(let record):
            for row in record.rows {
                switch row {
                case .revoke(let row):
                    let file = books.file(row.order)
                    if row.settled != nil {
                        open.removeAll { $0 === file }
                    } else if !open.contains(where: { $0 === file }) {
                        open.append(file)
                    }
                default: break
                }
            }
        case .rewritten:
            open = books.orderList.filter { $0.revoke != nil && $0.revoke?.settled == nil }
        case .acts(.prepareSubmit(let order, _, _, _)):
            guard open.count < longestQueue else {
                return "\(order) starts while \(open.count) orders are in the queue"
            }
            let held = open.filter { !refused.contains($0.order) }
            guard held.count < most else {
                return "\(order) starts while \(held.count) orders may hold money"
            }
            let sum = held.reduce(0) { $0 + ($1.attempt?.amount.minorUnits ?? 0) }
            guard sum < largestSum else { return "\(order) starts while \(sum) may be held in all" }
        default: break
        }
        return nil
    }
}
