import Payments
import Testing
import WeChatPay

@Suite("Verdicts on a query (B1 to B4)")
struct QueryVerdictTests {
    private let twin: PlatformTwin
    private let dialect: V2Dialect

    init() throws {
        twin = try PlatformTwin()
        dialect = try twin.dialect()
    }

    private func verdict(_ fields: [PlatformTwin.Field]) -> QueryVerdict {
        dialect.queryVerdict(twin.reply(fields), order: twin.order, amount: twin.amount)
    }

    @Test("SUCCESS with every field of the record is Paid")
    func paid() {
        let proof = PaymentProof(
            transactionID: "1008450740201411110005820873",
            paidAtSeconds: 1_740_796_512,
            maskedPayer: "…7AG0",
        )
        #expect(verdict(twin.paidQuery) == .paid(proof))
        // The documents do not promise the type in a query; the state says enough.
        #expect(verdict(twin.paidQuery.with("trade_type", nil)) == .paid(proof))
        #expect(verdict(twin.paidQuery.with("fee_type", nil)) == .paid(proof))
    }

    @Test(
        "SUCCESS with a field that differs or is missing is never Paid",
        arguments: [
            ("appid", "wx0000000000000000"), ("appid", nil), ("mch_id", "10000101"),
            ("mch_id", nil), ("sub_mch_id", "1900000109"),
            ("out_trade_no", "K0007-0123456789ABCDEFGHJM"), ("out_trade_no", nil),
            ("total_fee", "889"), ("total_fee", nil), ("fee_type", "HKD"),
            ("trade_type", "NATIVE"), ("trade_type", "JSAPI"),
        ] as [(String, String?)]
    )
    func mismatch(_ name: String, _ value: String?) {
        #expect(
            verdict(twin.paidQuery.with(name, value)) == .unknown(.mismatch(field: name))
        )
    }

    @Test("Each state that is not SUCCESS is told as it is, and is never Paid")
    func states() {
        let states: [(String, TradeState)] = [
            ("REFUND", .refund), ("NOTPAY", .notPay), ("USERPAYING", .userPaying),
            ("ACCEPT", .accept), ("CLOSED", .closed), ("REVOKED", .revoked),
            ("PAYERROR", .payError), ("SOMETHING_NEW", .other), ("success", .other),
            ("SUCCESS ", .other), ("REVO\u{212A}ED", .other), ("OTHER", .other),
        ]
        for (text, state) in states {
            #expect(verdict(twin.unpaidQuery(text)) == .notPaid(state, transactionID: nil))
            // All the fields of a payment do not make it one.
            #expect(
                verdict(twin.paidQuery.with("trade_state", text))
                    == .notPaid(state, transactionID: "1008450740201411110005820873")
            )
        }
        #expect(Set(states.map(\.1)) == Set(TradeState.allCases))
    }

    @Test("An unpaid state must be this order's, for it settles revokes")
    func unpaidMismatch() {
        for (name, value) in [
            ("out_trade_no", nil), ("out_trade_no", "K0007-0123456789ABCDEFGHJM"),
            ("appid", nil), ("mch_id", nil), ("mch_id", "1"), ("total_fee", "889"),
        ] as [(String, String?)] {
            #expect(
                verdict(twin.unpaidQuery("REVOKED").with(name, value))
                    == .unknown(.mismatch(field: name)),
                "\(name)"
            )
        }
    }

    @Test("SUCCESS of the query itself, without a state, says nothing")
    func noState() {
        #expect(
            verdict(twin.payment) == .unknown(.malformed(reason: "no-trade-state"))
        )
        #expect(
            verdict(twin.paidQuery.with("trade_state", ""))
                == .unknown(.malformed(reason: "no-trade-state"))
        )
    }

    @Test("A probe of a number never used can learn ORDERNOTEXIST, but never Paid (B7)")
    func probe() {
        func probe(_ fields: [PlatformTwin.Field]) -> QueryVerdict {
            dialect.queryVerdict(twin.reply(fields), order: twin.order, amount: nil)
        }
        #expect(probe(twin.failure("ORDERNOTEXIST")) == .orderNotExist)
        #expect(probe(twin.paidQuery) == .unknown(.mismatch(field: "total_fee")))
        #expect(probe(twin.failure("SIGNERROR")) == .configuration(.code("SIGNERROR")))
        #expect(probe(twin.unpaidQuery("NOTPAY")) == .notPaid(.notPay, transactionID: nil))
    }

    @Test("Unsigned, ORDERNOTEXIST and REVOKED are not believed")
    func unsigned() {
        for fields in [
            twin.failure("ORDERNOTEXIST"), twin.unpaidQuery("REVOKED"), twin.paidQuery,
        ] {
            let reply = twin.document(fields)
            #expect(
                dialect.queryVerdict(reply, order: twin.order, amount: twin.amount)
                    == .unknown(.unverified(reason: "no-signature"))
            )
        }
    }

    @Test("The bill's failure form has no err_code and no signature: not believed either")
    func billForm() {
        let text =
            "<xml><return_code><![CDATA[FAIL]]></return_code>"
            + "<return_msg><![CDATA[No Bill Exist]]></return_msg>"
            + "<error_code><![CDATA[20002]]></error_code></xml>"
        let reply = PlatformReply(status: 200, body: Array(text.utf8))
        #expect(
            dialect.queryVerdict(reply, order: twin.order, amount: twin.amount)
                == .unknown(.unverified(reason: "return-code-fail"))
        )
    }
}
