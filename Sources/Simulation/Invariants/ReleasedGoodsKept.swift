import Payments

/// Rules C1, C2 and D3, by what really happened and not by what the kiosk's rows say of it: nothing is revoked or refunded
/// for goods that left on an acknowledged claim, unless the policy says so or somebody reports them undelivered. A restored
/// journal that knows nothing of the claim changes nothing about that (rule A5).
struct ReleasedGoodsKept: Invariant {
    private enum Kind {
        case claim
        case delivered
    }

    private let claimedUnreported: SalePolicy.ClaimedUnreported
    private var calls: [RequestID: (sale: SaleID, kind: Kind)] = [:]
    /// Paid orders whose claim or delivery was acknowledged, in whichever run.
    private var released: [OrderNumber: SaleID] = [:]
    private var delivered: Set<SaleID> = []
    private var dispensed: Set<SaleID> = []
    private var takenBack: Set<SaleID> = []

    init(_ policy: SalePolicy) { claimedUnreported = policy.claimedUnreported }

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .called(let request, let sale, .claim): calls[request] = (sale, .claim)
        case .called(let request, let sale, .delivered): calls[request] = (sale, .delivered)
        case .called(_, let sale, .undelivered): takenBack.insert(sale)
        case .acts(.answer(let request, let answer)):
            guard let call = calls.removeValue(forKey: request), case .sale = answer else {
                return nil
            }
            if call.kind == .delivered { delivered.insert(call.sale) }
            for file in books.sales[call.sale]?.orders ?? [] where file.attempt?.state == .paid {
                released[file.order] = call.sale
            }
        case .dispensed(let sale, _): dispensed.insert(sale)
        case .acts(.reverse(let order)): return sentBack(order, "revoked")
        case .acts(.refund(let order, _)): return sentBack(order, "refunded")
        case .isGone: calls = [:]
        default: break
        }
        return nil
    }

    private func sentBack(_ order: OrderNumber, _ verb: String) -> String? {
        guard let sale = released[order], !takenBack.contains(sale) else { return nil }
        // Silence after the claim is what the policy decides about, a report of delivery is not.
        guard claimedUnreported != .refund || delivered.contains(sale) else { return nil }
        return dispensed.contains(sale)
            ? "\(order) is \(verb), and its goods left on an acknowledged claim"
            : "\(order) is \(verb), and nobody reported its claimed goods as undelivered"
    }
}
