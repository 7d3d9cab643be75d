import Payments

/// One request on its way to the platform and back.
struct Exchange {
    enum Call {
        case submit(PaymentCode)
        case query
        case reverse
        case refund
        case refundQuery
        /// The two halves of a probe (rule B7).
        case probeQuery
        case probeReverse
    }

    enum Reply {
        case submit(SubmitVerdict)
        case query(QueryVerdict)
        case reverse(ReverseVerdict)
        case refund(RefundVerdict)
        case refundQuery(RefundQueryVerdict)
    }

    let call: Call
    let order: OrderNumber
    let amount: Money?
    let run: Int
    let sent: Int64
    var dice: Dice
    /// When its last byte leaves, if nothing comes between.
    var lastByte: Int64 = 0
    /// Writing has begun (rule B5).
    var hasBegun = false
    /// The machine has its answer.
    var isAnswered = false
    /// Aborted, or its process is gone: what had not left then never leaves.
    var abortedAt: Int64?
    /// The platform works on it once; a second arrival finds it done.
    var isProcessed = false
    /// When the platform made its reply.
    var processedAt: Int64 = 0
    var reply: Reply?

    var isSubmit: Bool { if case .submit = call { true } else { false } }

    var needsCertificate: Bool {
        switch call {
        case .reverse, .probeReverse, .refund: true
        case .submit, .query, .refundQuery, .probeQuery: false
        }
    }
}
