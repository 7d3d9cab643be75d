import Payments
import Testing
import WeChatPay

@Suite("Verdicts on a refund (C5, B1)")
struct RefundVerdictTests {
    private let twin: PlatformTwin
    private let dialect: V2Dialect

    init() throws {
        twin = try PlatformTwin()
        dialect = try twin.dialect()
    }

    /// What refund says of an accepted one.
    private var accepted: [PlatformTwin.Field] {
        twin.envelope + [
            ("result_code", "SUCCESS"), ("transaction_id", "1008450740201411110005820873"),
            ("out_trade_no", twin.order.text), ("out_refund_no", twin.order.text + "-R"),
            ("refund_id", "50000000382019052709732678859"), ("refund_fee", "888"),
            ("settlement_refund_fee", "788"), ("total_fee", "888"), ("fee_type", "CNY"),
            ("cash_fee", "888"), ("cash_refund_fee", "888"), ("coupon_refund_fee", "0"),
        ]
    }

    /// What refundquery says of the same refund.
    private func listed(_ state: String?) -> [PlatformTwin.Field] {
        let fields: [PlatformTwin.Field] =
            twin.envelope + [
                ("result_code", "SUCCESS"), ("transaction_id", "1008450740201411110005820873"),
                ("out_trade_no", twin.order.text), ("total_fee", "888"), ("fee_type", "CNY"),
                ("refund_count", "1"), ("total_refund_count", "1"),
                ("out_refund_no_0", twin.order.text + "-R"),
                ("refund_id_0", "50000000382019052709732678859"),
                ("refund_channel_0", "ORIGINAL"), ("refund_fee_0", "888"),
                ("settlement_refund_fee_0", "788"),
                ("refund_account_0", "REFUND_SOURCE_UNSETTLED_FUNDS"),
                ("refund_recv_accout_0", "支付用户的零钱"),
                ("refund_success_time_0", "2025-03-08 10:35:12"),
            ]
        return fields.with("refund_status_0", state)
    }

    private func refund(_ reply: PlatformReply) -> RefundVerdict {
        dialect.refundVerdict(reply, order: twin.order, amount: twin.amount)
    }

    private func refundQuery(_ reply: PlatformReply) -> RefundQueryVerdict {
        dialect.refundQueryVerdict(reply, order: twin.order, amount: twin.amount)
    }

    @Test("SUCCESS of a refund of this order, under this number, over the whole amount is accepted")
    func accepts() {
        #expect(refund(twin.reply(accepted)) == .accepted)
        for name in ["total_fee", "fee_type", "settlement_refund_fee", "refund_id"] {
            #expect(refund(twin.reply(accepted.with(name, nil))) == .accepted, "\(name)")
        }
    }

