import Payments
import TestKit
import Testing
import WeChatPay

@Suite("Requests of API v2")
struct RequestTests {
    private var generator = SplitMix64(seed: 1)

    @Test("A submit carries the order, the amount and the code, signed as configured")
    mutating func submit() throws {
        for signType in V2Credentials.SignType.allCases {
            var twin = try PlatformTwin()
            twin.signType = signType
            let request = try twin.dialect().submit(
                order: twin.order,
                code: twin.code(),
                amount: twin.amount,
                description: "小张南山店-超市",
                ownAddress: "198.51.100.9",
                using: &generator,
            )
            #expect(request.path == "/pay/micropay")
            #expect(!request.needsClientCertificate)
            let fields = try PlatformTwin.read(request)
            #expect(
                Set(fields.map(\.name)) == [
                    "appid", "mch_id", "nonce_str", "sign", "sign_type", "device_info", "body",
                    "out_trade_no", "total_fee", "fee_type", "spbill_create_ip", "auth_code",
                ]
            )
            #expect(fields["appid"] == PlatformTwin.appID)
            #expect(fields["mch_id"] == PlatformTwin.merchantID)
            #expect(fields["sign_type"] == signType.rawValue)
            #expect(fields["device_info"] == "K0007")
            #expect(fields["body"] == "小张南山店-超市")
            #expect(fields["out_trade_no"] == twin.order.text)
            #expect(fields["total_fee"] == "888")
            #expect(fields["fee_type"] == "CNY")
            #expect(fields["spbill_create_ip"] == "203.0.113.7")
            #expect(fields["auth_code"] == "134567890123456789")
            #expect(fields["sign"] == twin.signature(fields))
        }
    }

    @Test("Query and reverse name the order by our number; only reverse needs the certificate")
    mutating func queryAndReverse() throws {
        let twin = try PlatformTwin()
        let dialect = try twin.dialect()
        let query = dialect.query(order: twin.order, using: &generator)
        let reverse = dialect.reverse(order: twin.order, using: &generator)
        #expect(query.path == "/pay/orderquery")
        #expect(!query.needsClientCertificate)
        #expect(reverse.path == "/secapi/pay/reverse")
        #expect(reverse.needsClientCertificate)
        for request in [query, reverse] {
            let fields = try PlatformTwin.read(request)
            #expect(
                fields.map(\.name).sorted() == [
                    "appid", "mch_id", "nonce_str", "out_trade_no", "sign", "sign_type",
                ]
            )
            #expect(fields["out_trade_no"] == twin.order.text)
            #expect(fields["sign"] == twin.signature(fields))
        }
    }

    @Test("A refund names order, number and the whole amount twice, and needs the certificate")
    mutating func refund() throws {
        let twin = try PlatformTwin()
        let request = try twin.dialect().refund(
            order: twin.order,
            amount: twin.amount,
            using: &generator,
        )
        #expect(request.path == "/secapi/pay/refund")
        #expect(request.needsClientCertificate)
        let fields = try PlatformTwin.read(request)
        #expect(
            fields.map(\.name).sorted() == [
                "appid", "mch_id", "nonce_str", "out_refund_no", "out_trade_no", "refund_desc",
                "refund_fee", "refund_fee_type", "sign", "sign_type", "total_fee",
            ]
        )
        #expect(fields["out_trade_no"] == twin.order.text)
        #expect(fields["out_refund_no"] == twin.order.text + "-R")
        #expect(fields["total_fee"] == "888")
        #expect(fields["refund_fee"] == "888")
        #expect(fields["refund_fee_type"] == "CNY")
        #expect(try (1...80).contains(#require(fields["refund_desc"]).utf8.count))
        #expect(fields["sign"] == twin.signature(fields))
    }

    @Test("A refund is asked for and asked about under one number, always the same (C5)")
    mutating func refundQuery() throws {
        let twin = try PlatformTwin()
        let dialect = try twin.dialect()
        let request = dialect.refundQuery(order: twin.order, using: &generator)
        #expect(request.path == "/pay/refundquery")
        #expect(!request.needsClientCertificate)
        let fields = try PlatformTwin.read(request)
        #expect(
            fields.map(\.name).sorted() == [
                "appid", "mch_id", "nonce_str", "out_refund_no", "sign", "sign_type",
            ]
        )
        #expect(fields["sign"] == twin.signature(fields))
        let first = dialect.refund(order: twin.order, amount: twin.amount, using: &generator)
        let second = dialect.refund(order: twin.order, amount: twin.amount, using: &generator)
        let numbers = try [first, second].map { try PlatformTwin.read($0)["out_refund_no"] }
        #expect(numbers == [fields["out_refund_no"], fields["out_refund_no"]])
        #expect(first != second)
    }

    @Test("Where no terminal address is set, a submit carries the machine's own of that moment")
    mutating func ownAddress() throws {
        var twin = try PlatformTwin()
        twin.terminalIP = nil
        let dialect = try twin.dialect()
        for address in ["198.51.100.9", "2001:db8::9"] {
            let request = try dialect.submit(
                order: twin.order,
                code: twin.code(),
                amount: twin.amount,
                description: "Locker",
                ownAddress: address,
                using: &generator,
            )
            #expect(try PlatformTwin.read(request)["spbill_create_ip"] == address)
        }
    }

    @Test("A provider names the sub-merchant in every call")
    mutating func provider() throws {
        var twin = try PlatformTwin()
        twin.subMerchantID = "1900000109"
        twin.subAppID = "wx8888888888888888"
        let dialect = try twin.dialect()
        let requests = [
            try dialect.submit(
                order: twin.order,
                code: twin.code(),
                amount: twin.amount,
                description: "Locker",
                ownAddress: "198.51.100.9",
                using: &generator,
            ),
            dialect.query(order: twin.order, using: &generator),
            dialect.reverse(order: twin.order, using: &generator),
            dialect.refund(order: twin.order, amount: twin.amount, using: &generator),
            dialect.refundQuery(order: twin.order, using: &generator),
        ]
        for request in requests {
            let fields = try PlatformTwin.read(request)
            #expect(fields["sub_mch_id"] == "1900000109")
            #expect(fields["sub_appid"] == "wx8888888888888888")
            #expect(fields["sign"] == twin.signature(fields))
        }
    }

    @Test("Every request has its own nonce, drawn from the generator that is passed in (F2)")
    mutating func nonce() throws {
        let twin = try PlatformTwin()
        let dialect = try twin.dialect()
        var nonces: Set<String> = []
        for _ in 0..<100 {
            let request = dialect.query(order: twin.order, using: &generator)
            let nonce = try #require(try PlatformTwin.read(request)["nonce_str"])
            #expect(nonce.utf8.count == 32)
            #expect(nonce.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
            nonces.insert(nonce)
        }
        #expect(nonces.count == 100)

        var once = SplitMix64(seed: 7)
        var again = SplitMix64(seed: 7)
        #expect(
            dialect.query(order: twin.order, using: &once)
                == dialect.query(order: twin.order, using: &again)
        )
    }

    @Test(
        "A description becomes text that the platform takes, and is never missing",
        arguments: [
            ("Locker, 24 h", "Locker, 24 h"),
            ("  \t\u{3000}储物柜 24 小时\n ", "储物柜 24 小时"),
            ("a\u{0}b\u{7}c\u{7F}d\u{85}e\r\nf\u{FFFE}g", "abcdefg"),
            ("a]]>b & <c> \"d\"", "a]]>b & <c> \"d\""),
            ("]]]>]]>>", "]]]>]]>>"),
            ("", "K0007"), (" \n\t ", "K0007"), ("\u{1}\u{2}", "K0007"),
            (String(repeating: "a", count: 200), String(repeating: "a", count: 127)),
            // 42 characters of 3 bytes are 126; the next would end at 129.
            (String(repeating: "柜", count: 60), String(repeating: "柜", count: 42)),
            // A flag is two scalars of 4 bytes: none is cut in half.
            (String(repeating: "🇨🇳", count: 20), String(repeating: "🇨🇳", count: 15)),
            // The cut falls behind a blank, which is not sent.
            (String(repeating: "a", count: 126) + " bc", String(repeating: "a", count: 126)),
            ("e" + String(repeating: "\u{301}", count: 100), "K0007"),
        ]
    )
    func description(_ text: String, _ sent: String) throws {
        var generator = SplitMix64(seed: 2)
        let twin = try PlatformTwin()
        let request = try twin.dialect().submit(
            order: twin.order,
            code: twin.code(),
            amount: twin.amount,
            description: text,
            ownAddress: "198.51.100.9",
            using: &generator,
        )
        let fields = try PlatformTwin.read(request)
        let body = try #require(fields["body"])
        #expect(Array(body.utf8) == Array(sent.utf8))
        #expect(fields["sign"] == twin.signature(fields))
    }

    @Test("Neither request nor reply prints its body, which holds code and payer (G1)")
    mutating func printing() throws {
        let twin = try PlatformTwin()
        let request = try twin.dialect().submit(
            order: twin.order,
            code: twin.code(),
            amount: twin.amount,
            description: "Locker",
            ownAddress: "198.51.100.9",
            using: &generator,
        )
        let reply = twin.reply(twin.payment)
        let size = request.body.count
        for text in ["\(request)", String(reflecting: request)] {
            #expect(text == "POST /pay/micropay, \(size) bytes")
        }
        for text in ["\(reply)", String(reflecting: reply)] {
            #expect(text == "HTTP 200, \(reply.body.count) bytes")
        }
        var dumped = ""
        dump(request, to: &dumped)
        dump(reply, to: &dumped)
        // The bytes 60, 120 begin both bodies.
        #expect(!dumped.contains("60") || !dumped.contains("120"))
        #expect(Mirror(reflecting: request).children.isEmpty)
        #expect(Mirror(reflecting: reply).children.isEmpty)
    }
}
