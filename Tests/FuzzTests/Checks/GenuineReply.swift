@testable import Sandbox

/// What a reply proves, by the rules of the wire and not by the product's code (wire facts, 1.5 to 1.10; rule B1).
struct GenuineReply {
    private let values: [String: [UInt8]]
    private let check: V2ReplyCheck
    private let isSigned: Bool

    init(_ fields: [PlainXML.Field], of check: V2ReplyCheck) {
        self.check = check
        // An empty value says nothing.
        let fields = fields.filter { !$0.value.isEmpty }
        values = Dictionary(fields.map { ($0.name, Array($0.value.utf8)) }) { first, _ in first }
        let sign = check.signature.sign(fields, key: V2ReplyCheck.key)
        isSigned =
            values.count == fields.count && values["sign"] == Array(sign.utf8)
            && values["return_code"] == Array("SUCCESS".utf8)
    }

    /// Signed by who has the key, and nothing in it contradicts what was asked.
    var isGenuine: Bool {
        let isSuccess = says("SUCCESS", "result_code")
        guard check.status == 200, isSigned,
            isSuccess || (says("FAIL", "result_code") && values["err_code"] != nil)
        else { return false }
        let merchant = [("appid", V2ReplyCheck.appID), ("mch_id", V2ReplyCheck.merchantID)]
        for (name, text) in merchant {
            guard says(text, name) || (!isSuccess && values[name] == nil) else { return false }
        }
        return isForSubMerchant(isSuccess) && allows(V2ReplyCheck.order, "out_trade_no")
            && allows("MICROPAY", "trade_type") && agreesOnAmount
    }

    private func isForSubMerchant(_ isSuccess: Bool) -> Bool {
        guard check.isProvider else { return values["sub_mch_id"] == nil }
        return says(V2ReplyCheck.subMerchantID, "sub_mch_id")
            || (!isSuccess && values["sub_mch_id"] == nil)
    }

    /// Where there is a record of the amount.
    private var agreesOnAmount: Bool {
        guard check.call != .reverse, check.call != .probe else { return true }
        return allows(String(V2ReplyCheck.amount), "total_fee") && allows("CNY", "fee_type")
    }

    var namesOrder: Bool { says(V2ReplyCheck.order, "out_trade_no") }

    /// Every condition of rule B1.
    var isPayment: Bool {
        guard isGenuine, says("SUCCESS", "result_code"), namesOrder,
            says(String(V2ReplyCheck.amount), "total_fee"), hasTransaction
        else { return false }
        return switch check.call {
        case .submit: values["trade_state"] == nil && says("MICROPAY", "trade_type")
        case .query: says("SUCCESS", "trade_state")
        case .reverse, .probe, .refund, .refundQuery: false
        }
    }

    /// The platform has taken our refund over the whole amount.
    var isRefundAccepted: Bool {
        check.call == .refund && isGenuine && says("SUCCESS", "result_code") && namesRefund("")
    }

    /// Its list's one refund is ours over the whole amount, in whatever state.
    var namesListedRefund: Bool {
        check.call == .refundQuery && isGenuine && says("SUCCESS", "result_code")
            && namesRefund("_0") && values["refund_status_0"] != nil
    }

    var isRefundDone: Bool { namesListedRefund && says("SUCCESS", "refund_status_0") }

    var saysRefundNotExist: Bool {
        check.call == .refundQuery && isGenuine && says("FAIL", "result_code")
            && says("REFUNDNOTEXIST", "err_code")
    }

    private func namesRefund(_ suffix: String) -> Bool {
        namesOrder && says(V2ReplyCheck.refund, "out_refund_no" + suffix)
            && says(String(V2ReplyCheck.amount), "refund_fee" + suffix)
            && allows("CNY", "refund_fee_type" + suffix)
    }

    private var hasTransaction: Bool {
        guard let number = values["transaction_id"] else { return false }
        return number.count <= 32
            && number.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return character.isASCII
                    && (character.isLetter || character.isNumber || "_-".contains(character))
            }
    }

    var saysOrderNotExist: Bool {
        (check.call == .query || check.call == .probe) && isGenuine && says("FAIL", "result_code")
            && says("ORDERNOTEXIST", "err_code")
    }

    private func says(_ text: String, _ name: String) -> Bool { values[name] == Array(text.utf8) }

    private func allows(_ text: String, _ name: String) -> Bool {
        values[name] == nil || says(text, name)
    }
}
