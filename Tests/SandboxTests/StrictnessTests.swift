import Testing

@testable import Sandbox

@Suite("Strict checks, over TLS")
struct StrictnessTests {
    /// A spoilt submit: what is changed before signing, the code that answers, the check that the ledger names.
    struct Spoilt: Sendable, CustomTestStringConvertible {
        let changes: [String: String]
        let code: String
        let check: String
        var testDescription: String { check + " " + changes.keys.sorted().joined() }

        init(_ changes: [String: String], _ code: String, _ check: String) {
            self.changes = changes
            self.code = code
            self.check = check
        }
    }

    private static let spoilt = [
        Spoilt(["body": ""], "LACK_PARAMS", "body"),
        Spoilt(["out_trade_no": ""], "LACK_PARAMS", "out_trade_no"),
        Spoilt(["total_fee": ""], "LACK_PARAMS", "total_fee"),
        Spoilt(["spbill_create_ip": ""], "LACK_PARAMS", "spbill_create_ip"),
        Spoilt(["auth_code": ""], "LACK_PARAMS", "auth_code"),
        Spoilt(["nonce_str": ""], "LACK_PARAMS", "nonce_str"),
        Spoilt(["nonce_str": "with-hyphen"], "PARAM_ERROR", "nonce_str"),
        Spoilt(["nonce_str": String(repeating: "n", count: 33)], "PARAM_ERROR", "nonce_str"),
        Spoilt(["body": String(repeating: "店", count: 43)], "PARAM_ERROR", "body"),
        Spoilt(["body": " leading blank"], "PARAM_ERROR", "body"),
        Spoilt(["body": "trailing blank\n"], "PARAM_ERROR", "body"),
        Spoilt(["out_trade_no": "K7-店"], "PARAM_ERROR", "out_trade_no"),
        Spoilt(["out_trade_no": "K7 000001"], "PARAM_ERROR", "out_trade_no"),
        Spoilt(["out_trade_no": "K7-01"], "PARAM_ERROR", "out_trade_no"),
        Spoilt(
            ["out_trade_no": String(repeating: "K", count: 33)],
            "PARAM_ERROR",
            "out_trade_no"
        ),
        Spoilt(["total_fee": "0"], "PARAM_ERROR", "total_fee"),
        Spoilt(["total_fee": "01"], "PARAM_ERROR", "total_fee"),
        Spoilt(["total_fee": "-1"], "PARAM_ERROR", "total_fee"),
        Spoilt(["total_fee": "8.88"], "PARAM_ERROR", "total_fee"),
        Spoilt(["total_fee": "2e2"], "PARAM_ERROR", "total_fee"),
        Spoilt(["total_fee": "9999999999"], "PARAM_ERROR", "total_fee or fee_type"),
        Spoilt(["fee_type": "cny"], "PARAM_ERROR", "fee_type"),
        Spoilt(["fee_type": "USD"], "PARAM_ERROR", "total_fee or fee_type"),
        Spoilt(["spbill_create_ip": "203.0.113"], "PARAM_ERROR", "spbill_create_ip"),
        Spoilt(["spbill_create_ip": "localhost"], "PARAM_ERROR", "spbill_create_ip"),
        Spoilt(["version": "2.0"], "PARAM_ERROR", "version"),
        Spoilt(["limit_pay": "no_debit"], "PARAM_ERROR", "limit_pay"),
        Spoilt(["time_expire": "2025-03-01"], "PARAM_ERROR", "time_expire"),
        Spoilt(["device_info": String(repeating: "d", count: 33)], "PARAM_ERROR", "device_info"),
        Spoilt(["notify_url": "https://a.example"], "PARAM_ERROR", "unknown-field notify_url"),
        Spoilt(
            ["transaction_id": String(repeating: "4", count: 28)],
            "PARAM_ERROR",
            "unknown-field transaction_id"
        ),
        Spoilt(["appid": "wx0000000000000000"], "APPID_MCHID_NOT_MATCH", "appid"),
    ]

    @Test("A field out of order is refused in a signed reply and takes no money", arguments: spoilt)
    func field(_ spoilt: Spoilt) async throws {
        try await Stand.run { stand throws in
            let answer = try stand.submit("K0007-1", code: Merchant.code("000"), spoilt.changes)
            #expect(answer["return_code"] == "SUCCESS")
            #expect(answer["result_code"] == "FAIL")
            #expect(answer["err_code"] == spoilt.code)
            #expect(stand.merchant.verifies(answer))
            expectRefused(stand, spoilt.check)
        }
    }

    @Test("All documented fields at their limits are accepted, with either algorithm")
    func limits() async throws {
        try await Stand.run { stand throws in
            for algorithm in ["MD5", "HMAC-SHA256"] {
                let merchant = Merchant(material: stand.material, algorithm: algorithm)
                let full = [
                    "body": String(repeating: "b", count: 127), "attach": "a]]&b<c>",
                    "detail": #"{"goods_detail":[]}"#, "goods_tag": "T", "limit_pay": "no_credit",
                    "out_trade_no": Merchant.unique("a_-|*" + String(repeating: "Z", count: 20)),
                    "time_start": "20250301103512", "time_expire": "20250301104012",
                    "receipt": "Y", "scene_info": "{}", "profit_sharing": "N", "deposit": "N",
                    "version": "1.0", "spbill_create_ip": "2001:db8::1", "fee_type": "",
                    "sub_mch_id": "1900000109", "sub_appid": "wxsub", "total_fee": "1",
                ]
                let client = try stand.connect()
                let body = merchant.submit("", code: Merchant.code("000"), full)
                let answer = try client.post("/pay/micropay", body)
                #expect(answer["result_code"] == "SUCCESS", "\(answer.text)")
                #expect(merchant.verifies(answer))
                #expect(answer["sub_mch_id"] == "1900000109")
            }
            #expect(stand.server.violations().isEmpty)
        }
    }

