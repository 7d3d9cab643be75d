import Payments

/// Goods are offered while Paid is still on its way to the disk (rules A1, D1).
struct ReleaseBeforeCommit: Mutant {
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.flatMap { action -> [TillAction] in
            guard let row = action.sale(in: .paid) else { return [action] }
            let offer = EventRow(id: 0, kind: .releaseOffered, at: now, sale: row.id)
            return [action, .announce(offer)]
        }
    }
}

/// The submit leaves together with its record (rule A1).
struct SubmitBeforeCommit: Mutant {
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.compactMap { action in
            switch action {
            case .prepareSubmit(let order, let code, let amount, let description):
                .submit(order, code, amount, description: description)
            case .submit: nil
            default: action
            }
        }
    }
}

/// What the disk could not keep is taken as kept (rule A3).
struct CommitFailureIgnored: Mutant {
    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] {
        guard case .commitFailed(let id) = event else { return [event] }
        return [.committed(id)]
    }
}

/// A receipt is printed while Paid is still on its way to the disk (rule D4).
struct ReceiptWithoutPaid: Mutant {
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.flatMap { action -> [TillAction] in
            guard let row = action.sale(in: .paid), let transaction = row.transactionID else {
                return [action]
            }
            let proof = PaymentProof(
                transactionID: transaction,
                paidAtSeconds: nil,
                maskedPayer: nil
            )
            let slip = Slip(
                kind: .receipt(proof),
                sale: row.id,
                order: nil,
                amount: row.amount,
                description: row.description,
                made: now.wall,
                isCopy: false
            )
            return [action, .print(slip)]
        }
    }
}

/// What was settled is undone once more (the state tables of the local interface).
struct SettledReopened: Mutant {
    private var settled: [AttemptRow] = []

    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.map { action in
            guard let record = action.record else { return action }
            let opened = settled.map { row -> Row in
                var row = row
                row.state = .revoking
                return .attempt(row)
            }
            settled = []
            for case .attempt(let row) in record.rows where row.state == .undone {
                settled.append(row)
            }
            return .record(record.altered(record.rows + opened))
        }
    }
}

/// Whoever listens hears everything twice, or whoever asks.
struct Twice: Mutant {
    enum What {
        case event
        case answer
    }

    let what: What

    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.flatMap { action -> [TillAction] in
            switch (action, what) {
            case (.announce, .event), (.answer, .answer): [action, action]
            default: [action]
            }
        }
    }
}

extension TillAction {
    /// The sale's row, if this hands over one in that state.
    func sale(in state: SaleState) -> SaleRow? {
        guard let rows = record?.rows else { return nil }
        for case .sale(let row) in rows where row.state == state { return row }
        return nil
    }
}
