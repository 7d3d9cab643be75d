import Payments

/// Rule B9: a cancel that is taken before Paid is committed wins; from Paid on it is refused.
struct CancelWins: Invariant {
    private var calls: [RequestID: SaleID] = [:]
    /// Cancels that this run has taken.
    private var taken: Set<SaleID> = []
    /// Records that say Paid, until they are answered; and the sales whose Paid the machine knows to be stored.
    private var paying: [RecordID: SaleID] = [:]
    private var paid: Set<SaleID> = []

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .acts(.record(let record)):
            for case .sale(let row) in record.rows where row.state == .paid {
                paying[record.id] = row.id
            }
        case .hears(.committed(let id)):
            if let sale = paying.removeValue(forKey: id) { paid.insert(sale) }
        case .called(let request, let sale, .cancel): calls[request] = sale
        case .acts(.answer(let request, let answer)):
            guard let sale = calls.removeValue(forKey: request) else { return nil }
            return answered(answer, sale, books)
        case .acts(.announce(let event)):
            guard let sale = event.sale, taken.contains(sale), event.kind == .releaseOffered else {
                return nil
            }
            return "goods of \(sale) are offered after its cancel was taken"
        case .stored(let record):
            for case .sale(let row) in record.rows where taken.contains(row.id) {
                switch row.state {
                case .delivering, .delivered, .undelivered:
                    return "\(row.id) becomes \(row.state) after its cancel was taken"
                default: break
                }
            }
        case .isGone:
            calls = [:]
            taken = []
            paying = [:]
            paid = []
        default: break
        }
        return nil
    }

    private mutating func answered(_ answer: Answer, _ sale: SaleID, _ books: Books) -> String? {
        switch answer {
        case .accepted:
            guard !paid.contains(sale) else {
                return "a cancel of \(sale) is taken though Paid is committed"
            }
            taken.insert(sale)
        case .problem(.cannotCancel(.paid)), .problem(.cannotCancel(.delivering)):
            // What is stored may already have gone further.
            guard let row = books.sales[sale]?.row, row.paid == nil else { return nil }
            return "a cancel of \(sale) is refused for Paid, which is not stored"
        default: break
        }
        return nil
    }
}
