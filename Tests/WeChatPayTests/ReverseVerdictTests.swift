import Payments
import Testing
import WeChatPay

@Suite("Verdicts on a reverse (C3)")
struct ReverseVerdictTests {
    private let twin: PlatformTwin
    private let dialect: V2Dialect

    init() throws {
        twin = try PlatformTwin()
        dialect = try twin.dialect()
    }

    private func verdict(_ fields: [PlatformTwin.Field]) -> ReverseVerdict {
        dialect.reverseVerdict(twin.reply(fields), order: twin.order)
    }

    private func success(recall: String?) -> [PlatformTwin.Field] {
        (twin.envelope + [("result_code", "SUCCESS")]).with("recall", recall)
    }

    @Test("SUCCESS is accepted, with the word whether to call again")
    func success() {
        #expect(verdict(success(recall: "N")) == .accepted(recall: false))
        #expect(verdict(success(recall: nil)) == .accepted(recall: false))
        #expect(verdict(success(recall: "")) == .accepted(recall: false))
        #expect(verdict(success(recall: "Y")) == .accepted(recall: true))
        #expect(verdict(success(recall: "y")) == .unknown(.malformed(reason: "recall")))
    }

    @Test("FAIL with recall=Y asks for patience, whatever the code")
    func recall() {
        for code in ["SYSTEMERROR", "REVERSE_EXPIRE", "SIGNERROR", "BRAND_NEW"] {
            #expect(verdict(twin.failure(code).with("recall", "Y")) == .again(code: code))
        }
        #expect(
            verdict(twin.failure("REVERSE_EXPIRE").with("recall", "N"))
                == .refused(code: "REVERSE_EXPIRE")
        )
    }

    @Test("A success of another order or merchant is none")
    func mismatch() {
        for (name, value) in [
            ("out_trade_no", "K0007-0123456789ABCDEFGHJM"), ("mch_id", "1"), ("mch_id", nil),
            ("appid", "wx1"), ("appid", nil), ("sub_mch_id", "1"),
        ] as [(String, String?)] {
            #expect(
                verdict(success(recall: "N").with(name, value))
                    == .unknown(.mismatch(field: name))
            )
        }
        #expect(
            verdict(success(recall: "N").with("out_trade_no", twin.order.text))
                == .accepted(recall: false)
        )
    }

    @Test("An unsigned SUCCESS is not believed")
    func unsigned() {
        let reply = twin.document(success(recall: "N"))
        #expect(
            dialect.reverseVerdict(reply, order: twin.order)
                == .unknown(.unverified(reason: "no-signature"))
        )
    }

    @Test("A page with HTTP 400 is the front refusing the client certificate (B7)")
    func certificate() {
        let refused = ReverseVerdict.configuration(.certificateRefused)
        for page in [
            "<html>\r\n<head><title>400 No required SSL certificate was sent</title></head>",
            "\r\n <HTML><body>The SSL certificate error</body></HTML>",
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\"><html></html>",
        ] {
            let body = Array(page.utf8)
            #expect(
                dialect.reverseVerdict(PlatformReply(status: 400, body: body), order: twin.order)
                    == refused
            )
            // The same page with another status is any failing proxy.
            for status in [200, 403, 502] {
                let reply = PlatformReply(status: status, body: body)
                #expect(dialect.reverseVerdict(reply, order: twin.order) != refused)
            }
        }
        for other in ["", "<xml></xml>", "bad request", "<htm"] {
            let reply = PlatformReply(status: 400, body: Array(other.utf8))
            #expect(
                dialect.reverseVerdict(reply, order: twin.order) == .unknown(.httpStatus(400))
            )
        }
    }
}
