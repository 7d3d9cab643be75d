import Payments
import Testing

@testable import WeChatPay

/// Every row of the tables against what the wire facts, 2.1 to 2.4, say, written down a second
/// time.
@Suite("Error codes of API v2 (B2, B3, B4, B7)")
struct CodeTableTests {
    private let twin: PlatformTwin
    private let dialect: V2Dialect

    init() throws {
        twin = try PlatformTwin()
        dialect = try twin.dialect()
    }

    private static let submit = """
        USERPAYING            password
        ACCEPT                password
        SYSTEMERROR           unknown
        BANKERROR             unknown
        FREQUENCY_LIMITED     unknown
        ORDERPAID             unknown
        AUTHCODEEXPIRE        refused new-code
        AUTH_CODE_ERROR       refused new-code
        AUTH_CODE_INVALID     refused new-code
        ORDERCLOSED           refused new-code
        ORDERREVERSED         refused new-code
        BUYER_MISMATCH        refused new-code
        NOTENOUGH             refused other-card
        NOTSUPORTCARD         refused other-card
        TRADE_ERROR           refused other-wallet
        OUT_TRADE_NO_USED     numbers
        INVALID_REQUEST       refused call-staff
        NOAUTH                configuration
        SIGNERROR             configuration
        APPID_NOT_EXIST       configuration
        MCHID_NOT_EXIST       configuration
        APPID_MCHID_NOT_MATCH configuration
        PARAM_ERROR           request
        LACK_PARAMS           request
        XML_FORMAT_ERROR      request
        NOT_UTF8              request
        REQUIRE_POST_METHOD   request
        """

    private static let query = """
        ORDERNOTEXIST         absent
        SYSTEMERROR           unknown
        FREQUENCY_LIMITED     unknown
        NOAUTH                configuration
        SIGNERROR             configuration
        APPID_NOT_EXIST       configuration
        MCHID_NOT_EXIST       configuration
        APPID_MCHID_NOT_MATCH configuration
        INVALID_TRANSACTIONID request
        PARAM_ERROR           request
        LACK_PARAMS           request
        XML_FORMAT_ERROR      request
        NOT_UTF8              request
        REQUIRE_POST_METHOD   request
        """

    private static let reverse = """
        SYSTEMERROR           again
        USERPAYING            again
        TRADE_STATE_ERROR     again
        INVALID_REQUEST       again
        REVERSE_EXPIRE        refused
        TRADE_ERROR           refused
        ORDERPAID             refused
        FREQUENCY_LIMITED     unknown
        NOAUTH                configuration
        SIGNERROR             configuration
        APPID_NOT_EXIST       configuration
        MCHID_NOT_EXIST       configuration
        APPID_MCHID_NOT_MATCH configuration
        INVALID_TRANSACTIONID request
        PARAM_ERROR           request
        LACK_PARAMS           request
        XML_FORMAT_ERROR      request
        NOT_UTF8              request
        REQUIRE_POST_METHOD   request
        """

    private static let refund = """
        SYSTEMERROR           again
        BIZERR_NEED_RETRY     again
        NOTENOUGH             again
        INVALID_REQ_TOO_MUCH  again
        FREQUENCY_LIMITED     again
        TRADE_OVERDUE         refused
        ERROR                 refused
        USER_ACCOUNT_ABNORMAL refused
        NOAUTH                configuration
        SIGNERROR             configuration
        APPID_NOT_EXIST       configuration
        MCHID_NOT_EXIST       configuration
        APPID_MCHID_NOT_MATCH configuration
        INVALID_TRANSACTIONID request
        PARAM_ERROR           request
        LACK_PARAMS           request
        XML_FORMAT_ERROR      request
        NOT_UTF8              request
        REQUIRE_POST_METHOD   request
        """

    private static let refundQuery = """
        REFUNDNOTEXIST        absent
        SYSTEMERROR           unknown
        BIZERR_NEED_RETRY     unknown
        INVALID_REQ_TOO_MUCH  unknown
        FREQUENCY_LIMITED     unknown
        NOAUTH                configuration
        SIGNERROR             configuration
        APPID_NOT_EXIST       configuration
        MCHID_NOT_EXIST       configuration
        APPID_MCHID_NOT_MATCH configuration
        INVALID_TRANSACTIONID request
        PARAM_ERROR           request
        LACK_PARAMS           request
        XML_FORMAT_ERROR      request
        NOT_UTF8              request
        REQUIRE_POST_METHOD   request
        """

    /// Codes of other calls, near misses and inventions.
    private static let unlisted = [
        "BRAND_NEW", "userpaying", "USERPAYING_", "SUCCESS", "OK", "0", "NOTSUPPORTCARD",
    ]

    private static let ofRefunds = [
        "REFUNDNOTEXIST", "TRADE_OVERDUE", "BIZERR_NEED_RETRY", "ERROR", "INVALID_REQ_TOO_MUCH",
        "USER_ACCOUNT_ABNORMAL",
    ]

