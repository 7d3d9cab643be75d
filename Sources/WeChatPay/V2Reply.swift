import Payments

/// Why a reply decides nothing.
struct V2Doubt: Error {
    let cause: UnknownCause
}

/// A reply whose signature verified and in which nothing contradicts the request (rule B1).
struct V2Reply {
    enum Result: Hashable {
        /// The call worked. What that means for the money is the call's to say.
        case success
        /// `err_code`, reduced to letters, digits and `_`.
        case failure(code: String)
    }

    let result: Result
    private let fields: V2Fields

    /// Reads and verifies a reply.
    ///
    /// Fields that are there must agree with what was asked, also in a failure. `appid`, `mch_id`
    /// and the sub-merchant must be there in a success; a failure may lack them, and is still this
    /// merchant's: nobody else has the key.
    ///
    /// - Parameters:
    ///   - order: The order number that was asked about.
    ///   - amount: What the order was submitted with; `nil` where there is no record of one, as
    ///     for a probe.
    init(
        _ reply: PlatformReply,
        credentials: V2Credentials,
        order: OrderNumber,
        amount: Money?,
    ) throws(V2Doubt) {
        guard reply.status == 200 else { throw V2Doubt(cause: .httpStatus(reply.status)) }
        do {
            fields = try V2Reader.fields(of: reply.body)
        } catch {
            throw V2Doubt(cause: .malformed(reason: error.rawValue))
        }
        try Self.verify(fields, credentials: credentials)
        result = try Self.result(of: fields)
        try refuseContradictions(credentials: credentials, order: order, amount: amount)
    }

    /// The signature, by the algorithm of the request, for replies do not name theirs (pitfall 2).
    private static func verify(
        _ fields: V2Fields,
        credentials: V2Credentials,
    ) throws(V2Doubt) {
        if fields.holds("FAIL", in: "return_code") {
            // Never signed, so never a proof, whatever it says: wrong signatures of ours end here,
            // but so does "system error" in a passing disorder (wire facts, 1.7).
            throw V2Doubt(cause: .unverified(reason: "return-code-fail"))
        }
        guard fields.holds("SUCCESS", in: "return_code") else {
            throw V2Doubt(cause: .malformed(reason: "return-code"))
        }
        guard let sign = fields["sign"] else {
            throw V2Doubt(cause: .unverified(reason: "no-signature"))
        }
        guard
            V2Signature.verifies(
                sign,
                of: fields,
                key: credentials.key,
                type: credentials.signType
            )
        else { throw V2Doubt(cause: .unverified(reason: "signature")) }
    }

    private static func result(of fields: V2Fields) throws(V2Doubt) -> Result {
        if fields.holds("SUCCESS", in: "result_code") { return .success }
        guard fields.holds("FAIL", in: "result_code") else {
            throw V2Doubt(cause: .malformed(reason: "result-code"))
        }
        guard let code = fields["err_code"] else {
            throw V2Doubt(cause: .malformed(reason: "no-err-code"))
        }
        // It goes to logs and rows: no byte of it may mean anything there. Codes have at most 32
        // (wire facts, 1.5).
        let isWord =
            code.utf8.count <= 64
            && code.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
        return .failure(code: isWord ? code : "unreadable")
    }

    private func refuseContradictions(
        credentials: V2Credentials,
        order: OrderNumber,
        amount: Money?,
    ) throws(V2Doubt) {
        let isSuccess = result == .success
        try expect(credentials.appID, in: "appid", required: isSuccess)
        try expect(credentials.merchantID, in: "mch_id", required: isSuccess)
        if let subMerchantID = credentials.subMerchantID {
            try expect(subMerchantID, in: "sub_mch_id", required: isSuccess)
        } else if fields["sub_mch_id"] != nil {
            // The money would be another merchant's.
            throw V2Doubt(cause: .mismatch(field: "sub_mch_id"))
        }
        if let subAppID = credentials.subAppID {
            // Says under which app the payer is named, not who is paid; replies may leave it out.
            try expect(subAppID, in: "sub_appid", required: false)
        }
        try expect(order.text, in: "out_trade_no", required: false)
        try expect("MICROPAY", in: "trade_type", required: false)
        if let amount {
            try expect(String(amount.minorUnits), in: "total_fee", required: false)
            try expect(amount.currency.code, in: "fee_type", required: false)
        }
    }

