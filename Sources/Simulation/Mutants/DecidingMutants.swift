import Payments

/// A reply that does not verify counts, because it says SUCCESS (rule B1).
struct PaidUnverified: Mutant {
    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] {
        guard case .submitEnded(let order, .ended(.unknown(let cause), let last)) = event,
            cause.doesNotVerify
        else { return [event] }
        return [.submitEnded(order, .ended(.paid(World.proof(order)), lastByte: last))]
    }
}

/// Each payment is submitted under two numbers, both recorded (rule B6).
struct SecondAttempt: Mutant {
    private var others: [OrderNumber: OrderNumber] = [:]
    private var dice = Dice(seed: 77)

    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        var done: [TillAction] = []
        for action in actions {
            switch action {
            case .record(let record): done.append(.record(doubled(record)))
            case .submit(let order, let code, let amount, let description):
                done.append(action)
                guard let other = others[order] else { continue }
                done.append(.submit(other, code, amount, description: description))
            default: done.append(action)
            }
        }
        return done
    }

    private mutating func doubled(_ record: Record) -> Record {
        var rows: [Row] = []
        for row in record.rows {
            rows.append(row)
            guard case .attempt(let row) = row, row.state == .prepared,
                let kiosk = KioskID("K0007")
            else { continue }
            let other = OrderNumber(kiosk: kiosk, using: &dice)
            others[row.order] = other
            rows.append(
                .attempt(
                    AttemptRow(
                        order: other,
                        sale: row.sale,
                        ordinal: row.ordinal + 100,
                        amount: row.amount,
                        fingerprint: row.fingerprint,
                        prepared: row.prepared,
                        state: .prepared,
                        updated: row.updated
                    )
                )
            )
        }
        return record.altered(rows)
    }
}

/// A code is new each time it is shown (rule B8).
struct CodeAgain: Mutant {
    private var count = 0

    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] {
        guard case .codeScanned(let code, let fingerprint) = event else { return [event] }
        count += 1
        return [.codeScanned(code, CodeFingerprint("\(fingerprint.text) \(count)"))]
    }
}

/// Whoever cancels is told that it will be so (rule B9).
struct CancelAfterPaid: Mutant {
    private var row: SaleRow?

    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.map { action in
            if let paid = action.sale(in: .paid) { row = paid }
            guard case .answer(let request, .problem(.cannotCancel)) = action, let row else {
                return action
            }
            return .answer(request, .accepted(row))
        }
    }
}

/// Nobody knows, and the payer reads that nothing was taken (rule G3).
struct NothingTaken: Mutant {
    mutating func actions(for actions: [TillAction], at now: Moment) -> [TillAction] {
        actions.map { action in
            guard case .announce(let event) = action, event.truth == "not-known-yet" else {
                return action
            }
            return .announce(event.altered(truth: "nothing-taken"))
        }
    }
}

/// A submit's own "no" is enough (rule B4).
struct RefusalUnconfirmed: Mutant {
    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] {
        guard case .submitEnded(let order, .ended(.refused, _)) = event else { return [event] }
        return [event, .queryEnded(order, .notPaid(.notPay, transactionID: nil))]
    }
}

/// A submit whose reply is lost is taken for one that never left (rule B5).
struct SentTakenAsVoid: Mutant {
    mutating func events(for event: TillEvent, at now: Moment) -> [TillEvent] {
        switch event {
        case .submitStarted: []
        case .submitEnded(let order, .ended(.unknown(.noReply(let reason)), _)):
            [.submitEnded(order, .neverLeft(reason: reason))]
        default: [event]
        }
    }
}
