extension QueryVerdict {
    /// A stable word for rows and the log: no payer, no code.
    package var word: String {
        switch self {
        case .paid: "SUCCESS"
        case .notPaid(let state, _): state.rawValue
        case .orderNotExist: "ORDERNOTEXIST"
        case .unknown(let cause): cause.word
        case .configuration(let fault): "configuration \(fault.text)"
        }
    }
}

extension ReverseVerdict {
    /// A stable word for rows and the log: no payer, no code.
    package var word: String {
        switch self {
        case .accepted(let recall): recall ? "accepted, recall" : "accepted"
        case .again(let code): "again \(code)"
        case .refused(let code): "refused \(code)"
        case .unknown(let cause): cause.word
        case .configuration(let fault): "configuration \(fault.text)"
        }
    }
}

extension RefundVerdict {
    /// A stable word for rows and the log: no payer, no code.
    package var word: String {
        switch self {
        case .accepted: "refund accepted"
        case .again(let code): "refund again \(code)"
        case .refused(let code): "refund refused \(code)"
        case .unknown(let cause): cause.word
        case .configuration(let fault): "configuration \(fault.text)"
        }
    }
}

extension RefundQueryVerdict {
    /// A stable word for rows and the log: no payer, no code.
    package var word: String {
        switch self {
        case .refunded: "refund SUCCESS"
        case .processing: "refund PROCESSING"
        case .refundNotExist: "REFUNDNOTEXIST"
        case .stuck(let state): "refund \(state)"
        case .unknown(let cause): cause.word
        case .configuration(let fault): "configuration \(fault.text)"
        }
    }
}

extension UnknownCause {
    /// A stable word for rows and logs.
    package var word: String {
        switch self {
        case .noReply(let reason): "no-reply \(reason)"
        case .httpStatus(let status): "http \(status)"
        case .unverified(let reason): "unverified \(reason)"
        case .mismatch(let field): "mismatch \(field)"
        case .malformed(let reason): "malformed \(reason)"
        case .platform(let code): "unknown \(code)"
        case .unlisted(let code): "unlisted \(code)"
        }
    }
}
