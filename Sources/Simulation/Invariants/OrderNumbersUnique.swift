import Payments

/// Rule A2: an order number is used once, whatever happens to power, clock and memory.
struct OrderNumbersUnique: Invariant {
    private var used: Set<OrderNumber> = []

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .acts(.submit(let order, _, _, _)), .acts(.probe(let order)):
            guard used.insert(order).inserted else { return "\(order) is used a second time" }
            guard order.text.utf8.count <= 31 else { return "\(order) is too long" }
        case .stored(let record):
            for case .attempt(let row) in record.rows {
                guard let known = books.orders[row.order]?.attempt else { continue }
                guard known.sale == row.sale, known.ordinal == row.ordinal else {
                    return "\(row.order) names two attempts"
                }
            }
        default: break
        }
        return nil
    }
}
