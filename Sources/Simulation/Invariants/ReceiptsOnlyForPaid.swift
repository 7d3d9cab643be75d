import Payments

/// Rule D4: a receipt says paid only for Paid; a second one is marked as a copy; the light says approved only for Paid.
struct ReceiptsOnlyForPaid: Invariant {
    private var printed: Set<SaleID> = []
    private var isPaidStored = false

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .acts(.print(let slip)):
            guard case .receipt = slip.kind else { return nil }
            guard let sale = slip.sale else { return "a receipt for no sale" }
            guard let row = books.sales[sale]?.row, row.paid != nil else {
                return "a receipt for \(sale), which is not paid"
            }
            switch row.state {
            case .paid, .delivering, .delivered: break
            // Nobody said what became of the goods: the money is kept until a person knows (rule D3).
            case .undelivered where row.truth == "paid": break
            default: return "a receipt for \(sale), which is \(row.state)"
            }
            guard printed.insert(sale).inserted || slip.isCopy else {
                return "a second receipt for \(sale) that is not marked as a copy"
            }
        case .stored(let record):
            for case .sale(let row) in record.rows where row.state == .paid { isPaidStored = true }
        case .acts(.show(let display)) where display.situation == .approved:
            guard isPaidStored else { return "the light says approved and nothing was paid" }
        case .acts(.prepareSubmit): isPaidStored = false
        default: break
        }
        return nil
    }
}
