/// What is out on the wire, whoever sent it. Exactly one answer comes for each (``ShellContract``, rule 4), also when the
/// attempt that asked is long decided.
struct UnderWay {
    private var submits: Set<OrderNumber> = []
    private var queries: [OrderNumber: Int] = [:]
    /// Of the submit that ended last. One is enough: an attempt is over before its sale takes the next code.
    private var lastSubmit: (order: OrderNumber, lastByte: BootTime)?

    mutating func submitSent(_ order: OrderNumber) { submits.insert(order) }

    mutating func submitEnded(_ order: OrderNumber, _ outcome: SubmitOutcome) {
        submits.remove(order)
        if case .ended(_, let lastByte) = outcome { lastSubmit = (order, lastByte) }
    }

    /// When the last byte of the order's submit can have left, never too early; `nil` if that is not known (any more).
    func lastByte(of order: OrderNumber) -> BootTime? {
        lastSubmit?.order == order ? lastSubmit?.lastByte : nil
    }

    mutating func querySent(_ order: OrderNumber) { queries[order, default: 0] += 1 }

    mutating func queryEnded(_ order: OrderNumber) {
        let left = queriesOut(order) - 1
        queries[order] = left > 0 ? left : nil
    }

    /// Whether a byte of the order's submit could still leave (rule C2).
    func isSubmitOpen(_ order: OrderNumber) -> Bool { submits.contains(order) }

    func queriesOut(_ order: OrderNumber) -> Int { queries[order] ?? 0 }
}
