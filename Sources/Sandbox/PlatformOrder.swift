internal import Payments

/// One order number as the platform and the ledger know it.
struct PlatformOrder: Sendable {
    /// What a payment left behind.
    struct Payment: Hashable, Sendable {
        let transactionID: String
        let openID: String
        let time: PlatformTime
        /// The part of the amount paid by a coupon, in the smallest unit; 0 without one.
        let couponFee: Int64
    }

    /// What an accepted refund left behind.
    struct Refund: Hashable, Sendable {
        /// `out_refund_no`.
        let number: String
        let refundID: String
        var status: SandboxRefundStatus
        /// When the money goes back; `nil` once it has, or if it never does.
        var due: BootTime?
        /// When the money went back.
        var completed: PlatformTime?
    }

    let number: String
    /// Of the processed submit; empty until there is one.
    var parameters: [String: String] = [:]
    var amount: Money?
    var play: SandboxCase?
    var state = SandboxOrderState.absent
    /// The truth of a submit that took nothing.
    var refusal: String?
    /// When the submit was processed.
    var created: BootTime?
    /// When the last submit of this number was read whole, processed or not.
    var lastSubmit: BootTime?
    var isReverseSeen = false
    /// What the payer will do at some time, unless the order is over by then.
    var act: (at: BootTime, what: SandboxPayerAct)?
    var payment: Payment?
    var charged: Money?
    var returned: Money?
    var queriesMet = 0
    var reversesMet = 0
    /// The one refund of the order: a correct client never asks for another.
    var refund: Refund?
    var refundsMet = 0
    var violations: [SandboxViolation] = []
    var history: [SandboxEvent] = []

    init(number: String) { self.number = number }

    var isProcessed: Bool { created != nil }

    /// Whether something may still happen by itself.
    var isOpen: Bool { state.isOpen || refund?.due != nil }

    var entry: LedgerEntry {
        LedgerEntry(
            order: number,
            amount: amount,
            state: state,
            caseName: play?.name,
            charged: charged,
            returned: returned,
            refundStatus: refund?.status,
            transactionID: payment?.transactionID,
            violations: violations,
            history: history
        )
    }

    mutating func remember(_ event: SandboxEvent) {
        let isWeighty =
            switch event.kind {
            case .charged, .returned, .violated: true
            case .received, .answered, .stateChanged, .refundChanged, .networkChanged: false
            }
        // Violations come from requests and could be endless; money moves once each way.
        let limit = isWeighty ? 2 * LedgerEntry.maxHistory : LedgerEntry.maxHistory
        if history.count < limit { history.append(event) }
    }

    /// What happens next by itself, if anything: the payer's act, the platform's own revoke or a refund's end.
    func due(platformRevoke: Duration) -> BootTime? {
        guard state.isOpen, let created else { return refund?.due }
        let end = created + platformRevoke
        return act.map { min($0.at, end) } ?? end
    }
}
