import Payments

/// A refund's own SUCCESS counts as money back (rule C5).
struct RefundedOnAcceptance: Mutant {
    private var asked: [OrderNumber] = []

    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] {
        defer { asked = [] }
        return asked.map { .refundQueryEnded($0, .refunded) } + [event]
    }

    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.filter { action in
            guard case .refundQuery(let order, _) = action else { return true }
            asked.append(order)
            return false
        }
    }
}

/// The refund leaves together with the record of its decision (rules A1, C5).
struct RefundBeforeCommit: Mutant {
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.flatMap { action -> [TillAction] in
            for case .attempt(let row) in action.record?.rows ?? [] where row.state == .refunding {
                return [action, .refund(row.order, row.amount)]
            }
            return [action]
        }
    }
}

/// A reprint looks like the receipt itself (rule D4).
struct CopyUnmarked: Mutant {
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.map { action in
            guard case .print(let slip) = action, slip.isCopy else { return action }
            return .print(
                Slip(
                    kind: slip.kind,
                    sale: slip.sale,
                    order: slip.order,
                    amount: slip.amount,
                    description: slip.description,
                    made: slip.made,
                    isCopy: false
                )
            )
        }
    }
}
