import Payments

/// Rules C1, C3 and C5: money that was taken has exactly one owner until it is released with the goods or given back: the
/// live attempt of a sale, the revoke queue, or a person.
struct EveryChargeOwned: Invariant {
    func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .charged(let file):
            switch file.attempt?.state {
            case .void, .undone, .refunded, .writtenOff:
                return "\(file.order) is charged and nobody looks after it any more"
            default: return nil
            }
        case .stored(let record): return stored(record, books)
        default: return nil
        }
    }

    private func stored(_ record: Record, _ books: Books) -> String? {
        for row in record.rows {
            switch row {
            case .attempt(let row):
                guard let file = books.orders[row.order] else { continue }
                if row.state == .undone || row.state == .refunded, file.isCharged {
                    return "\(row.order) is stored as \(row.state) and the money is not back"
                }
            case .sale(let row) where row.state.isFinal:
                if let problem = ended(row, record, books) { return problem }
            case .revoke(let row):
                guard let file = books.orders[row.order], row.settled == nil else { continue }
                // One that a recovery found in an older state goes to a person, who knows what was delivered (rule A6).
                if file.isOlder, row.isAdopted { continue }
                if books.sale(of: file)?.row?.state == .delivered, file.attempt?.state == .paid {
                    return "\(row.order) is to be revoked though its goods were delivered"
                }
            case .sale, .event, .settlement: break
            }
        }
        return nil
    }

    /// A sale ends: each of its attempts is over, is in the queue, or is the one that was delivered.
    private func ended(_ row: SaleRow, _ record: Record, _ books: Books) -> String? {
        guard let sale = books.sales[row.id] else { return nil }
        var kept = 0
        for file in sale.orders {
            var attempt = file.attempt
            var isInQueue = file.revoke != nil
            for other in record.rows {
                switch other {
                case .attempt(let newer) where newer.order == file.order: attempt = newer
                case .revoke(let newer) where newer.order == file.order: isInQueue = true
                default: break
                }
            }
            guard let attempt else { continue }
            if attempt.state == .void || isInQueue { continue }
            // How it ended stands in its own row (rule A6).
            if file.isEntryLost, attempt.state.isFinal { continue }
            // A committed attempt is itself the intent to undo it, where storage fails (rule A3).
            if books.storageHasFailed, !attempt.state.isFinal, attempt.state != .paid { continue }
            guard row.state == .delivered, attempt.state == .paid else {
                return
                    "\(row.id) ends as \(row.state) and nobody looks after \(file.order), which is \(attempt.state)"
            }
            kept += 1
        }
        guard row.state == .delivered, kept != 1 else { return nil }
        return "\(row.id) is delivered and \(kept) of its attempts are paid"
    }

    /// Everything that was decided is stored: each charge has one owner, and no second one.
    ///
    /// - Parameter active: the sale that the machine says it is busy with.
    func atRest(_ books: Books, active: SaleID?) -> String? {
        // How some orders ended a recovery can only guess (rule A6).
        for file in books.orderList where file.isCharged && !file.isEndGuessed {
            guard let attempt = file.attempt, let sale = books.sales[attempt.sale] else { continue }
            var owners: [String] = []
            if let revoke = file.revoke, revoke.settled == nil { owners.append("the queue") }
            if attempt.state == .paid, sale.row?.state == .delivered { owners.append("its goods") }
            switch attempt.state {
            case .prepared, .submitted, .polling, .paid:
                if attempt.sale == active, file.revoke == nil { owners.append("its sale") }
            // Somebody has left the money where it is, and answers for that (rule C5).
            case .writtenOff: owners.append("a person")
            case .refused, .revoking, .refunding, .parked, .void, .undone, .refunded: break
            }
            guard owners.count != 1 else { continue }
            let names = owners.isEmpty ? "nobody" : owners.joined(separator: " and ")
            return "\(file.order), \(attempt.state), is charged and belongs to \(names)"
        }
        return nil
    }

    func closed(_ books: Books) -> String? {
        for file in books.orderList {
            guard let attempt = file.attempt else { continue }
            switch attempt.state {
            case .void, .undone, .refunded, .writtenOff, .parked: break
            case .paid:
                guard books.sale(of: file)?.row?.state == .delivered else {
                    return "\(file.order) ends as paid and was not delivered"
                }
            case .prepared, .submitted, .polling, .refused, .revoking, .refunding:
                return "\(file.order) ends as \(attempt.state)"
            }
            if let revoke = file.revoke, revoke.settled == nil, attempt.state != .parked {
                return "\(file.order) ends with an open revoke"
            }
        }
        return nil
    }
}
