import Payments

/// Rules A1 and A3: what takes money, gives it back or releases goods is on stable storage before it is done.
struct IntentBeforeAct: Invariant {
    /// Attempts, and sales that are paid, whose rows the disk has refused in this run.
    private var refusedAttempts: Set<OrderNumber> = []
    private var refusedSales: Set<SaleID> = []

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .notStored(let record): refused(record)
        case .isGone:
            refusedAttempts = []
            refusedSales = []
        case .acts(.submit(let order, _, let amount, _)):
            guard let attempt = books.orders[order]?.attempt else {
                return refusedAttempts.contains(order)
                    ? "\(order) is submitted though the disk refused its row"
                    : "\(order) is submitted before its row is stored"
            }
            guard attempt.amount == amount else {
                return "\(order) is submitted with another amount"
            }
            guard books.sales[attempt.sale]?.row != nil else {
                return "\(order) is submitted for a sale that is not stored"
            }
        case .acts(.reverse(let order)):
            guard let file = books.orders[order], file.attempt != nil else {
                return "\(order) is revoked and its attempt is not stored"
            }
            // A committed attempt is itself the intent to revoke it, where storage fails (rule A3).
            guard file.revoke != nil || books.storageHasFailed else {
                return "\(order) is revoked before the decision is stored"
            }
        case .acts(.refund(let order, let amount)):
            // Where the row of the queue is lost, the attempt's own says what was decided (rule A6).
            guard let file = books.orders[order], file.attempt?.state == .refunding,
                file.revoke?.refundDecided != nil || file.isEntryLost
            else { return "\(order) is refunded before the decision is stored" }
            guard file.attempt?.amount == amount else {
                return "\(order) is refunded with another amount"
            }
        case .acts(.announce(let event)) where event.kind == .releaseOffered:
            guard let row = event.sale.flatMap({ books.sales[$0]?.row }), row.paid != nil else {
                return event.sale.map(refusedSales.contains) == true
                    ? "goods are offered though the disk refused Paid"
                    : "goods are offered before Paid is stored"
            }
        case .charged(let file):
            guard file.attempt != nil || file.isLost else {
                return "\(file.order) is charged and its attempt is not stored"
            }
        default: break
        }
        return nil
    }

    private mutating func refused(_ record: Record) {
        for row in record.rows {
            switch row {
            case .attempt(let row): refusedAttempts.insert(row.order)
            case .sale(let row) where row.paid != nil: refusedSales.insert(row.id)
            case .sale, .revoke, .settlement, .event: break
            }
        }
    }
}
