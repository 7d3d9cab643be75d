import Testing

@testable import Sandbox

@Suite("Signatures, against the published vectors")
struct WireSignatureTests {
    private let key = "192006250b4c09247ec02edce69f6a2d"

    /// Origin: the vendor's page on security rules.
    @Test("The vendor's example")
    func vendorExample() {
        let fields = [
            ("mch_id", "10000100"), ("device_info", "1000"), ("body", "test"),
            ("appid", "wxd930ea5d5a258f4f"), ("nonce_str", "ibuaiVcKdpRxkhJA"),
        ]
        expect(
            fields,
            md5: "9A0A8659F005D6984697E2CA0A9CF3B7",
            hmac: "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"
        )
    }

    @Test("A submit: UTF-8, an empty field dropped, sign_type included")
    func submit() {
        let fields = [
            ("appid", "wx2421b1c4370ec43b"), ("mch_id", "10000100"), ("device_info", "KIOSK-0007"),
            ("nonce_str", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"), ("body", "小张南山店-超市"),
            ("attach", ""), ("out_trade_no", "K0007-20250301-000042"), ("total_fee", "888"),
            ("fee_type", "CNY"), ("spbill_create_ip", "203.0.113.7"),
            ("auth_code", "134567890123456789"), ("sign", "left out"),
        ]
        let hmac = fields + [("sign_type", "HMAC-SHA256")]
        #expect(
            WireSignature.hmacSHA256.sign(hmac, key: key)
                == "9E75BB02CEDCC43940B3C1EBF937643FB6A12F0823DD36D75D6B7DB6C6237841"
        )
        let md5 = fields + [("sign_type", "MD5")]
        #expect(WireSignature.md5.sign(md5, key: key) == "CF84FE37A698AE6782B012D91DE392D7")
        #expect(WireSignature.md5.sign(fields, key: key) == "ED6DC4984FAE0CCB6D41AD3C268BA412")
    }

    @Test("Names sort by byte: digits, capitals, underscore, small letters")
    func order() {
        let fields = [
            ("b", "2"), ("a_b", "3"), ("aB", "4"), ("ab", "5"), ("A", "6"), ("a1", "7"),
        ]
        #expect(WireSignature.text(of: fields) == "A=6&a1=7&aB=4&a_b=3&ab=5&b=2")
        expect(
            fields,
            md5: "E4BF2C3BDB36E2C59E7F2ADE8D669B67",
            hmac: "CA8A386791C244BD0CAC4A0FF1F24EF21EBFA32422B8FCC4B26B69E003B1D4DC"
        )
    }

    @Test("A query's reply with a coupon and an empty attach")
    func reply() {
        let fields = [
            ("appid", "wx2421b1c4370ec43b"), ("bank_type", "CCB_DEBIT"), ("cash_fee", "788"),
            ("coupon_count", "1"), ("coupon_fee", "100"), ("coupon_fee_0", "100"),
            ("coupon_id_0", "10000"), ("coupon_type_0", "CASH"), ("fee_type", "CNY"),
            ("is_subscribe", "N"), ("mch_id", "10000100"), ("nonce_str", "TN55wO9Pba5yENl8"),
            ("openid", "oUpF8uN95-Ptaags6E_roPHg7AG0"), ("attach", ""),
            ("out_trade_no", "K0007-20250301-000042"), ("result_code", "SUCCESS"),
            ("return_code", "SUCCESS"), ("return_msg", "OK"), ("time_end", "20250301103512"),
            ("total_fee", "888"), ("trade_state", "SUCCESS"), ("trade_state_desc", "支付成功"),
            ("trade_type", "MICROPAY"), ("transaction_id", "1008450740201411110005820873"),
        ]
        expect(
            fields,
            md5: "DD85C57E53AF7A1F28EF1AB44555F477",
            hmac: "1612586355AFD5F198B839D692DFA86672E0D52CF3048BDC5EE6E5771975EBE4"
        )
    }

    /// The tests' own signer must be right too, or every other test proves nothing.
    private func expect(_ fields: [(String, String)], md5: String, hmac: String) {
        #expect(WireSignature.md5.sign(fields, key: key) == md5)
        #expect(WireSignature.hmacSHA256.sign(fields, key: key) == hmac)
        let sorted = fields.map { (key: $0.0, value: $0.1) }.sorted { $0.key < $1.key }
        #expect(Merchant.sign(sorted, key: key, algorithm: "MD5") == md5)
        #expect(Merchant.sign(sorted, key: key, algorithm: "HMAC-SHA256") == hmac)
    }
}