    /// Whether a field is what was asked. A signed field that is not means that the reply belongs
    /// to another order or merchant, or that somebody else uses our numbers: then nothing in it may
    /// decide (rule B1).
    private func expect(_ text: String, in name: String, required: Bool) throws(V2Doubt) {
        if fields[name] == nil, !required { return }
        guard fields.holds(text, in: name) else { throw V2Doubt(cause: .mismatch(field: name)) }
    }

    /// The value of a field of the platform's own making: 1 to 32 letters, digits, `_` or `-`;
    /// `nil` otherwise.
    private func identifier(_ name: String) -> String? {
        guard let value = fields[name], value.utf8.count <= 32,
            value.utf8.allSatisfy(\.isIdentifierByte)
        else { return nil }
        return value
    }
}

extension V2Reply {
    /// The order number, where the reply has to name it.
    func requireOrder(_ order: OrderNumber) throws(V2Doubt) {
        try expect(order.text, in: "out_trade_no", required: true)
    }

    /// Whether the reply tells an order's state, as only a query's does.
    var hasTradeState: Bool { fields["trade_state"] != nil }

    /// Whether the reply names its `trade_type`, which is MICROPAY then.
    var hasTradeType: Bool { fields["trade_type"] != nil }

    /// `trade_state` is SUCCESS.
    var isPaidState: Bool { fields.holds("SUCCESS", in: "trade_state") }

    /// A state other than SUCCESS.
    var unpaidState: TradeState {
        identifier("trade_state").flatMap(TradeState.init(rawValue:)) ?? .other
    }

    /// The platform's number; `nil` if it is absent or unfit to be printed.
    var transactionID: String? { identifier("transaction_id") }

    /// `recall`: whether to call again; absent means no.
    func recall() throws(V2Doubt) -> Bool {
        guard fields["recall"] != nil else { return false }
        if fields.holds("Y", in: "recall") { return true }
        guard fields.holds("N", in: "recall") else {
            throw V2Doubt(cause: .malformed(reason: "recall"))
        }
        return false
    }

    /// The refund of an order over its whole amount, where the reply has to name it (rule B1).
    ///
    /// The currency cannot differ from the payment's (wire facts, 1.17), so it may be left out.
    ///
    /// - Parameter suffix: of the names of fields, in a list of refunds.
    func requireRefund(
        of order: OrderNumber,
        amount: Money,
        suffix: String = "",
    ) throws(V2Doubt) {
        try requireOrder(order)
        try expect(RefundNumber(of: order).text, in: "out_refund_no" + suffix, required: true)
        try expect(String(amount.minorUnits), in: "refund_fee" + suffix, required: true)
        try expect(amount.currency.code, in: "refund_fee_type" + suffix, required: false)
    }

    /// `refund_status_0`: what became of the refund.
    func refundState() throws(V2Doubt) -> RefundQueryVerdict {
        guard fields["refund_status_0"] != nil else {
            throw V2Doubt(cause: .malformed(reason: "no-refund-status"))
        }
        if fields.holds("SUCCESS", in: "refund_status_0") { return .refunded }
        if fields.holds("PROCESSING", in: "refund_status_0") { return .processing }
        // CHANGE and REFUNDCLOSE need a person, and so does whatever else may be meant.
        return .stuck(state: identifier("refund_status_0") ?? "unreadable")
    }

    /// The proof, if order, amount and currency are all there and equal the record (rule B1).
    func proof(order: OrderNumber, amount: Money?) throws(V2Doubt) -> PaymentProof {
        try requireOrder(order)
        guard let amount else {
            // Money on a number that was never submitted, as in a probe: somebody else's, if
            // anybody's.
            throw V2Doubt(cause: .mismatch(field: "total_fee"))
        }
        try expect(String(amount.minorUnits), in: "total_fee", required: true)
        // Absent means CNY (wire facts, 1.8).
        try expect(amount.currency.code, in: "fee_type", required: amount.currency != .cny)
        guard let transactionID else {
            throw V2Doubt(cause: .malformed(reason: "transaction-id"))
        }
        return PaymentProof(
            transactionID: transactionID,
            // For people only. A payment is not undone because its date is unreadable.
            paidAtSeconds: fields["time_end"].flatMap(BeijingTime.secondsSince1970),
            maskedPayer: maskedPayer,
        )
    }

    /// The last four characters of `openid` (rule G1); nothing of one so short that four would give
    /// it away.
    private var maskedPayer: String? {
        guard let payer = fields["openid"], payer.utf8.count >= 8, payer.utf8.count <= 128,
            payer.utf8.allSatisfy(\.isIdentifierByte)
        else { return nil }
        return "…" + payer.suffix(4)
    }
}
