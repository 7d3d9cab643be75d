/// What a payer's code would lead to, decided by a copy of the machine while the code's bytes still arrive, which takes 20 ms
/// on a scanner's line. Whoever goes its way once finds everything warm when the code is there; nothing of it counts, is
/// stored or sent.
package struct AttemptRehearsal: Sendable {
    /// As the attempt's record would be.
    package let record: Record
    package let order: OrderNumber
    /// Nobody's code.
    package let code: PaymentCode
    package let amount: Money
    package let description: String
    private let till: Till

    /// A long queue is not worth copying for this.
    private static let mostOrders = 64

    /// `nil` when no code would be taken.
    package init?(_ till: Till, fingerprint: CodeFingerprint, at now: Moment) {
        guard till.revokes.numbers.count <= Self.mostOrders,
            let nobodys = PaymentCode("130000000000000000")
        else { return nil }
        var copy = till
        var record: Record?
        for action in copy.handle(.codeScanned(.weChat(nobodys), fingerprint), at: now) {
            switch action {
            case .record(let asked):
                record = asked
            case .prepareSubmit(let order, let code, let amount, let description):
                guard let record else { return nil }
                self.record = record
                (self.order, self.code) = (order, code)
                (self.amount, self.description) = (amount, description)
                self.till = copy
                return
            default:
                continue
            }
        }
        return nil
    }

    /// Decides what the commit of ``record`` would lead to, and forgets it.
    package func committed(at now: Moment) {
        var till = till
        _ = till.handle(.committed(record.id), at: now)
    }
}
