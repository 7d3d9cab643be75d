import COpenSSL
import Synchronization

@testable import Sandbox

/// The tests' own merchant: writes and signs requests, and verifies replies, without the stand-in's code.
struct Merchant {
    let material: SandboxMaterial
    var algorithm = "HMAC-SHA256"

    typealias Fields = [String: String]

    /// A complete submit; `changes` replace fields, an empty value removes one.
    func submit(_ order: String, code: String, _ changes: Fields = [:]) -> [UInt8] {
        let fields = [
            "body": "小张南山店-超市", "out_trade_no": order, "total_fee": "888", "fee_type": "CNY",
            "spbill_create_ip": "203.0.113.7", "auth_code": code, "device_info": "KIOSK-0007",
            "attach": "",
        ]
        return document(fields.merging(changes) { $1 })
    }

    func query(_ order: String, _ changes: Fields = [:]) -> [UInt8] {
        document(["out_trade_no": order].merging(changes) { $1 })
    }

    /// Signs the fields together with those that every request has, and writes them.
    func document(_ fields: Fields) -> [UInt8] {
        Array(("<xml>" + elements(signed(fields)) + "</xml>").utf8)
    }

    /// All fields of a request, its signature last.
    func signed(_ fields: Fields) -> [(String, String)] {
        var all = [
            "appid": material.identity.appID, "mch_id": material.identity.merchantID,
            "nonce_str": Self.unique("N"), "sign_type": algorithm == "MD5" ? "" : algorithm,
        ]
        all.merge(fields) { $1 }
        let sorted = all.filter { !$0.value.isEmpty || $0.key == "attach" }.sorted { $0 < $1 }
        let sign = Self.sign(
            sorted,
            key: material.key,
            algorithm: all["sign_type"].orIfEmpty("MD5")
        )
        return sorted.map { ($0.key, $0.value) } + [("sign", sign)]
    }

    func elements(_ fields: [(String, String)]) -> String {
        fields.map { "<\($0.0)><![CDATA[\($0.1)]]></\($0.0)>" }.joined()
    }

    /// Whether a reply's `sign` is right for this merchant.
    func verifies(_ reply: Answer) -> Bool {
        let fields = reply.fields.filter { $0.key != "sign" }.sorted { $0 < $1 }
        return reply["sign"] == Self.sign(fields, key: material.key, algorithm: algorithm)
    }

    static func sign(
        _ sorted: [(key: String, value: String)],
        key: String,
        algorithm: String,
    ) -> String {
        var text = ""
        for field in sorted where field.value != "" { text += field.key + "=" + field.value + "&" }
        return sign(Array((text + "key=" + key).utf8), key: Array(key.utf8), algorithm: algorithm)
    }

    /// Any algorithm but `MD5` is HMAC with SHA-256, so that misspelt names are signed as well.
    static func sign(_ text: [UInt8], key: [UInt8], algorithm: String) -> String {
        var digest = [UInt8](repeating: 0, count: 64)
        var length = 0
        let name = algorithm == "MD5" ? "MD5" : "SHA256"
        // The buffers are alive for the calls and as long as stated; 64 bytes hold every digest.
        if algorithm == "MD5" {
            _ = unsafe EVP_Q_digest(nil, name, nil, text, text.count, &digest, &length)
        } else {
            _ = unsafe EVP_Q_mac(
                nil,
                "HMAC",
                nil,
                name,
                nil,
                key,
                key.count,
                text,
                text.count,
                &digest,
                64,
                &length
            )
        }
        return digest.prefix(length).map {
            let hex = String($0, radix: 16, uppercase: true)
            return hex.utf8.count == 1 ? "0" + hex : hex
        }.joined()
    }

    private static let counter = Mutex(0)

    /// A name that no other call of this run gets.
    static func unique(_ prefix: String) -> String {
        let number = counter.withLock { count in
            count += 1
            return count
        }
        return prefix + String(100_000 + number)
    }

    /// A payment code that chooses the case with these digits, used by nobody else.
    static func code(_ digits: String) -> String {
        "134" + String(unique("").suffix(12)).leftPadded(to: 12) + digits
    }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String {
        String(repeating: "0", count: max(0, width - utf8.count)) + self
    }
}

extension String? {
    fileprivate func orIfEmpty(_ other: String) -> String {
        guard let self, !self.isEmpty else { return other }
        return self
    }
}
