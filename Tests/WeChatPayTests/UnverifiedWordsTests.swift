import Payments
import Testing

@testable import WeChatPay

@Suite("The platform's own words, which nobody vouches for")
struct UnverifiedWordsTests {
    private func words(_ body: String) throws -> String? {
        try PlatformTwin().dialect().unverifiedWords(
            of: PlatformReply(status: 200, body: Array(body.utf8))
        )
    }

    private func words(saying text: String) throws -> String? {
        try words(
            "<xml><return_code>FAIL</return_code><return_msg><![CDATA[\(text)]]></return_msg></xml>"
        )
    }

    @Test("They tell a wrong key from a wrong merchant")
    func told() throws {
        #expect(try words(saying: "签名错误") == "签名错误")
        #expect(try words(saying: "mch_id not exist") == "mch_id not exist")
        let verified =
            "<xml><return_code>SUCCESS</return_code><return_msg>OK</return_msg>"
            + "<err_code_des>no permission</err_code_des></xml>"
        #expect(try words(verified) == "no permission")
        #expect(try words("<html>") == nil)
        #expect(try words("<xml><return_code>FAIL</return_code></xml>") == nil)
    }

    @Test("They cannot forge a line, reverse it, fill the log or carry a code into it (G1)")
    func harmless() throws {
        #expect(V2Dialect.quotation("a\nb\u{1B}[31m") == "a\\u{a}b\\u{1b}[31m")
        #expect(V2Dialect.quotation("a\u{202E}b\u{2028}") == "a\\u{202e}b\\u{2028}")
        #expect(V2Dialect.quotation("a\\u{a}") == "a\\\\u{a}")
        let code = try words(saying: "auth_code 134567890123456789 is used")
        #expect(code == "auth_code …6789 is used")
        #expect(V2Dialect.quotation("a\" fault=none") == "a\\\" fault=none")
        for text in ["签名 ", "\u{1}"] {
            let quoted = V2Dialect.quotation(String(repeating: text, count: 5_000))
            #expect(quoted.utf8.count <= 128)
            #expect(quoted.utf8.count > 100)
        }
    }
}
