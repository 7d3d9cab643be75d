import Payments
import Testing
import WeChatPay

@Suite("Verdicts on a submit (B1)")
struct SubmitVerdictTests {
    private let twin: PlatformTwin
    private let dialect: V2Dialect

    init() throws {
        twin = try PlatformTwin()
        dialect = try twin.dialect()
    }

    private func verdict(_ reply: PlatformReply) -> SubmitVerdict {
        dialect.submitVerdict(reply, order: twin.order, amount: twin.amount)
    }

    private func verdict(_ fields: [PlatformTwin.Field]) -> SubmitVerdict {
        verdict(twin.reply(fields))
    }

    private let proof = PaymentProof(
        transactionID: "1008450740201411110005820873",
        paidAtSeconds: 1_740_796_512,
        maskedPayer: "…7AG0",
    )

    @Test("Paid: both codes SUCCESS, signed, and every field of the record in it")
    func paid() throws {
        #expect(verdict(twin.payment) == .paid(proof))
        // No currency means CNY; unknown fields are signed and otherwise nobody's business.
        #expect(verdict(twin.payment.with("fee_type", nil)) == .paid(proof))
        #expect(verdict(twin.payment.with("fee_type", "")) == .paid(proof))
        #expect(verdict(twin.payment.with("brand_new", "a & b")) == .paid(proof))
        #expect(verdict(twin.payment.reversed()) == .paid(proof))

        var md5 = twin
        md5.signType = .md5
        let reply = md5.reply(md5.payment)
        let dialect = try md5.dialect()
        #expect(
            dialect.submitVerdict(reply, order: twin.order, amount: twin.amount) == .paid(proof)
        )
        // The algorithm is the request's: a reply by the other one does not verify.
        #expect(verdict(reply) == .unknown(.unverified(reason: "signature")))
    }

    @Test(
        "A field that is not what was asked, or is not there, is never Paid",
        arguments: [
            ("appid", "wx0000000000000000"), ("appid", nil), ("appid", ""),
            ("mch_id", "10000101"), ("mch_id", nil), ("mch_id", ""),
            ("sub_mch_id", "1900000109"),
            ("out_trade_no", "K0007-0123456789ABCDEFGHJM"), ("out_trade_no", nil),
            ("out_trade_no", "\u{212A}0007-0123456789ABCDEFGHJK"),
            ("out_trade_no", "k0007-0123456789abcdefghjk"),
            ("total_fee", "889"), ("total_fee", "0888"), ("total_fee", "888.0"),
            ("total_fee", " 888"), ("total_fee", "+888"), ("total_fee", "８８８"),
            ("total_fee", nil), ("total_fee", ""),
            ("fee_type", "HKD"), ("fee_type", "cny"),
            ("trade_type", "NATIVE"), ("trade_type", nil),
            // A query's reply is no answer to a submit.
            ("trade_state", "SUCCESS"), ("trade_state", "REFUND"), ("trade_state", "NOTPAY"),
        ] as [(String, String?)]
    )
    func mismatch(_ name: String, _ value: String?) {
        #expect(
            verdict(twin.payment.with(name, value)) == .unknown(.mismatch(field: name))
        )
    }

    @Test("A payment without a number to print is none; one with an unreadable date or payer is")
    func optional() {
        for wrong in [nil, "", "12 34", "1</b>", "微信", String(repeating: "1", count: 33)] {
            #expect(
                verdict(twin.payment.with("transaction_id", wrong))
                    == .unknown(.malformed(reason: "transaction-id"))
            )
        }
        for wrong in [nil, "", "20250230000000", "yesterday"] {
            let undated = PaymentProof(
                transactionID: proof.transactionID,
                paidAtSeconds: nil,
                maskedPayer: proof.maskedPayer,
            )
            #expect(verdict(twin.payment.with("time_end", wrong)) == .paid(undated))
        }
        // Of a short id, four characters would give too much away (rule G1).
        for wrong in [nil, "", "oUpF8uN", "a\nb-payer-7AG0"] {
            let unnamed = PaymentProof(
                transactionID: proof.transactionID,
                paidAtSeconds: proof.paidAtSeconds,
                maskedPayer: nil,
            )
            #expect(verdict(twin.payment.with("openid", wrong)) == .paid(unnamed))
        }
    }

    @Test("Other currencies must be named in the reply")
    func currency() throws {
        let hongKong = try #require(Currency("HKD"))
        let dollars = try #require(
            Money(minorUnits: 888, currency: hongKong)
        )
        func verdict(_ fields: [PlatformTwin.Field]) -> SubmitVerdict {
            dialect.submitVerdict(twin.reply(fields), order: twin.order, amount: dollars)
        }
        #expect(verdict(twin.payment.with("fee_type", "HKD")) == .paid(proof))
        for wrong in [nil, "", "CNY"] {
            #expect(
                verdict(twin.payment.with("fee_type", wrong))
                    == .unknown(.mismatch(field: "fee_type"))
            )
        }
    }

    @Test("A provider's payment is Paid only for its sub-merchant")
    func provider() throws {
        var twin = twin
        twin.subMerchantID = "1900000109"
        twin.subAppID = "wx8888888888888888"
        let dialect = try twin.dialect()
        func verdict(_ fields: [PlatformTwin.Field]) -> SubmitVerdict {
            dialect.submitVerdict(twin.reply(fields), order: twin.order, amount: twin.amount)
        }
        #expect(verdict(twin.payment) == .paid(proof))
        #expect(verdict(twin.payment.with("sub_appid", nil)) == .paid(proof))
        for (name, value) in [
            ("sub_mch_id", "1900000110"), ("sub_mch_id", nil), ("sub_appid", "wx9"),
        ] {
            #expect(
                verdict(twin.payment.with(name, value)) == .unknown(.mismatch(field: name))
            )
        }
    }

    @Test("Nothing unsigned counts, neither yes nor no")
    func unsigned() throws {
        let unverified = { SubmitVerdict.unknown(.unverified(reason: $0)) }
        #expect(verdict(twin.document(twin.payment)) == unverified("no-signature"))
        #expect(
            verdict(twin.document(twin.payment + [("sign", "")])) == unverified("no-signature")
        )
        #expect(
            verdict(twin.document(twin.payment + [("sign", "0")])) == unverified("signature")
        )
        for code in ["NOTENOUGH", "USERPAYING", "SIGNERROR", "ORDERPAID"] {
            let fields = twin.failure(code)
            #expect(verdict(twin.document(fields)) == unverified("no-signature"))
            #expect(verdict(twin.document(fields + [("sign", "0")])) == unverified("signature"))
        }
        var stranger = twin
        stranger.key = String(PlatformTwin.keyText.reversed())
        #expect(verdict(stranger.reply(twin.payment)) == unverified("signature"))
    }

    @Test("return_code FAIL proves nothing, whatever else it says and whoever signed it (B3)")
    func communicationFailure() {
        let bare =
            "<xml><return_code><![CDATA[FAIL]]></return_code>"
            + "<return_msg><![CDATA[system error]]></return_msg></xml>"
        let expected = SubmitVerdict.unknown(.unverified(reason: "return-code-fail"))
        #expect(verdict(PlatformReply(status: 200, body: Array(bare.utf8))) == expected)
        #expect(verdict(twin.payment.with("return_code", "FAIL")) == expected)
        #expect(verdict(twin.failure("NOTENOUGH").with("return_code", "FAIL")) == expected)
        guard case .unknown(let cause) = expected else { return }
        #expect(cause.doesNotVerify)
    }

    @Test("The sample of a password reply, its placeholder signature replaced by a real one")
    func samplePassword() {
        let sample: [PlatformTwin.Field] = [
            ("return_code", "SUCCESS"), ("return_msg", "OK"), ("appid", "wx2421b1c4370ec43b"),
            ("mch_id", "10000100"), ("nonce_str", "n"), ("result_code", "FAIL"),
            ("err_code", "USERPAYING"), ("err_code_des", "x"),
        ]
        #expect(verdict(sample) == .passwordNeeded)
        #expect(
            verdict(twin.document(sample + [("sign", "0")]))
                == .unknown(.unverified(reason: "signature"))
        )
    }

    @Test("A failure lacks the record's fields, but may not contradict them")
    func failures() {
        let refused = SubmitVerdict.refused(Refusal(advice: .otherCard, code: "NOTENOUGH"))
        let failure = twin.failure("NOTENOUGH")
        #expect(verdict(failure) == refused)
        #expect(verdict(failure.with("appid", nil).with("mch_id", nil)) == refused)
        #expect(verdict(failure.with("out_trade_no", twin.order.text)) == refused)
        for (name, value) in [
            ("appid", "wx1"), ("mch_id", "1"), ("out_trade_no", "K0007-1"), ("total_fee", "1"),
            ("fee_type", "HKD"), ("trade_type", "NATIVE"), ("sub_mch_id", "1"),
        ] {
            #expect(verdict(failure.with(name, value)) == .unknown(.mismatch(field: name)))
        }
    }

    @Test("Codes that are missing or strange decide nothing")
    func strangeCodes() {
        let malformed = { SubmitVerdict.unknown(.malformed(reason: $0)) }
        for wrong in [nil, "", "success", "SUCCESS ", "OK"] {
            #expect(verdict(twin.payment.with("return_code", wrong)) == malformed("return-code"))
            #expect(verdict(twin.payment.with("result_code", wrong)) == malformed("result-code"))
        }
        #expect(verdict(twin.failure("")) == malformed("no-err-code"))
        #expect(
            verdict(twin.failure("A\nB: paid")) == .unknown(.platform(code: "unreadable"))
        )
        #expect(
            verdict(twin.failure(String(repeating: "A", count: 65)))
                == .unknown(.platform(code: "unreadable"))
        )
        // Neither text nor description is looked at.
        #expect(
            verdict(twin.payment.with("return_msg", "FAIL").with("err_code_des", "NOTENOUGH"))
                == .paid(proof)
        )
    }

    @Test("Only HTTP 200 is read")
    func status() {
        for status in [0, 100, 201, 202, 204, 301, 400, 401, 403, 404, 429, 500, 502, 503, 504] {
            #expect(
                verdict(twin.reply(twin.payment, status: status)) == .unknown(.httpStatus(status))
            )
        }
        // Without a client certificate in play, a page with 400 says nothing about certificates.
        let page = PlatformReply(status: 400, body: Array("<html></html>".utf8))
        #expect(verdict(page) == .unknown(.httpStatus(400)))
        let portal = PlatformReply(status: 200, body: Array("<html>log in</html>".utf8))
        #expect(verdict(portal) == .unknown(.malformed(reason: "root")))
        #expect(
            verdict(PlatformReply(status: 200, body: [])) == .unknown(.malformed(reason: "empty"))
        )
    }

    @Test("Signed replies of other calls about this order are no payment")
    func otherCalls() {
        let refund =
            twin.payment.with("trade_type", nil) + [
                ("out_refund_no", "R1"), ("refund_id", "5"), ("refund_fee", "888"),
            ]
        for fields in [twin.paidQuery, refund, twin.unpaidQuery("REFUND")] {
            guard case .unknown(.mismatch) = verdict(fields) else {
                Issue.record("\(verdict(fields))")
                continue
            }
        }
        let reverse = twin.envelope + [("result_code", "SUCCESS"), ("recall", "N")]
        guard case .unknown = verdict(reverse) else {
            Issue.record("\(verdict(reverse))")
            return
        }
    }
}