    private func rows(_ text: String) -> [(code: String, words: [String])] {
        text.split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return (words[0], Array(words.dropFirst()))
        }
    }

    /// The table has exactly the rows listed here, each once.
    private func expectSameCodes<Meaning>(_ table: V2CodeTable<Meaning>, _ text: String) {
        let codes = table.rows.map(\.code)
        #expect(Set(codes).count == codes.count)
        #expect(codes.sorted() == rows(text).map(\.code).sorted())
    }

    @Test("micropay, 2.1")
    func submit() throws {
        expectSameCodes(V2CodeTable.submit, Self.submit)
        func verdict(_ code: String) -> SubmitVerdict {
            dialect.submitVerdict(
                twin.reply(twin.failure(code)),
                order: twin.order,
                amount: twin.amount
            )
        }
        for (code, words) in rows(Self.submit) {
            let expected: SubmitVerdict =
                switch words[0] {
                case "password": .passwordNeeded
                case "refused":
                    .refused(
                        Refusal(
                            advice: try #require(Refusal.Advice(rawValue: words[1])),
                            code: code
                        )
                    )
                case "configuration": .configuration(.code(code))
                case "request": .configuration(.requestRefused(code: code))
                case "numbers": .configuration(.orderNumberUsed(code: code))
                default: .unknown(.platform(code: code))
                }
            #expect(verdict(code) == expected, "\(code)")
        }
        for code in Self.unlisted + Self.ofRefunds + ["ORDERNOTEXIST", "REVERSE_EXPIRE"] {
            #expect(verdict(code) == .unknown(.platform(code: code)))
        }
    }

    @Test("orderquery, 2.2")
    func query() {
        expectSameCodes(V2CodeTable.query, Self.query)
        func verdict(_ code: String) -> QueryVerdict {
            dialect.queryVerdict(
                twin.reply(twin.failure(code)),
                order: twin.order,
                amount: twin.amount
            )
        }
        for (code, words) in rows(Self.query) {
            let expected: QueryVerdict =
                switch words[0] {
                case "absent": .orderNotExist
                case "configuration": .configuration(.code(code))
                case "request": .configuration(.requestRefused(code: code))
                default: .unknown(.platform(code: code))
                }
            #expect(verdict(code) == expected, "\(code)")
        }
        let foreign = ["ORDERPAID", "USERPAYING", "NOTENOUGH", "ORDERCLOSED"]
        for code in Self.unlisted + Self.ofRefunds + foreign {
            // Class configuration for the operator, unknown for the order.
            #expect(verdict(code) == .unknown(.unlisted(code: code)))
            #expect(verdict(code).suspicion == .code(code))
        }
        #expect(verdict("SYSTEMERROR").suspicion == nil)
        #expect(verdict("PARAM_ERROR").suspicion == .requestRefused(code: "PARAM_ERROR"))
    }

    @Test("reverse, 2.3")
    func reverse() {
        expectSameCodes(V2CodeTable.reverse, Self.reverse)
        func verdict(_ code: String) -> ReverseVerdict {
            dialect.reverseVerdict(twin.reply(twin.failure(code)), order: twin.order)
        }
        for (code, words) in rows(Self.reverse) {
            let expected: ReverseVerdict =
                switch words[0] {
                case "again": .again(code: code)
                case "refused": .refused(code: code)
                case "configuration": .configuration(.code(code))
                case "request": .configuration(.requestRefused(code: code))
                default: .unknown(.platform(code: code))
                }
            #expect(verdict(code) == expected, "\(code)")
            #expect(
                verdict(code).wantsPerson == ["INVALID_REQUEST", "TRADE_ERROR"].contains(code)
            )
        }
        let foreign = ["ORDERNOTEXIST", "BANKERROR", "ORDERREVERSED"]
        for code in Self.unlisted + Self.ofRefunds + foreign {
            #expect(verdict(code) == .unknown(.platform(code: code)))
        }
    }

    @Test("refund, 2.4")
    func refund() {
        expectSameCodes(V2CodeTable.refund, Self.refund)
        func verdict(_ code: String) -> RefundVerdict {
            dialect.refundVerdict(
                twin.reply(twin.failure(code)),
                order: twin.order,
                amount: twin.amount
            )
        }
        for (code, words) in rows(Self.refund) {
            let expected: RefundVerdict =
                switch words[0] {
                case "again": .again(code: code)
                case "refused": .refused(code: code)
                case "configuration": .configuration(.code(code))
                default: .configuration(.requestRefused(code: code))
                }
            #expect(verdict(code) == expected, "\(code)")
        }
        for code in Self.unlisted + ["REFUNDNOTEXIST", "ORDERNOTEXIST", "TRADE_ERROR"] {
            #expect(verdict(code) == .unknown(.platform(code: code)))
        }
    }

    @Test("refundquery, 2.4")
    func refundQuery() {
        expectSameCodes(V2CodeTable.refundQuery, Self.refundQuery)
        func verdict(_ code: String) -> RefundQueryVerdict {
            dialect.refundQueryVerdict(
                twin.reply(twin.failure(code)),
                order: twin.order,
                amount: twin.amount
            )
        }
        for (code, words) in rows(Self.refundQuery) {
            let expected: RefundQueryVerdict =
                switch words[0] {
                case "absent": .refundNotExist
                case "configuration": .configuration(.code(code))
                case "request": .configuration(.requestRefused(code: code))
                default: .unknown(.platform(code: code))
                }
            #expect(verdict(code) == expected, "\(code)")
        }
        for code in Self.unlisted + ["ORDERNOTEXIST", "TRADE_OVERDUE", "ERROR", "NOTENOUGH"] {
            #expect(verdict(code) == .unknown(.platform(code: code)))
        }
    }
}