    @Test(
        "A refund of another order, number, amount or merchant is none",
        arguments: [
            ("appid", "wx1"), ("appid", nil), ("mch_id", "1"), ("mch_id", nil), ("sub_mch_id", "1"),
            ("out_trade_no", "K0007-0123456789ABCDEFGHJM"), ("out_trade_no", nil),
            ("out_refund_no", "K0007-0123456789ABCDEFGHJM-R"), ("out_refund_no", nil),
            ("out_refund_no", "K0007-0123456789ABCDEFGHJK-R2"),
            ("refund_fee", "887"), ("refund_fee", "0888"), ("refund_fee", nil),
            ("total_fee", "889"), ("fee_type", "HKD"), ("refund_fee_type", "HKD"),
        ] as [(String, String?)]
    )
    func foreign(_ name: String, _ value: String?) {
        #expect(
            refund(twin.reply(accepted.with(name, value))) == .unknown(.mismatch(field: name))
        )
    }

    @Test("Only refund_status_0 SUCCESS over the whole amount says that the money is back")
    func states() {
        #expect(refundQuery(twin.reply(listed("SUCCESS"))) == .refunded)
        #expect(refundQuery(twin.reply(listed("PROCESSING"))) == .processing)
        for state in ["CHANGE", "REFUNDCLOSE", "ABNORMAL", "SOMETHING_NEW", "success"] {
            #expect(refundQuery(twin.reply(listed(state))) == .stuck(state: state))
        }
        // The state goes to rows and the log: nothing in it may mean anything there.
        for state in ["SUCCESS ", "P\u{212A}", "a\nb", String(repeating: "A", count: 33)] {
            #expect(refundQuery(twin.reply(listed(state))) == .stuck(state: "unreadable"))
        }
        for state in [nil, ""] {
            #expect(
                refundQuery(twin.reply(listed(state)))
                    == .unknown(.malformed(reason: "no-refund-status"))
            )
        }
    }

    @Test(
        "A state of another refund, order, amount or merchant says nothing, whatever it is",
        arguments: [
            ("appid", "wx1"), ("appid", nil), ("mch_id", "1"), ("mch_id", nil), ("sub_mch_id", "1"),
            ("out_trade_no", "K0007-0123456789ABCDEFGHJM"), ("out_trade_no", nil),
            ("out_refund_no_0", "K0007-0123456789ABCDEFGHJM-R"), ("out_refund_no_0", nil),
            ("refund_fee_0", "887"), ("refund_fee_0", nil), ("refund_fee_0", "8880"),
            ("total_fee", "889"), ("fee_type", "HKD"), ("refund_fee_type_0", "HKD"),
        ] as [(String, String?)]
    )
    func foreignState(_ name: String, _ value: String?) {
        for state in ["SUCCESS", "PROCESSING", "CHANGE"] {
            #expect(
                refundQuery(twin.reply(listed(state).with(name, value)))
                    == .unknown(.mismatch(field: name))
            )
        }
    }

    @Test("Neither call believes the other's reply, nor a payment's, nor a query's")
    func otherCalls() {
        for fields in [twin.payment, twin.paidQuery, twin.paidQuery.with("trade_state", "REFUND")] {
            #expect(refund(twin.reply(fields)) == .unknown(.mismatch(field: "out_refund_no")))
            #expect(
                refundQuery(twin.reply(fields)) == .unknown(.mismatch(field: "out_refund_no_0"))
            )
        }
        #expect(
            refund(twin.reply(listed("SUCCESS"))) == .unknown(.mismatch(field: "out_refund_no"))
        )
        #expect(
            refundQuery(twin.reply(accepted)) == .unknown(.mismatch(field: "out_refund_no_0"))
        )
    }

    @Test("Forged, unsigned and spoilt documents are not believed")
    func spoilt() {
        var forger = twin
        forger.key = "292006250b4c09247ec02edce69f6a2d"
        let fail = "<xml><return_code>FAIL</return_code><return_msg>system error</return_msg></xml>"
        for fields in [accepted, listed("SUCCESS"), twin.failure("REFUNDNOTEXIST")] {
            let good = twin.reply(fields).body
            let doctype = Array("<!DOCTYPE xml [<!ENTITY e \"1\">]>".utf8) + good
            let twice = fields + [("refund_fee", "888"), ("refund_fee", "888")]
            let replies: [(PlatformReply, UnknownCause)] = [
                (forger.reply(fields), .unverified(reason: "signature")),
                (twin.document(fields), .unverified(reason: "no-signature")),
                (
                    PlatformReply(status: 200, body: Array(fail.utf8)),
                    .unverified(reason: "return-code-fail")
                ),
                (
                    PlatformReply(status: 200, body: Array(good.dropLast(6))),
                    .malformed(reason: "not-xml")
                ),
                (PlatformReply(status: 200, body: doctype), .malformed(reason: "doctype")),
                (twin.reply(twice), .malformed(reason: "duplicate")),
                (PlatformReply(status: 200, body: []), .malformed(reason: "empty")),
                (PlatformReply(status: 502, body: good), .httpStatus(502)),
            ]
            for (reply, cause) in replies {
                #expect(refund(reply) == .unknown(cause))
                #expect(refundQuery(reply) == .unknown(cause))
            }
        }
    }

    @Test("Every bit flipped, every byte missing, every cut: never accepted, never refunded")
    func everyByte() {
        for body in [twin.reply(accepted).body, twin.reply(listed("SUCCESS")).body] {
            for index in body.indices {
                var damaged = (0..<8).map { bit in
                    var flipped = body
                    flipped[index] ^= 1 << bit
                    return flipped
                }
                var missing = body
                missing.remove(at: index)
                damaged += [missing, Array(body[..<index])]
                for body in damaged {
                    let reply = PlatformReply(status: 200, body: body)
                    #expect(refund(reply) != .accepted, "byte \(index)")
                    #expect(refundQuery(reply) != .refunded, "byte \(index)")
                }
            }
        }
    }

    @Test("Fields folded into one value, which the signature cannot tell, never say refunded")
    func folded() {
        for state in ["PROCESSING", "CHANGE"] {
            let fields = listed(state).sorted { $0.name < $1.name }
            let sign = twin.signature(fields)
            for index in fields.indices.dropLast() {
                for end in fields.indices where end > index {
                    let tail = fields[(index + 1)...end].map { "&\($0.name)=\($0.value)" }
                    var folded = Array(fields[...index] + fields[(end + 1)...])
                    folded[index].value += tail.joined()
                    #expect(twin.signature(folded) == sign)
                    let reply = twin.document(folded + [("sign", sign)])
                    #expect(refundQuery(reply) != .refunded)
                }
            }
        }
    }

    @Test("A page with HTTP 400 to a refund is the front refusing the client certificate (B7)")
    func certificate() {
        let page = Array("<html><head><title>400 The SSL certificate error</title>".utf8)
        #expect(
            refund(PlatformReply(status: 400, body: page)) == .configuration(.certificateRefused)
        )
        #expect(
            refund(PlatformReply(status: 200, body: page))
                == .unknown(.malformed(reason: "root"))
        )
        #expect(refund(PlatformReply(status: 400, body: [])) == .unknown(.httpStatus(400)))
        // A query needs no certificate: there it is any failing proxy.
        #expect(
            refundQuery(PlatformReply(status: 400, body: page)) == .unknown(.httpStatus(400))
        )
    }
}
