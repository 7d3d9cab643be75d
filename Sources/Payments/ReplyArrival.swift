/// How a reply arrived, whatever it says: what the breaker (rule C4) and the counting of rule B7 go by.
enum ReplyArrival: Hashable {
    /// It verified.
    case verified
    /// It verified, or nearly: the platform blames our configuration.
    case blaming(ConfigurationFault)
    /// A whole reply that cannot be trusted.
    case unverified
    /// Nothing of the platform's own arrived: no reply, or an error of whatever stands before it.
    case none

    init(_ verdict: SubmitVerdict) {
        switch verdict {
        case .unknown(let cause): self.init(cause)
        // The code is in a reply that a probe will check; its attempt goes on as refused.
        case .paid, .passwordNeeded, .refused, .configuration: self = .verified
        }
    }

    init(_ verdict: QueryVerdict) {
        if let fault = verdict.suspicion {
            self = .blaming(fault)
        } else if case .unknown(let cause) = verdict {
            self.init(cause)
        } else {
            self = .verified
        }
    }

    init(_ verdict: ReverseVerdict) {
        switch verdict {
        case .unknown(let cause): self.init(cause)
        case .configuration(let fault): self = .blaming(fault)
        case .accepted, .again, .refused: self = .verified
        }
    }

    init(_ verdict: RefundVerdict) {
        switch verdict {
        case .unknown(let cause): self.init(cause)
        case .configuration(let fault): self = .blaming(fault)
        case .accepted, .again, .refused: self = .verified
        }
    }

    init(_ verdict: RefundQueryVerdict) {
        switch verdict {
        case .unknown(let cause): self.init(cause)
        case .configuration(let fault): self = .blaming(fault)
        case .refunded, .processing, .refundNotExist, .stuck: self = .verified
        }
    }

    private init(_ cause: UnknownCause) {
        switch cause {
        case .noReply, .httpStatus: self = .none
        case .unverified, .mismatch, .malformed: self = .unverified
        case .platform, .unlisted: self = .verified
        }
    }
}
