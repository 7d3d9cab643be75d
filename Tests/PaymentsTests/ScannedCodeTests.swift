import Payments
import Testing

@Suite("Payment codes by their digits (wire facts, 1.16)")
struct ScannedCodeTests {
    private static func digits(_ prefix: String, _ count: Int) -> String {
        prefix + String(repeating: "7", count: count - prefix.count)
    }

    private enum Kind { case weChat, alipay, unionPay, none }

    private static func kind(_ text: String) -> Kind {
        switch ScannedCode(recognising: text) {
        case .weChat: .weChat
        case .otherWallet(.alipay): .alipay
        case .otherWallet(.unionPay): .unionPay
        case .notAPaymentCode: .none
        }
    }

    @Test("WeChat: 18 digits beginning 10 to 15, and nothing beside")
    func weChat() {
        for prefix in ["10", "11", "12", "13", "14", "15"] {
            #expect(Self.kind(Self.digits(prefix, 18)) == .weChat, "\(prefix)")
            #expect(Self.kind(Self.digits(prefix, 17)) == .none, "\(prefix)")
            #expect(Self.kind(Self.digits(prefix, 19)) == .none, "\(prefix)")
        }
        for prefix in ["00", "01", "09", "16", "19", "20"] {
            #expect(Self.kind(Self.digits(prefix, 18)) == .none, "\(prefix)")
        }
    }

    @Test("Alipay: 16 to 24 digits beginning 25 to 30")
    func alipay() {
        for prefix in ["25", "26", "27", "28", "29", "30"] {
            for count in 16...24 { #expect(Self.kind(Self.digits(prefix, count)) == .alipay) }
            for count in [15, 25] { #expect(Self.kind(Self.digits(prefix, count)) == .none) }
        }
        for prefix in ["24", "31"] { #expect(Self.kind(Self.digits(prefix, 18)) == .none) }
    }

    @Test("UnionPay: 19 digits beginning 62")
    func unionPay() {
        #expect(Self.kind(Self.digits("62", 19)) == .unionPay)
        for count in [18, 20] { #expect(Self.kind(Self.digits("62", count)) == .none) }
    }

    @Test(
        "Anything that is not digits is no payment code",
        arguments: [
            "", " 134567890123456789", "13456789012345678X", "１３４５６７８９０１２３４５６７８９",
            "https://example.com/134567890123456789", String(repeating: "1", count: 5_000),
        ]
    )
    func notDigits(_ text: String) {
        #expect(Self.kind(text) == .none)
    }
}
