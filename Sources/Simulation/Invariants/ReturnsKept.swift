import Payments

/// Rules A3 and G3: whoever was told that the money of an order goes back gets it back, and no goods are offered for it any more.
/// What was said while nothing could be stored holds until the machine's next boot, and what a journal says that was put back or
/// recovered decides anew.
struct ReturnsKept: Invariant {
    private var told: Set<OrderNumber> = []

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .acts(.notice(.ended(let row, let order))) where Self.isReturn(row.truth): tell(order)
        case .acts(.print(let slip)):
            if case .notCompleted(.beingReturned, _) = slip.kind { tell(slip.order) }
        case .acts(.announce(let event)):
            if Self.isReturn(event.truth) { tell(event.order) }
            guard event.kind == .releaseOffered, let order = promised(event.sale, books) else {
                return nil
            }
            return "goods are offered, and the payer of \(order) was told that the money goes back"
        case .stored(let record):
            for case .sale(let row) in record.rows where row.state == .delivered {
                guard let order = promised(row.id, books) else { continue }
                return
                    "\(row.id) is delivered, and the payer of \(order) was told that the money goes back"
            }
        case .starts(let rows, isNewBoot: true, _):
            for row in rows.sales where row.state == .paid || row.state == .delivering {
                promised(row.id, books).map { _ = told.remove($0) }
            }
        case .rewritten: told = []
        default: break
        }
        return nil
    }

    func closed(_ books: Books) -> String? {
        let kept = told.sorted().first { order in
            books.orders[order].map { $0.isCharged && $0.attempt?.state == .paid } == true
        }
        return kept.map { "the payer of \($0) was told that the money goes back, and it is kept" }
    }

    private mutating func tell(_ order: OrderNumber?) {
        if let order { told.insert(order) }
    }

    /// The order on which a sale's goods would leave, if its payer was told that they will not.
    private func promised(_ sale: SaleID?, _ books: Books) -> OrderNumber? {
        let orders = sale.flatMap { books.sales[$0]?.orders } ?? []
        return orders.first { $0.attempt?.state == .paid && told.contains($0.order) }?.order
    }

    private static func isReturn(_ truth: String?) -> Bool { truth == Truth.beingReturned.word }
}
