import Payments

/// Rules D1 and D2: goods are offered after Paid, claimed under one key, let out on a stored claim, and never after a revoke
/// decision.
struct ReleaseOnce: Invariant {
    private enum Kind {
        case claim(key: String)
        case delivered
        case undelivered
    }

    private var calls: [RequestID: (SaleID, Kind)] = [:]
    /// The key whose claim was acknowledged, for ever.
    private var claims: [SaleID: String] = [:]
    /// Sales whose delivery was acknowledged without a claim, which is both (rule D1).
    private var reported: Set<SaleID> = []
    private var dispensed: Set<SaleID> = []
    /// Sales whose money is to go back, decided in this run.
    private var withdrawn: Set<SaleID> = []
    /// Orders whose money was asked back, in whichever run: no row that is lost or late takes that back.
    private var sentBack: Set<OrderNumber> = []

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .called(let request, let sale, .claim(let key)):
            calls[request] = (sale, .claim(key: key))
        case .called(let request, let sale, .delivered): calls[request] = (sale, .delivered)
        case .called(let request, let sale, .undelivered): calls[request] = (sale, .undelivered)
        case .acts(.record(let record)):
            for row in record.rows {
                switch row {
                case .sale(let row) where row.state == .undelivered || row.state == .cancelled:
                    withdrawn.insert(row.id)
                case .event(let event) where event.kind == .releaseOffered:
                    if let sale = event.sale, let problem = offered(sale, books) { return problem }
                default: break
                }
            }
        case .acts(.answer(let request, .sale)):
            guard let (sale, kind) = calls.removeValue(forKey: request) else { return nil }
            return acknowledged(kind, sale, books)
        case .acts(.answer(let request, _)): calls[request] = nil
        case .acts(.reverse(let order)), .acts(.refund(let order, _)): sentBack.insert(order)
        case .dispensed(let sale, let claim):
            guard dispensed.insert(sale).inserted else { return "goods of \(sale) leave twice" }
            guard claim.map({ claims[sale] == $0 }) ?? reported.contains(sale) else {
                return "goods of \(sale) leave without a claim"
            }
        case .isGone:
            calls = [:]
            withdrawn = []
        default: break
        }
        return nil
    }

    /// An event that is being stored is told later, in its order; what counts is when it was decided.
    private func offered(_ sale: SaleID, _ books: Books) -> String? {
        guard let row = books.sales[sale]?.row, row.state == .paid, !isWithdrawn(sale, books) else {
            return "goods of \(sale) are offered and are not to be released"
        }
        guard !isSentBack(sale, books) else {
            return "goods of \(sale) are offered and their money was asked back"
        }
        return nil
    }

    private mutating func acknowledged(_ kind: Kind, _ sale: SaleID, _ books: Books) -> String? {
        guard let row = books.sales[sale]?.row else {
            return "an answer about a sale that is not stored"
        }
        switch kind {
        case .claim(let key):
            guard row.claimKey == key, row.state == .delivering || row.state == .delivered else {
                return "the claim \(key) of \(sale) is acknowledged and not stored"
            }
            guard !isWithdrawn(sale, books) else {
                return "the claim \(key) of \(sale) is acknowledged after a revoke decision"
            }
            guard !isSentBack(sale, books) else {
                return "the claim \(key) of \(sale) is acknowledged and its money was asked back"
            }
            if let other = claims[sale], other != key {
                return "\(sale) is claimed as \(other) and as \(key)"
            }
            claims[sale] = key
        case .delivered:
            guard row.state == .delivered else { return "delivered is acknowledged and not stored" }
            guard !isSentBack(sale, books) else {
                return "\(sale) is acknowledged as delivered and its money was asked back"
            }
            if row.claimKey == nil { reported.insert(sale) }
        case .undelivered:
            // Of a sale whose row was lost nothing but its end is known (rule A6); the word itself is stored.
            guard row.state == .undelivered || row.reason == RevokeReason.undelivered.rawValue
            else {
                return "undelivered is acknowledged and not stored"
            }
        }
        return nil
    }

    private func isSentBack(_ sale: SaleID, _ books: Books) -> Bool {
        books.sales[sale]?.orders.contains {
            $0.attempt?.state == .paid && sentBack.contains($0.order)
        } == true
    }

    private func isWithdrawn(_ sale: SaleID, _ books: Books) -> Bool {
        if withdrawn.contains(sale) { return true }
        return books.sales[sale]?.orders.contains { $0.revoke != nil && $0.attempt?.state == .paid }
            == true
    }
}
