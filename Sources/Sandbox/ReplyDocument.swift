/// An XML reply of the platform, before it is signed and written.
struct ReplyDocument {
    /// In the order they are written; `sign` is added last.
    var fields: [(name: String, value: String)]
    /// The algorithm of the request; `nil` for `return_code=FAIL`, which is never signed (wire facts, 1.6).
    let signature: WireSignature?
    let key: String

    /// `return_code=FAIL`: communication failure, unsigned.
    static func communicationFailure(_ message: String) -> Self {
        Self(
            fields: [("return_code", "FAIL"), ("return_msg", message)],
            signature: nil,
            key: ""
        )
    }

    /// The HTTP reply, spoilt by `fault` if there is one.
    func reply(spoiltBy fault: ReplyFault?) -> Reply {
        var reply = Reply()
        switch fault {
        case nil, .late: reply.body = xml(signed)
        case .silence: reply.delivery = .silence
        case .reset: reply.delivery = .reset
        case .cut(let count):
            reply.body = xml(signed)
            reply.delivery = .cut(afterBytes: count)
        case .status(let status): reply = .status(status)
        case .html: reply = .page(200, "WeChat Pay")
        case .html400: reply = .page(400, CertificateFault.missing.title, closes: true)
        case .garbage: reply.body = (0..<512).map { _ in UInt8.random(in: .min ... .max) }
        case .empty: reply.body = []
        case .communicationFailure:
            reply.body = Self.communicationFailure("system error").reply(spoiltBy: nil).body
        case .forged: reply.body = xml(forged)
        case .unsigned: reply.body = xml(fields)
        case .amount:
            reply.body = xml(changing("total_fee") { String((Int64($0) ?? 0) + 1) }.signed)
        case .order: reply.body = xml(changing("out_trade_no", Self.otherThan).signed)
        case .merchant: reply.body = xml(changing("mch_id", Self.otherThan).signed)
        case .duplicate: reply.body = xml(signed + signed.filter { $0.name == "total_fee" })
        case .doctype:
            reply.body = Array("<!DOCTYPE xml [<!ENTITY e \"1\">]>".utf8) + xml(signed)
        case .oversized:
            var padded = self
            padded.fields.append(("padding", String(repeating: "x", count: 2 << 20)))
            reply.body = xml(padded.signed)
        }
        return reply
    }

    private var signed: [(name: String, value: String)] {
        guard let signature else { return fields }
        return fields + [("sign", signature.sign(fields, key: key))]
    }

    private var forged: [(name: String, value: String)] {
        guard let signature else { return fields }
        return fields + [("sign", signature.sign(fields, key: String(key.reversed()) + "x"))]
    }

    private func changing(_ name: String, _ change: (String) -> String) -> Self {
        var changed = self
        changed.fields = fields.map { $0.name == name ? (name, change($0.value)) : $0 }
        return changed
    }

    /// As long and of the same characters, but different.
    private static func otherThan(_ value: String) -> String {
        (value.hasPrefix("1") ? "2" : "1") + value.dropFirst()
    }

    /// Numbers plain, everything else in CDATA, as the platform writes them (wire facts, 1.4).
    private func xml(_ fields: [(name: String, value: String)]) -> [UInt8] {
        let elements = fields.map { field in
            let isNumber = Self.plainNumbers.contains(field.name)
            let inside = Self.splittingEndMarks(field.value)
            return "<\(field.name)>"
                + (isNumber ? field.value : "<![CDATA[\(inside)]]>") + "</\(field.name)>"
        }
        return Array(("<xml>" + elements.joined(separator: "\n") + "</xml>").utf8)
    }

    private static let plainNumbers =
        [
            "total_fee", "settlement_total_fee", "cash_fee", "coupon_fee", "coupon_count",
            "coupon_fee_0", "refund_fee", "refund_fee_0", "refund_count", "total_refund_count",
            "cash_refund_fee", "coupon_refund_fee", "coupon_refund_count",
        ] as Set

    /// `]]>` inside a value becomes two adjacent sections.
    private static func splittingEndMarks(_ value: String) -> String {
        var rest = value[...]
        var result = ""
        while let mark = rest.firstIndex(of: "]") {
            let tail = rest[mark...]
            if tail.hasPrefix("]]>") {
                result += rest[..<mark] + "]]]]><![CDATA[>"
                rest = tail.dropFirst(3)
            } else {
                result += rest[...mark]
                rest = tail.dropFirst()
            }
        }
        return result + rest
    }
}

/// Why a call that needs the client certificate is turned away before it is read (wire facts, 1.3).
enum CertificateFault: Hashable, Sendable {
    case missing
    /// Another authority's, or out of date.
    case untrusted

    var title: String {
        switch self {
        case .missing: "400 No required SSL certificate was sent"
        case .untrusted: "400 The SSL certificate error"
        }
    }

    var word: String {
        switch self {
        case .missing: "missing"
        case .untrusted: "untrusted"
        }
    }
}
