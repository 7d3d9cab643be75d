import Testing

@testable import WeChatPay

/// The vectors of the wire facts, 9.1.
@Suite("Signatures of API v2")
struct SignatureTests {
    private let key = SecretKey(Array(PlatformTwin.keyText.utf8))

    private func fields(_ pairs: [PlatformTwin.Field]) -> V2Fields {
        var fields = V2Fields()
        for (name, value) in pairs { fields.insert(value, named: name) }
        return fields
    }

    private func expect(
        _ pairs: [PlatformTwin.Field],
        base: String? = nil,
        md5: String? = nil,
        hmac: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
    ) {
        let fields = fields(pairs)
        if let base {
            #expect(V2Signature.base(of: fields) == base, sourceLocation: sourceLocation)
        }
        for (type, sign) in [(V2Credentials.SignType.md5, md5), (.hmacSHA256, hmac)] {
            guard let sign else { continue }
            let made = V2Signature.make(of: fields, key: key, type: type)
            #expect(made == sign, sourceLocation: sourceLocation)
        }
    }

    @Test("V2-1: the vendor's own example")
    func vendorExample() {
        expect(
            [
                ("mch_id", "10000100"), ("body", "test"), ("nonce_str", "ibuaiVcKdpRxkhJA"),
                ("appid", "wxd930ea5d5a258f4f"), ("device_info", "1000"),
            ],
            base: "appid=wxd930ea5d5a258f4f&body=test&device_info=1000&mch_id=10000100"
                + "&nonce_str=ibuaiVcKdpRxkhJA",
            md5: "9A0A8659F005D6984697E2CA0A9CF3B7",
            hmac: "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"
        )
    }

    @Test("V2-2: Chinese text, an empty field, and sign_type signed only where it is sent")
    func micropayRequest() {
        let common: [PlatformTwin.Field] = [
            ("appid", "wx2421b1c4370ec43b"), ("mch_id", "10000100"), ("device_info", "KIOSK-0007"),
            ("nonce_str", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"), ("body", "小张南山店-超市"),
            ("attach", ""), ("out_trade_no", "K0007-20250301-000042"), ("total_fee", "888"),
            ("fee_type", "CNY"), ("spbill_create_ip", "203.0.113.7"),
            ("auth_code", "134567890123456789"),
        ]
        expect(
            common + [("sign_type", "HMAC-SHA256")],
            base: "appid=wx2421b1c4370ec43b&auth_code=134567890123456789&body=小张南山店-超市"
                + "&device_info=KIOSK-0007&fee_type=CNY&mch_id=10000100"
                + "&nonce_str=5K8264ILTKCH16CQ2502SI8ZNMTM67VS&out_trade_no=K0007-20250301-000042"
                + "&sign_type=HMAC-SHA256&spbill_create_ip=203.0.113.7&total_fee=888",
            hmac: "9E75BB02CEDCC43940B3C1EBF937643FB6A12F0823DD36D75D6B7DB6C6237841"
        )
        expect(common + [("sign_type", "MD5")], md5: "CF84FE37A698AE6782B012D91DE392D7")
        expect(common, md5: "ED6DC4984FAE0CCB6D41AD3C268BA412")
    }

    @Test("V2-3: names sort by bytes: digits, capitals, underscore, small letters")
    func order() {
        expect(
            [("b", "2"), ("a_b", "3"), ("aB", "4"), ("ab", "5"), ("A", "6"), ("a1", "7")],
            base: "A=6&a1=7&aB=4&a_b=3&ab=5&b=2",
            md5: "E4BF2C3BDB36E2C59E7F2ADE8D669B67",
            hmac: "CA8A386791C244BD0CAC4A0FF1F24EF21EBFA32422B8FCC4B26B69E003B1D4DC"
        )
    }

    @Test("V2-4: a reply with a coupon verifies, unknown fields and all, in both algorithms")
    func replyWithCoupon() throws {
        let base =
            "appid=wx2421b1c4370ec43b&bank_type=CCB_DEBIT&cash_fee=788&coupon_count=1"
            + "&coupon_fee=100&coupon_fee_0=100&coupon_id_0=10000&coupon_type_0=CASH&fee_type=CNY"
            + "&is_subscribe=N&mch_id=10000100&nonce_str=TN55wO9Pba5yENl8"
            + "&openid=oUpF8uN95-Ptaags6E_roPHg7AG0&out_trade_no=K0007-20250301-000042"
            + "&result_code=SUCCESS&return_code=SUCCESS&return_msg=OK&time_end=20250301103512"
            + "&total_fee=888&trade_state=SUCCESS&trade_state_desc=支付成功&trade_type=MICROPAY"
            + "&transaction_id=1008450740201411110005820873"
        let hmac = "1612586355AFD5F198B839D692DFA86672E0D52CF3048BDC5EE6E5771975EBE4"
        let md5 = "DD85C57E53AF7A1F28EF1AB44555F477"
        var pairs = base.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            return (name: String(parts[0]), value: String(parts[1]))
        }
        pairs.reverse()
        pairs.append(("attach", ""))
        expect(pairs, base: base, md5: md5, hmac: hmac)

        // As it comes in: the empty element is there, and takes no part.
        let body = try PlatformTwin().document(pairs + [("sign", hmac)]).body
        let fields = try V2Reader.fields(of: body)
        #expect(fields.count == pairs.count + 1)
        #expect(V2Signature.verifies(hmac, of: fields, key: key, type: .hmacSHA256))
        #expect(V2Signature.verifies(md5, of: fields, key: key, type: .md5))
        #expect(!V2Signature.verifies(md5, of: fields, key: key, type: .hmacSHA256))
        #expect(!V2Signature.verifies(hmac, of: fields, key: key, type: .md5))
        for wrong in ["", String(hmac.dropLast()), hmac + "0", hmac.lowercased(), "1" + hmac] {
            #expect(!V2Signature.verifies(wrong, of: fields, key: key, type: .hmacSHA256))
        }
    }

    @Test("V2-5: empty values and sign itself take no part")
    func dropped() {
        expect([("a", "1"), ("b", "3"), ("aa", "2")], base: "a=1&aa=2&b=3")
        expect([("a", "1"), ("b", "3"), ("sign", "2")], base: "a=1&b=3")
        expect([("a", "1"), ("b", "3"), ("c", "")], base: "a=1&b=3")
        expect([("bob", "1"), ("tom", ""), ("sign", "mock")], base: "bob=1")
    }

    @Test("The twin's digests, which sign the replies of the other tests, know the vectors too")
    func twin() throws {
        var twin = try PlatformTwin()
        let fields: [PlatformTwin.Field] = [
            ("b", "2"), ("a_b", "3"), ("aB", "4"), ("ab", "5"), ("A", "6"), ("a1", "7"),
        ]
        #expect(
            twin.signature(fields)
                == "CA8A386791C244BD0CAC4A0FF1F24EF21EBFA32422B8FCC4B26B69E003B1D4DC"
        )
        twin.signType = .md5
        #expect(twin.signature(fields) == "E4BF2C3BDB36E2C59E7F2ADE8D669B67")
    }
}
