import Payments

/// Rule B4: a refusal stands only when a verified query says so after it; PAYERROR, CLOSED and REVOKED end an attempt without
/// one (rule B2).
struct RefusalConfirmed: Invariant {
    /// The submit's reply said no.
    private var refused: Set<OrderNumber> = []
    private var confirmed: Set<OrderNumber> = []

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .hears(.submitEnded(let order, .ended(.refused, _))),
            .hears(.submitEnded(let order, .ended(.configuration, _))):
            refused.insert(order)
            confirmed.remove(order)
        case .hears(.queryEnded(let order, let verdict)): hear(verdict, order)
        case .acts(.record(let record)):
            for case .attempt(let row) in record.rows where row.state == .refused {
                guard books.orders[row.order]?.attempt?.state != .refused,
                    !confirmed.contains(row.order)
                else { continue }
                return "\(row.order) is announced as refused and no query confirmed it"
            }
        case .isGone:
            refused = []
            confirmed = []
        default: break
        }
        return nil
    }

    private mutating func hear(_ verdict: QueryVerdict, _ order: OrderNumber) {
        switch verdict {
        case .notPaid(.payError, nil), .notPaid(.closed, nil), .notPaid(.revoked, nil):
            confirmed.insert(order)
        case .orderNotExist, .notPaid(.notPay, nil):
            if refused.contains(order) { confirmed.insert(order) }
        case .paid, .notPaid: confirmed.remove(order)
        case .unknown, .configuration: break
        }
    }
}
