import Payments

/// The last byte left fifteen seconds before it did (rule C2).
struct RevokeTooEarly: Mutant {
    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] {
        guard case .submitEnded(let order, .ended(let verdict, let last)) = event else {
            return [event]
        }
        return [.submitEnded(order, .ended(verdict, lastByte: last + .seconds(-15)))]
    }
}

/// A revoke's own SUCCESS settles the order (rule C3).
struct SettledOnAcceptance: Mutant {
    private var accepted: Set<OrderNumber> = []
    private var asked: [OrderNumber] = []

    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] {
        if case .reverseEnded(let order, .accepted(recall: false)) = event {
            accepted.insert(order)
        }
        defer { asked = [] }
        return asked.map { .queryEnded($0, .notPaid(.revoked, transactionID: nil)) } + [event]
    }

    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.filter { action in
            guard case .query(let order, _) = action, accepted.contains(order) else { return true }
            asked.append(order)
            return false
        }
    }
}

/// What became of the money of an undone order is told as something else (rule C3).
struct OutcomeMisnamed: Mutant {
    let outcome: String
    let told: String

    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.map { action in
            guard let record = action.record else { return action }
            let rows = record.rows.map { row -> Row in
                guard case .attempt(var attempt) = row, attempt.outcome == outcome else {
                    return row
                }
                attempt.outcome = told
                return .attempt(attempt)
            }
            return .record(record.altered(rows))
        }
    }
}

/// What was delivered is revoked all the same (rule C1).
struct DeliveredRevoked: Mutant {
    private var paid: [SaleID: OrderNumber] = [:]
    private var waiting: [RecordID: OrderNumber] = [:]
    private var due: [OrderNumber] = []

    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] {
        if case .committed(let id) = event, let order = waiting.removeValue(forKey: id) {
            due.append(order)
        }
        return [event]
    }

    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        defer { due = [] }
        return actions.map { revoking($0, now) } + due.map(TillAction.reverse)
    }

    private mutating func revoking(_ action: TillAction, _ now: Moment) -> TillAction {
        guard let record = action.record else { return action }
        for case .attempt(let row) in record.rows where row.state == .paid {
            paid[row.sale] = row.order
        }
        guard let sale = action.sale(in: .delivered), let order = paid[sale.id] else {
            return action
        }
        waiting[record.id] = order
        let revoke = RevokeRow(order: order, reason: "mutant", decided: now, due: now)
        return .record(record.altered(record.rows + [.revoke(revoke)], isUrgent: true))
    }
}

/// A second controller is told that it has the goods (rule D1).
struct ClaimedByTwo: Mutant {
    private var row: SaleRow?

    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.map { action in
            if let claimed = action.sale(in: .delivering) { row = claimed }
            guard case .answer(let request, .problem(.alreadyClaimed)) = action, let row else {
                return action
            }
            return .answer(request, .sale(row))
        }
    }
}

/// Goods that nobody claims stay on offer for ever (rule D2).
struct NeverWithdrawn: Mutant {
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.filter { action in
            if case .arm(let id, _) = action, case .deliveryWait = id.purpose { return false }
            return true
        }
    }
}

/// Where nothing gets through the next request goes out all the same (rule C4).
struct BreakerIgnored: Mutant {
    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] {
        let busy = UnknownCause.platform(code: "SYSTEMERROR")
        switch event {
        case .queryEnded(let order, .unknown(.noReply)): return [.queryEnded(order, .unknown(busy))]
        case .reverseEnded(let order, .unknown(.noReply)):
            return [.reverseEnded(order, .unknown(busy))]
        case .refundEnded(let order, .unknown(.noReply)):
            return [.refundEnded(order, .unknown(busy))]
        case .refundQueryEnded(let order, .unknown(.noReply)):
            return [.refundQueryEnded(order, .unknown(busy))]
        case .networkChanged(isReachable: false): return []
        default: return [event]
        }
    }
}
