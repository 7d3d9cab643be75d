import Payments

@testable import Sandbox
@testable import WeChatPay

/// What must hold of every reply to a call of API v2 (rules B1, C5): nothing is decided by a reply that a second reader and a
/// second signer do not find genuine; paid and refunded are exactly genuine ones whose fields equal the record.
///
/// The input's first byte: bits 0 and 1 for the call, or bit 0 with bit 5 for a refund's two; bit 2 for MD5, bit 3 for a
/// provider's sub-merchant, bit 4 for HTTP 400. The rest is the body, signed or not under ``key``.
struct V2ReplyCheck {
    enum Call: UInt8 {
        case submit
        case query
        case reverse
        case probe
        case refund
        case refundQuery
    }

    /// The shared key of a fuzzer's platform.
    static let key = "192006250b4c09247ec02edce69f6a2d"
    static let appID = "wx2421b1c4370ec43b"
    static let merchantID = "10000100"
    static let subMerchantID = "1900000109"
    static let order = "K0007-0123456789ABCDEFGHJK"
    /// The one refund's number (rule C5).
    static let refund = order + "-R"
    static let amount: Int64 = 888

    let call: Call
    let signature: WireSignature
    let isProvider: Bool
    let status: Int
    let body: [UInt8]

    init(_ input: [UInt8]) {
        let options = input.first ?? 0
        call =
            options & 32 == 0
            ? Call(rawValue: options & 3) ?? .submit : options & 1 == 0 ? .refund : .refundQuery
        signature = options & 4 == 0 ? .hmacSHA256 : .md5
        isProvider = options & 8 != 0
        status = options & 16 == 0 ? 200 : 400
        body = Array(input.dropFirst())
    }

