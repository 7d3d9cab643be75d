import Payments

/// Rules A5 and A6: an adoption is over when every order that was open in the journal is stored as taken over, and not before:
/// the next start would take the rest for the newest word there is.
struct TakenOver: Invariant {
    /// What was open on the disk when the person's word came; `nil` while no adoption is under way.
    private var open: [OrderNumber]?

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .hears(.journalAdopted):
            open = books.orderList.filter { isOpen($0, books) }.map(\.order)
        case .isGone: open = nil
        case .stored(let record) where record.endsAdoption:
            defer { open = nil }
            for order in open ?? [] where isLeft(order, record, books) {
                return "the adoption is over, and \(order) is not stored as taken over"
            }
        default: break
        }
        return nil
    }

    private func isOpen(_ file: OrderFile, _ books: Books) -> Bool {
        guard let attempt = file.attempt, !attempt.state.isFinal else { return false }
        return attempt.state != .paid || books.sale(of: file)?.row?.state != .delivered
    }

    private func isLeft(_ order: OrderNumber, _ record: Record, _ books: Books) -> Bool {
        guard let file = books.orders[order], isOpen(file, books), file.revoke == nil else {
            return false
        }
        for case .revoke(let row) in record.rows where row.order == order { return false }
        return true
    }
}
