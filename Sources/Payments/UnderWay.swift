/// What is out on the wire, whoever sent it. Exactly one answer comes for each (``ShellContract``, rule 4), also when the
/// attempt that asked is long decided.
struct UnderWay {
    private var submits: Set<OrderNumber> = []
    private var queries: [OrderNumber: Int] = [:]

    mutating func submitSent(_ order: OrderNumber) { submits.insert(order) }

    mutating func submitEnded(_ order: OrderNumber) { submits.remove(order) }

    mutating func querySent(_ order: OrderNumber) { queries[order, default: 0] += 1 }

    mutating func queryEnded(_ order: OrderNumber) {
        let left = queriesOut(order) - 1
        queries[order] = left > 0 ? left : nil
    }

    /// Whether a byte of the order's submit could still leave (rule C2).
    func isSubmitOpen(_ order: OrderNumber) -> Bool { submits.contains(order) }

    func queriesOut(_ order: OrderNumber) -> Int { queries[order] ?? 0 }
}
