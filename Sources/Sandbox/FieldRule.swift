/// What a request field must look like (wire facts, 1.5, 1.8 to 1.10, 1.12); lengths are bytes of UTF-8.
struct FieldRule: Sendable {
    let name: String
    let maxLength: Int
    let isRequired: Bool
    private let isGood: @Sendable (String) -> Bool

    init(
        _ name: String,
        _ maxLength: Int,
        required: Bool = false,
        _ isGood: @escaping @Sendable (String) -> Bool = { _ in true },
    ) {
        self.name = name
        self.maxLength = maxLength
        isRequired = required
        self.isGood = isGood
    }

    /// Whether a non-empty value is acceptable. White space at an end is not: SDKs differ in trimming before they sign.
    func accepts(_ value: String) -> Bool {
        let blanks: [Character] = [" ", "\t", "\n", "\r", "\r\n"]
        guard value.utf8.count <= maxLength, let first = value.first, let last = value.last,
            !blanks.contains(first), !blanks.contains(last)
        else { return false }
        return isGood(value)
    }

    static func rules(for operation: SandboxOperation) -> [FieldRule] {
        switch operation {
        case .submit: common + [orderNumber(required: true)] + submit
        case .query, .reverse: common + [orderNumber(required: false), transactionID]
        case .refund:
            common + [orderNumber(required: false), transactionID, refundNumber(required: true)]
                + refund
        case .refundQuery:
            common + [orderNumber(required: false), transactionID, refundNumber(required: false)]
                + refundQuery
        }
    }

    private static let common = [
        FieldRule("appid", 32, required: true),
        FieldRule("mch_id", 32, required: true),
        FieldRule("sub_appid", 32),
        FieldRule("sub_mch_id", 32) { $0.isMade(of: digits) },
        FieldRule("nonce_str", 32, required: true) { $0.isMade(of: digits + letters) },
        FieldRule("sign", 64, required: true),
        FieldRule("sign_type", 32) { WireSignature(rawValue: $0) != nil },
        FieldRule("version", 32) { $0 == "1.0" },
    ]

    private static func orderNumber(required: Bool) -> FieldRule {
        FieldRule("out_trade_no", 32, required: required) {
            $0.utf8.count >= 6 && $0.isMade(of: digits + letters + Array("_-|*".utf8))
        }
    }

    private static let transactionID = FieldRule("transaction_id", 32) {
        $0.utf8.count == 28 && $0.isMade(of: digits)
    }

    private static func refundNumber(required: Bool) -> FieldRule {
        FieldRule("out_refund_no", 64, required: required) {
            $0.isMade(of: digits + letters + Array("_-|*@".utf8))
        }
    }

    private static func fee(_ name: String) -> FieldRule {
        FieldRule(name, 10, required: true) { $0.isMade(of: digits) && !$0.hasPrefix("0") }
    }

    private static let refund = [
        fee("total_fee"), fee("refund_fee"), FieldRule("refund_fee_type", 16, isCurrency),
        FieldRule("refund_desc", 80),
        FieldRule("refund_account", 30) {
            ["REFUND_SOURCE_UNSETTLED_FUNDS", "REFUND_SOURCE_RECHARGE_FUNDS"].contains($0)
        },
        FieldRule("notify_url", 256) { $0.hasPrefix("https://") || $0.hasPrefix("http://") },
    ]

    private static let refundQuery = [
        FieldRule("refund_id", 32) { $0.isMade(of: digits) },
        FieldRule("offset", 3) { $0.isMade(of: digits) },
    ]

    private static let isCurrency: @Sendable (String) -> Bool = {
        $0.utf8.count == 3 && $0.utf8.allSatisfy { (0x41...0x5A).contains($0) }
    }

    private static let submit = [
        FieldRule("body", 127, required: true),
        fee("total_fee"),
        FieldRule("spbill_create_ip", 64, required: true, InternetAddress.isValid),
        // Its digits are checked with the order, because a wrong code is the payer's fault: AUTH_CODE_INVALID.
        FieldRule("auth_code", 128, required: true),
        FieldRule("fee_type", 16, isCurrency),
        FieldRule("device_info", 32),
        FieldRule("detail", 6000),
        FieldRule("attach", 127),
        FieldRule("goods_tag", 32),
        FieldRule("limit_pay", 32) { $0 == "no_credit" },
        FieldRule("time_start", 14) { $0.utf8.count == 14 && $0.isMade(of: digits) },
        FieldRule("time_expire", 14) { $0.utf8.count == 14 && $0.isMade(of: digits) },
        FieldRule("receipt", 8) { $0 == "Y" },
        FieldRule("scene_info", 256),
        FieldRule("profit_sharing", 1) { ["Y", "N"].contains($0) },
        FieldRule("deposit", 1) { ["Y", "N"].contains($0) },
    ]

    private static let digits = Array(UInt8(ascii: "0")...UInt8(ascii: "9"))
    private static let letters =
        Array(UInt8(ascii: "a")...UInt8(ascii: "z")) + Array(UInt8(ascii: "A")...UInt8(ascii: "Z"))
}

extension String {
    fileprivate func isMade(of characters: [UInt8]) -> Bool {
        utf8.allSatisfy(characters.contains)
    }
}