    func run() throws(Finding) {
        let genuine = GenuineReply(try readFields() ?? [], of: self)
        let verdict = try verdict()
        switch verdict {
        case .undecided: break
        case .certificateRefused:
            let start = body.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }.first
            try Finding.unless(
                status == 400 && (call == .reverse || call == .refund)
                    && start == UInt8(ascii: "<"),
                "A certificate was held refused without a page saying so.",
            )
        case .paid, .unpaid, .orderNotExist, .refundAccepted, .refunded, .refundOpen,
            .refundNotExist, .other:
            try Finding.unless(genuine.isGenuine, "A reply that is not genuine decided something.")
        }
        try Finding.unless(
            (verdict == .paid) == genuine.isPayment,
            genuine.isPayment ? "A payment was not taken for paid." : "Paid without a payment (B1).",
        )
        try Finding.unless(
            verdict != .unpaid || genuine.namesOrder,
            "A state was believed that names no order.",
        )
        try Finding.unless(
            (verdict == .orderNotExist) == genuine.saysOrderNotExist,
            "ORDERNOTEXIST was made up or lost.",
        )
        try checkRefund(verdict, genuine)
    }

    /// Money is back only when the platform says so of our whole refund (rule C5).
    private func checkRefund(
        _ verdict: Verdict,
        _ genuine: GenuineReply,
    ) throws(Finding) {
        try Finding.unless(
            (verdict == .refundAccepted) == genuine.isRefundAccepted,
            "An accepted refund was made up or lost.",
        )
        try Finding.unless(
            (verdict == .refunded) == genuine.isRefundDone,
            "Refunded was made up or lost.",
        )
        try Finding.unless(
            verdict != .refundOpen || genuine.namesListedRefund,
            "A state was believed that names no refund of ours.",
        )
        try Finding.unless(
            (verdict == .refundNotExist) == genuine.saysRefundNotExist,
            "REFUNDNOTEXIST was made up or lost.",
        )
    }

    /// The fields, if the product's reader accepts the document: then it is within its bounds and means the same to
    /// another reader.
    private func readFields() throws(Finding) -> [PlainXML.Field]? {
        guard let fields = try? V2Reader.fields(of: body) else { return nil }
        try Finding.unless(body.count <= 65_536, "A body beyond the largest size was read.")
        try Finding.unless(fields.count <= 512, "A document with too many fields was read.")
        guard let plain = PlainXML.fields(of: body) else {
            throw Finding(sentence: "The document means nothing to another reader.")
        }
        try Finding.unless(
            Set(plain.map(\.name)).count == plain.count && plain.count == fields.count,
            "A field that stands twice was read.",
        )
        for (name, value) in plain {
            try Finding.unless(
                name.utf8.count <= 64 && value.utf8.count <= 24_576,
                "A field beyond its bounds was read.",
            )
            try Finding.unless(
                fields.holds(value, in: name) || (value.isEmpty && fields[name] == nil),
                "The field \(name) means something else to another reader.",
            )
        }
        return plain
    }

    // MARK: The product's verdict

    /// What the product made of the reply, as far as the checks tell verdicts apart.
    enum Verdict: CaseIterable {
        case paid
        case unpaid
        case orderNotExist
        case certificateRefused
        case refundAccepted
        case refunded
        /// Our refund, in another state.
        case refundOpen
        case refundNotExist
        /// A genuine reply that says something else.
        case other
        case undecided
    }

    func verdict() throws(Finding) -> Verdict {
        guard let order = OrderNumber(Self.order),
            let amount = Money(minorUnits: Self.amount, currency: .cny),
            let dialect = Self.dialects[V2ReplyOptions(signature, isProvider)]
        else { throw Finding(sentence: "The check cannot set itself up.") }
        let reply = PlatformReply(status: status, body: body)
        switch call {
        case .submit:
            switch dialect.submitVerdict(reply, order: order, amount: amount) {
            case .paid: return .paid
            case .unknown(let cause): return Self.verdict(cause)
            case .passwordNeeded, .refused, .configuration: return .other
            }
        case .query, .probe:
            let amount = call == .probe ? nil : amount
            switch dialect.queryVerdict(reply, order: order, amount: amount) {
            case .paid: return .paid
            case .notPaid: return .unpaid
            case .orderNotExist: return .orderNotExist
            case .unknown(let cause): return Self.verdict(cause)
            case .configuration: return .other
            }
        case .reverse:
            switch dialect.reverseVerdict(reply, order: order) {
            case .unknown(let cause): return Self.verdict(cause)
            case .configuration(.certificateRefused): return .certificateRefused
            case .accepted, .again, .refused, .configuration: return .other
            }
        case .refund:
            switch dialect.refundVerdict(reply, order: order, amount: amount) {
            case .accepted: return .refundAccepted
            case .unknown(let cause): return Self.verdict(cause)
            case .configuration(.certificateRefused): return .certificateRefused
            case .again, .refused, .configuration: return .other
            }
        case .refundQuery:
            switch dialect.refundQueryVerdict(reply, order: order, amount: amount) {
            case .refunded: return .refunded
            case .processing, .stuck: return .refundOpen
            case .refundNotExist: return .refundNotExist
            case .unknown(let cause): return Self.verdict(cause)
            case .configuration: return .other
            }
        }
    }

    private static func verdict(_ cause: UnknownCause) -> Verdict {
        if case .platform = cause { .other } else { .undecided }
    }

    private static let dialects: [V2ReplyOptions: V2Dialect] = {
        var dialects: [V2ReplyOptions: V2Dialect] = [:]
        for signature in WireSignature.allCases {
            for isProvider in [false, true] {
                let credentials = try? V2Credentials(
                    appID: appID,
                    merchantID: merchantID,
                    subMerchantID: isProvider ? subMerchantID : nil,
                    signType: signature == .md5 ? .md5 : .hmacSHA256,
                    key: SecretKey(Array(key.utf8)),
                )
                guard let credentials, let kiosk = KioskID("K0007") else { continue }
                dialects[V2ReplyOptions(signature, isProvider)] =
                    try? V2Dialect(credentials: credentials, terminalIP: "::1", kiosk: kiosk)
            }
        }
        return dialects
    }()
}

/// How a merchant is set up.
struct V2ReplyOptions: Hashable {
    let signature: WireSignature
    let isProvider: Bool

    init(_ signature: WireSignature, _ isProvider: Bool) {
        self.signature = signature
        self.isProvider = isProvider
    }
}
