import Payments

/// In the end, charges minus returns are the delivered sales and what a person looks after, order by order.
struct Balance: Invariant {
    private let unreportedPark: Int64

    init(_ sale: SalePolicy) { unreportedPark = sale.unreportedPark.wholeNanoseconds }

    func saw(_ fact: Fact, _ books: Books) -> String? { nil }

    /// No order is left to a person where nothing happened to it, or to all of them, that needs one: claimed goods of which
    /// nobody has said anything for an hour are such a thing too (rule D3).
    func parked(_ order: OrderNumber, _ books: Books, faults: [Int]) -> String? {
        let needsPerson = zip(Fault.allCases, faults).contains { $0.needsPerson && $1 > 0 }
        guard !needsPerson, let file = books.orders[order], !file.isForPerson else { return nil }
        let sale = books.sale(of: file)
        let isSilent = sale?.claimed.map { books.now - $0 >= unreportedPark } ?? false
        guard !isSilent, sale?.isForPerson != true else { return nil }
        return "\(order) is parked, and nothing happened that needs a person"
    }

    func closed(_ books: Books) -> String? {
        for file in books.orderList {
            guard let attempt = file.attempt else {
                if file.wasCharged, !file.isLost {
                    return "\(file.order) was charged and has no row"
                }
                continue
            }
            switch attempt.state {
            case .paid:
                guard file.isCharged else {
                    return "\(file.order) is delivered and was not charged"
                }
            case .parked, .writtenOff: break
            case .undone where file.isEndGuessed: break
            default:
                guard !file.isCharged else {
                    return "\(file.order) is \(attempt.state) and still charged"
                }
            }
            guard attempt.state == .undone, !file.isEndGuessed else { continue }
            let isHidden =
                attempt.outcome == AttemptRow.nothingKept
                && file.platform?.namesUndonePayment == false
            guard (attempt.outcome == AttemptRow.returned) == file.wasCharged || isHidden else {
                return
                    "\(file.order) is told as \(attempt.outcome ?? "nothing"), charged \(file.wasCharged)"
            }
        }
        for sale in books.saleList {
            guard let row = sale.row else { continue }
            guard row.state.isFinal else { return "\(sale.id) ends as \(row.state)" }
            guard !sale.isLost else { continue }
            let charged = sale.orders.count { $0.isCharged && $0.attempt?.state == .paid }
            guard charged == (row.state == .delivered ? 1 : 0) else {
                return "\(sale.id) is \(row.state) and \(charged) of its orders are charged"
            }
        }
        return nil
    }
}
