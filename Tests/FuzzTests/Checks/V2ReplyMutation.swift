import TestKit

@testable import Sandbox

/// Changes replies so that they stay signed: what no blind change of bytes would ever reach lies behind the signature.
enum V2ReplyMutation {
    private static let names = [
        "return_code", "result_code", "err_code", "appid", "mch_id", "sub_mch_id", "sub_appid",
        "out_trade_no", "total_fee", "fee_type", "trade_type", "trade_state", "transaction_id",
        "time_end", "openid", "recall", "cash_fee", "attach", "out_refund_no", "out_refund_no_0",
        "refund_fee", "refund_fee_0", "refund_fee_type", "refund_fee_type_0", "refund_status_0",
        "refund_status_1", "refund_count",
    ]

    private static let values = [
        "", "SUCCESS", "FAIL", "REFUND", "REVOKED", "NOTPAY", "CLOSED", "USERPAYING", "ACCEPT",
        "PAYERROR", "ORDERNOTEXIST", "SYSTEMERROR", "SIGNERROR", "TRADE_ERROR", "NOTENOUGH",
        "REVERSE_EXPIRE", "PROCESSING", "CHANGE", "REFUNDCLOSE", "REFUNDNOTEXIST", "ERROR",
        "MICROPAY", "NATIVE", "Y", "N", "CNY", "USD", "888", "0888", "8.88",
        "8880", "-888", "20250301103512", "19700101000000", "99999999999999", "REVO\u{212A}ED",
        "1008450740201411110005820873", "oUpF8uN95-Ptaags6E_roPHg7AG0", "1&sign=2", "]]>", " 888",
        V2ReplyCheck.appID, V2ReplyCheck.merchantID, V2ReplyCheck.subMerchantID, V2ReplyCheck.order,
        V2ReplyCheck.refund,
    ]

    /// An input with its body left alone, signed as it is, or changed by fields and signed.
    static func applied(to input: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
        guard let options = input.first else { return input }
        let check = V2ReplyCheck(input)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0, 1: return input
        case 2: return [options] + (signed(check) ?? check.body)
        default:
            guard var fields = PlainXML.fields(of: check.body) else { return input }
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                change(&fields, using: &generator)
            }
            fields.removeAll { $0.name == "sign" }
            fields.append(("sign", check.signature.sign(fields, key: V2ReplyCheck.key)))
            return [options] + document(fields)
        }
    }

    /// The body with the right signature in its `sign`; the rest stays byte for byte.
    private static func signed(_ check: V2ReplyCheck) -> [UInt8]? {
        guard let fields = PlainXML.fields(of: check.body),
            let start = check.body.ranges(of: Array("<sign>".utf8)).last,
            let end = check.body.ranges(of: Array("</sign>".utf8)).last,
            start.upperBound <= end.lowerBound
        else { return nil }
        let sign = check.signature.sign(fields, key: V2ReplyCheck.key)
        return check.body[..<start.upperBound] + Array(sign.utf8) + check.body[end.lowerBound...]
    }

    private static func change(_ fields: inout [PlainXML.Field], using generator: inout SplitMix64)
    {
        let name = names.randomElement(using: &generator) ?? "attach"
        let value = values.randomElement(using: &generator) ?? ""
        let place = fields.firstIndex { $0.name == name }
        if Bool.random(using: &generator) {
            fields.removeAll { $0.name == name }
        } else if let place {
            fields[place].value = value
        } else {
            fields.append((name, value))
        }
    }

    private static func document(_ fields: [PlainXML.Field]) -> [UInt8] {
        let text = fields.map { name, value in
            let escaped = value.map { character in
                switch character {
                case "<": "&lt;"
                case "&": "&amp;"
                case ">": "&gt;"
                default: String(character)
                }
            }.joined()
            return "<\(name)>\(escaped)</\(name)>"
        }
        return Array(("<xml>" + text.joined() + "</xml>").utf8)
    }
}
