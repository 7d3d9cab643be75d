/// A request whose form, merchant, signature and fields are in order.
struct CheckedRequest: Hashable, Sendable {
    let operation: SandboxOperation
    let signature: WireSignature
    private let values: [String: String]

    /// The value of a field, `nil` if it is absent or empty.
    subscript(_ name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// All fields that make an order what it is: a repeated submit must carry the same (wire facts, 0).
    var parameters: [String: String] {
        let perTransmission = ["nonce_str", "sign", "sign_type"]
        return values.filter { !perTransmission.contains($0.key) && !$0.value.isEmpty }
    }

    /// Why a request is turned away.
    enum Refusal: Error, Hashable, Sendable {
        /// `return_code=FAIL`, unsigned.
        case communication(check: String, message: String)
        /// `result_code=FAIL`, signed.
        case business(check: String, code: String, message: String, WireSignature)

        var check: String {
            switch self {
            case .communication(let check, _), .business(let check, _, _, _): check
            }
        }
    }

    /// Checks in the platform's order: form, merchant, signature, then fields.
    init(
        _ body: [UInt8],
        for operation: SandboxOperation,
        from merchant: SandboxIdentity,
        key: String,
    ) throws(Refusal) {
        let fields: [(name: String, value: String)]
        do {
            fields = try RequestXML.fields(of: body)
        } catch {
            throw .communication(check: error.rawValue, message: "XML格式错误")
        }
        values = Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        self.operation = operation
        signature = try Self.signature(values)
        guard values["mch_id"] == merchant.merchantID else {
            throw .communication(check: "mch_id", message: "商户号mch_id不存在")
        }
        guard values["sign"] == signature.sign(fields, key: key) else {
            throw .communication(check: "sign", message: "签名错误")
        }
        guard values["appid"] == merchant.appID else {
            throw refused("appid", "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
        }
        try checkFields()
    }

    private static func signature(
        _ values: [String: String]
    ) throws(Refusal) -> WireSignature {
        guard let name = values["sign_type"], !name.isEmpty else { return .md5 }
        guard let signature = WireSignature(rawValue: name) else {
            throw .communication(check: "sign_type", message: "sign_type参数格式错误")
        }
        return signature
    }

    private func checkFields() throws(Refusal) {
        let rules = FieldRule.rules(for: operation)
        for name in values.keys.sorted() where !rules.contains(where: { $0.name == name }) {
            throw refused("unknown-field \(name.prefix(32))", "PARAM_ERROR", "多余的参数")
        }
        for rule in rules {
            if let value = self[rule.name] {
                guard rule.accepts(value) else {
                    throw refused(rule.name, "PARAM_ERROR", "参数\(rule.name)格式错误")
                }
            } else if rule.isRequired {
                throw refused(rule.name, "LACK_PARAMS", "缺少参数\(rule.name)")
            }
        }
        let names: [String] =
            switch operation {
            case .submit: ["out_trade_no"]
            case .query, .reverse, .refund: ["out_trade_no", "transaction_id"]
            case .refundQuery: ["out_refund_no", "refund_id", "out_trade_no", "transaction_id"]
            }
        if names.allSatisfy({ self[$0] == nil }) {
            throw refused("out_trade_no", "LACK_PARAMS", "缺少参数\(names[0])")
        }
        if let sub = self["sub_mch_id"], sub == self["mch_id"] {
            throw refused("sub_mch_id", "PARAM_ERROR", "sub_mch_id与mch_id相同")
        }
    }

    private func refused(_ check: String, _ code: String, _ message: String) -> Refusal {
        .business(check: check, code: code, message: message, signature)
    }
}
