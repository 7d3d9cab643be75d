import Payments

/// Rule B6: no second attempt while one is live. An attempt lives from its submit until its refusal, its revoke or the end
/// of its sale is stored; a power cut does not end it.
struct OneLiveAttempt: Invariant {
    private var live: OrderNumber?

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .acts(.submit(let order, _, _, _)):
            if let other = live, other != order, isLive(books.orders[other], books) {
                return "\(order) is submitted while \(other) is live"
            }
            live = order
        default: break
        }
        return nil
    }

    private func isLive(_ file: OrderFile?, _ books: Books) -> Bool {
        guard let file, let attempt = file.attempt else { return file?.isLost != true }
        if file.revoke != nil { return false }
        switch attempt.state {
        case .prepared, .submitted, .polling: return true
        case .paid: return books.sale(of: file)?.row?.state.isFinal != true
        case .refused, .revoking, .refunding, .parked, .void, .undone, .refunded, .writtenOff:
            return false
        }
    }
}

/// At most one charge of a sale is not being undone.
struct OneChargePerSale: Invariant {
    func saw(_ fact: Fact, _ books: Books) -> String? {
        guard case .charged(let file) = fact, let sale = books.sale(of: file) else { return nil }
        let kept = sale.orders.filter { $0.isCharged && $0.revoke == nil }
        guard kept.count > 1 else { return nil }
        return "sale \(sale.id) is charged \(kept.count) times and none of it is being undone"
    }
}