    @Test(
        "A code that is no payment code is the payer's fault: AUTH_CODE_INVALID, no violation",
        arguments: ["1", "164567890123456000", "13456789012345600", "13456789012345600X"]
    )
    func notAPaymentCode(_ code: String) async throws {
        try await Stand.run { stand throws in
            #expect(try stand.submit("K0007-1", code: code)["err_code"] == "AUTH_CODE_INVALID")
            #expect(try stand.entry("K0007-1").charged == nil)
            #expect(stand.server.violations().isEmpty)
        }
    }

    @Test("Wrong signature, algorithm or merchant: return_code FAIL, unsigned")
    func communicationFailures() async throws {
        try await Stand.run { stand throws in
            let merchant = stand.merchant
            var wrong = merchant.signed(["out_trade_no": "K0007-1"])
            wrong[wrong.count - 1].1 = String(repeating: "0", count: 64)
            let lower = merchant.signed(["out_trade_no": "K0007-1"]).map {
                $0.0 == "sign" ? ($0.0, $0.1.lowercased()) : $0
            }
            let bodies = [
                ("sign", merchant.elements(wrong)), ("sign", merchant.elements(lower)),
                (
                    "sign_type",
                    merchant.elements(
                        merchant.signed([
                            "out_trade_no": "K0007-1", "sign_type": "HMAC_SHA256",
                        ])
                    )
                ),
                (
                    "mch_id",
                    merchant.elements(
                        merchant.signed([
                            "out_trade_no": "K0007-1", "mch_id": "1",
                        ])
                    )
                ),
            ]
            for (check, elements) in bodies {
                let body = Array("<xml>\(elements)</xml>".utf8)
                expectUnsigned(try stand.call(.query, body))
                #expect(stand.server.violations().last?.rule == .requestRefused(check))
            }
        }
    }

    @Test(
        "A document out of form: return_code FAIL, unsigned",
        arguments: [
            ("", "not-well-formed"), ("<xml>", "not-well-formed"),
            ("<xml><a>1</b></xml>", "not-well-formed"),
            ("<!DOCTYPE xml [<!ENTITY e 'x'>]><xml><a>&e;</a></xml>", "doctype"),
            ("<!DOCTYPE xml SYSTEM 'file:///etc/passwd'><xml/>", "doctype"),
            ("<xml><a>1</a><a>1</a></xml>", "duplicate-element"),
            ("<xml><a b='1'>1</a></xml>", "attributes"), ("<json><a>1</a></json>", "wrong-root"),
            ("<xml><a><b>1</b></a></xml>", "too-deep"),
            ("<xml>text<a>1</a></xml>", "text-beside-elements"),
            ("<xml><a>\u{1}</a></xml>", "not-well-formed"),
            ("<xml>" + (0..<65).map { "<a\($0)/>" }.joined() + "</xml>", "too-many-elements"),
        ]
    )
    func malformed(_ body: String, check: String) async throws {
        try await Stand.run { stand throws in
            expectUnsigned(try stand.call(.submit, Array(body.utf8)))
            expectRefused(stand, check)
        }
    }

    @Test("Bytes that are no UTF-8 are not read under another name")
    func encoding() async throws {
        try await Stand.run { stand throws in
            let head = Array("<?xml version='1.0' encoding='ISO-8859-1'?><xml><a>".utf8)
            expectUnsigned(try stand.call(.query, head + [0xE9] + Array("</a></xml>".utf8)))
            expectRefused(stand, "not-well-formed")
        }
    }

    @Test("nonce_str is new for every request")
    func nonce() async throws {
        try await Stand.run { stand throws in
            let body = stand.merchant.submit("K0007-1", code: Merchant.code("103"))
            #expect(try stand.call(.submit, body)["err_code"] == "USERPAYING")
            #expect(try stand.call(.submit, body)["err_code"] == "PARAM_ERROR")
            #expect(try stand.entry("K0007-1").violations.map(\.rule) == [.nonceRepeated])
        }
    }

    @Test("Query and reverse need a number")
    func numberless() async throws {
        try await Stand.run { stand throws in
            for operation in [SandboxOperation.query, .reverse] {
                let answer = try stand.call(operation, stand.merchant.document([:]))
                #expect(answer["err_code"] == "LACK_PARAMS")
                #expect(stand.merchant.verifies(answer))
            }
        }
    }

    private func expectUnsigned(_ answer: Answer) {
        #expect(answer.status == 200)
        #expect(answer["return_code"] == "FAIL")
        #expect(answer["sign"] == nil)
        #expect(answer["result_code"] == nil)
    }

    private func expectRefused(_ stand: Stand, _ check: String) {
        #expect(stand.server.violations().map(\.rule) == [.requestRefused(check)])
        #expect(stand.server.ledger().allSatisfy { $0.charged == nil })
    }
}
