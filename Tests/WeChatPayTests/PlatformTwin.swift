import Payments
import Testing
import WeChatPay

/// The platform's side of API v2, written apart from the code under test: signs replies and reads
/// requests by its own means.
struct PlatformTwin {
    typealias Field = (name: String, value: String)

    static let keyText = "192006250b4c09247ec02edce69f6a2d"
    static let appID = "wx2421b1c4370ec43b"
    static let merchantID = "10000100"

    var signType = V2Credentials.SignType.hmacSHA256
    var key = Self.keyText
    var subAppID: String?
    var subMerchantID: String?

    let order: OrderNumber
    let amount: Money
    var terminalIP: String? = "203.0.113.7"

    init() throws {
        order = try #require(OrderNumber("K0007-0123456789ABCDEFGHJK"))
        amount = try #require(Money(minorUnits: 888, currency: .cny))
    }

    /// The dialect under test, as the merchant of this platform sets it up.
    func dialect() throws -> V2Dialect {
        try V2Dialect(
            credentials: V2Credentials(
                appID: Self.appID,
                merchantID: Self.merchantID,
                subAppID: subAppID,
                subMerchantID: subMerchantID,
                signType: signType,
                key: SecretKey(Array(Self.keyText.utf8)),
            ),
            terminalIP: terminalIP,
            kiosk: #require(KioskID("K0007")),
        )
    }

    func code() throws -> PaymentCode {
        guard case .weChat(let code) = ScannedCode(recognising: "134567890123456789") else {
            throw TwinError.noCode
        }
        return code
    }

    enum TwinError: Error {
        case noCode
        case notOurDocument(String)
    }

    // MARK: Replies

    /// The fields every reply begins with.
    var envelope: [Field] {
        var fields: [Field] = [
            ("return_code", "SUCCESS"), ("return_msg", "OK"), ("appid", Self.appID),
            ("mch_id", Self.merchantID), ("nonce_str", "TN55wO9Pba5yENl8"),
        ]
        if let subAppID { fields.append(("sub_appid", subAppID)) }
        if let subMerchantID { fields.append(("sub_mch_id", subMerchantID)) }
        return fields
    }

    /// What micropay says of a payment.
    var payment: [Field] {
        envelope + [
            ("result_code", "SUCCESS"), ("openid", "oUpF8uN95-Ptaags6E_roPHg7AG0"),
            ("is_subscribe", "N"), ("trade_type", "MICROPAY"), ("bank_type", "CCB_DEBIT"),
            ("total_fee", String(amount.minorUnits)), ("fee_type", "CNY"), ("cash_fee", "888"),
            ("transaction_id", "1008450740201411110005820873"), ("out_trade_no", order.text),
            ("time_end", "20250301103512"),
        ]
    }

    /// What orderquery says of the same payment.
    var paidQuery: [Field] {
        payment + [("trade_state", "SUCCESS"), ("trade_state_desc", "支付成功")]
    }

    /// What orderquery says of an order that is not paid.
    func unpaidQuery(_ state: String) -> [Field] {
        envelope + [
            ("result_code", "SUCCESS"), ("trade_state", state), ("trade_state_desc", "说明"),
            ("out_trade_no", order.text),
        ]
    }

    func failure(_ code: String) -> [Field] {
        envelope + [("result_code", "FAIL"), ("err_code", code), ("err_code_des", "x < y")]
    }

    /// A signed reply in the platform's style, every value in CDATA.
    func reply(_ fields: [Field], status: Int = 200) -> PlatformReply {
        document(fields + [("sign", signature(fields))], status: status)
    }

    /// The fields as they are, signed or not.
    func document(_ fields: [Field], status: Int = 200) -> PlatformReply {
        let text = fields.map { "<\($0.name)><![CDATA[\($0.value)]]></\($0.name)>" }.joined()
        return PlatformReply(status: status, body: Array("<xml>\(text)</xml>".utf8))
    }

    func signature(_ fields: [Field]) -> String {
        var rest = fields.filter { $0.value != "" && $0.name != "sign" }
        var text = ""
        while !rest.isEmpty {
            var least = 0
            for index in rest.indices
            where Array(rest[index].name.utf8).lexicographicallyPrecedes(rest[least].name.utf8) {
                least = index
            }
            let field = rest.remove(at: least)
            text += field.name + "=" + field.value + "&"
        }
        let message = Array((text + "key=" + key).utf8)
        let digest =
            switch signType {
            case .md5: PlainDigests.md5(message)
            case .hmacSHA256: PlainDigests.hmacSHA256(key: Array(key.utf8), message)
            }
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
            .joined()
    }

    // MARK: Requests

    /// Reads a request as text: `<xml>`, elements with plain text or CDATA, `</xml>`.
    static func read(_ request: PlatformRequest) throws -> [Field] {
        let whole = String(decoding: request.body, as: UTF8.self)
        guard whole.hasPrefix("<xml>"), whole.hasSuffix("</xml>") else {
            throw TwinError.notOurDocument(whole)
        }
        var rest = whole.dropFirst(5).dropLast(6)
        var fields: [Field] = []
        while !rest.isEmpty {
            guard rest.removeFirst() == "<", let nameEnd = rest.firstIndex(of: ">") else {
                throw TwinError.notOurDocument(whole)
            }
            let name = String(rest[..<nameEnd])
            rest = rest[rest.index(after: nameEnd)...]
            var value = ""
            while !rest.hasPrefix("</\(name)>") {
                if rest.hasPrefix("<![CDATA[") {
                    rest = rest.dropFirst(9)
                    while !rest.hasPrefix("]]>") { value.append(try next(&rest, whole)) }
                    rest = rest.dropFirst(3)
                } else {
                    let character = try next(&rest, whole)
                    guard !"<>&".contains(character) else { throw TwinError.notOurDocument(whole) }
                    value.append(character)
                }
            }
            rest = rest.dropFirst(name.count + 3)
            fields.append((name, value))
        }
        return fields
    }

    private static func next(_ rest: inout Substring, _ whole: String) throws -> Character {
        guard let first = rest.popFirst() else { throw TwinError.notOurDocument(whole) }
        return first
    }
}

extension [PlatformTwin.Field] {
    /// The same fields with one replaced, or removed by `nil`, or added.
    func with(_ name: String, _ value: String?) -> Self {
        let others = filter { $0.name != name }
        return value.map { others + [(name, $0)] } ?? others
    }

    subscript(_ name: String) -> String? { first { $0.name == name }?.value }
}
