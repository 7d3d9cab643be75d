import Payments
import Testing

@testable import Sandbox

@Suite("Refunds on the stand-in")
struct RefundTests {
    private static let whole = Money(minorUnits: 888, currency: .cny)

    private static var money: Money {
        guard let whole else { preconditionFailure("a legal amount") }
        return whole
    }

    /// A platform with one order, paid as its case says, which every reverse of it refuses.
    private func late(_ digits: String) throws -> PlatformWorld {
        var world = PlatformWorld()
        _ = try world.submit(digits)
        #expect(try world.reverse(at: 30)["err_code"] == "REVERSE_EXPIRE")
        #expect(try world.query(at: 31)["trade_state"] == "SUCCESS")
        return world
    }

    private func rules(_ world: inout PlatformWorld) throws -> [SandboxViolation.Rule] {
        try world.entry(at: 2_000).violations.map(\.rule)
    }

    @Test("Accepted, PROCESSING, then SUCCESS; the money goes back at the end and once")
    func course() throws {
        var world = try late("610")
        #expect(try world.refundQuery(at: 32)["err_code"] == "REFUNDNOTEXIST")
        let reply = try world.refund(at: 40)
        let expected = [
            "result_code": "SUCCESS", "out_trade_no": "K0007-1", "out_refund_no": "K0007-1-R",
            "refund_fee": "888", "total_fee": "888", "fee_type": "CNY",
        ]
        for (name, value) in expected { #expect(reply[name] == value, "\(name)") }
        #expect(try world.query(at: 41)["trade_state"] == "REFUND")
        let first = try world.refundQuery(at: 43.9)
        #expect(first["refund_status_0"] == "PROCESSING")
        #expect(first["out_refund_no_0"] == "K0007-1-R" && first["refund_fee_0"] == "888")
        #expect(first["refund_id_0"] == reply["refund_id"])
        #expect(first["refund_success_time_0"] == nil)
        #expect(try world.entry(at: 43.9).returned == nil)
        #expect(try world.entry(at: 43.9).refundStatus == .processing)
        let last = try world.refundQuery(at: 44)
        #expect(last["refund_status_0"] == "SUCCESS")
        #expect(last["refund_success_time_0"] == "2025-03-01 10:35:56")
        let entry = try world.entry(at: 45)
        #expect(entry.returned == Self.whole && !entry.holdsMoney)
        #expect(entry.refundStatus == .success)
        #expect(entry.json.contains("\"refund\":\"SUCCESS\""))
        #expect(try rules(&world).isEmpty)
    }

    @Test("The same number again refunds once; another number is a violation")
    func numbers() throws {
        var world = try late("610")
        let first = try world.refund(at: 40)
        for second in [41.0, 50, 60] {
            #expect(try world.refund(at: second)["refund_id"] == first["refund_id"])
        }
        let returns = try world.entry(at: 70).history.filter {
            $0.kind == .returned(RefundTests.money)
        }
        #expect(returns.count == 1)
        #expect(try world.refund(number: "K0007-1-R2", at: 71)["err_code"] == "ERROR")
        #expect(try rules(&world) == [.secondRefund])
    }

    @Test(
        "Amounts and currency must be the order's own",
        arguments: [
            ["total_fee": "889"], ["refund_fee": "887"], ["refund_fee": "889"],
            ["refund_fee_type": "HKD"], ["total_fee": "1", "refund_fee": "1"],
        ]
    )
    func amounts(_ changes: [String: String]) throws {
        var world = try late("610")
        #expect(try world.refund(at: 40, changes)["err_code"] == "PARAM_ERROR")
        #expect(try rules(&world) == [.requestRefused("refund amounts")])
        #expect(try world.entry(at: 100).holdsMoney)
    }

    @Test("Unpaid, reversed and unknown orders have nothing to give back")
    func nothing() throws {
        var world = PlatformWorld()
        _ = try world.submit("103")
        #expect(try world.refund(at: 1)["err_code"] == "ERROR")
        #expect(try world.entry(at: 2).violations.map(\.rule) == [.refundOfUnpaid])
        #expect(try world.refund("K0007-9", at: 3)["err_code"] == "INVALID_TRANSACTIONID")

        var reversed = PlatformWorld()
        _ = try reversed.submit("000")
        #expect(try reversed.reverse(at: 20)["result_code"] == "SUCCESS")
        #expect(try reversed.refund(at: 21)["err_code"] == "ERROR")
        let returns = try reversed.entry(at: 30).history.filter {
            $0.kind == .returned(RefundTests.money)
        }
        #expect(returns.count == 1)
    }

    @Test("A reverse after the refund gives nothing back a second time")
    func reversedAfter() throws {
        var world = PlatformWorld()
        _ = try world.submit("000")
        #expect(try world.refund(at: 20)["result_code"] == "SUCCESS")
        #expect(try world.reverse(at: 22)["result_code"] == "SUCCESS")
        #expect(try world.query(at: 30)["trade_state"] == "REFUND")
        let returns = try world.entry(at: 30).history.filter {
            $0.kind == .returned(RefundTests.money)
        }
        #expect(returns.count == 1)
    }

    @Test("Up to one year after the payment, and not a day longer")
    func overdue() throws {
        var world = PlatformWorld()
        _ = try world.submit("000")
        #expect(try world.refund(at: 366 * 86_400)["err_code"] == "TRADE_OVERDUE")
        #expect(try world.entry(at: 366 * 86_400).holdsMoney)
        #expect(try world.refund(at: 365 * 86_400)["result_code"] == "SUCCESS")
    }

    @Test("PROCESSING for a minute")
    func slowly() throws {
        var world = try late("901")
        _ = try world.refund(at: 40)
        #expect(try world.refundQuery(at: 99)["refund_status_0"] == "PROCESSING")
        #expect(try world.refundQuery(at: 100)["refund_status_0"] == "SUCCESS")
        #expect(try world.entry(at: 100).returned == Self.whole)
    }

    @Test("CHANGE gives nothing back, ever")
    func change() throws {
        var world = try late("902")
        _ = try world.refund(at: 40)
        #expect(try world.refundQuery(at: 44)["refund_status_0"] == "CHANGE")
        #expect(try world.refund(at: 200)["result_code"] == "SUCCESS")
        #expect(try world.refundQuery(at: 1_000)["refund_status_0"] == "CHANGE")
        let entry = try world.entry(at: 1_000)
        #expect(entry.holdsMoney && entry.refundStatus == .change)
    }

    @Test(
        "Refused refunds leave the money where it is; the same number works later",
        arguments: [
            ("903", "SYSTEMERROR", 2), ("904", "NOTENOUGH", 2), ("906", "USER_ACCOUNT_ABNORMAL", 1),
        ]
    )
    func refused(_ digits: String, _ code: String, _ times: Int) throws {
        var world = try late(digits)
        for round in 0..<times {
            #expect(try world.refund(at: 40 + Double(round))["err_code"] == code)
            #expect(
                try world.refundQuery(at: 40.5 + Double(round))["err_code"] == "REFUNDNOTEXIST"
            )
        }
        #expect(try world.entry(at: 50).holdsMoney)
        #expect(try world.refund(at: 60)["result_code"] == "SUCCESS")
        #expect(try world.entry(at: 64).returned == Self.whole)
    }

    @Test("A reply that is lost is of a refund that was accepted")
    func replyLost() throws {
        var world = try late("905")
        let now = world.time(40)
        let body = world.merchant.query(
            "K0007-1",
            ["out_refund_no": "K0007-1-R", "total_fee": "888", "refund_fee": "888"]
        )
        let call = Platform.Call(
            operation: .refund,
            body: body,
            certificate: nil,
            firstByte: now.boot
        )
        let ticket = world.platform.receive(call, at: now)
        #expect(world.platform.finish(ticket, at: now).delivery == .silence)
        #expect(try world.refundQuery(at: 44)["refund_status_0"] == "SUCCESS")
        #expect(try world.refund(at: 45)["result_code"] == "SUCCESS")
        #expect(try world.entry(at: 60).returned == Self.whole)
    }

    @Test("Fields are checked, and the certificate is required, over TLS")
    func strict() async throws {
        try await Stand.run { stand throws in
            let order = Merchant.unique("K0007-")
            _ = try stand.submit(order, code: Merchant.code("000"))
            let good = [
                "out_refund_no": order + "-R", "total_fee": "888", "refund_fee": "888",
                "refund_fee_type": "CNY", "refund_desc": "未出货",
            ]
            let path = SandboxOperation.refund.path
            let spoilt: [([String: String], String)] = [
                (["out_refund_no": ""], "LACK_PARAMS"), (["total_fee": ""], "LACK_PARAMS"),
                (["refund_fee": ""], "LACK_PARAMS"), (["out_trade_no": ""], "LACK_PARAMS"),
                (["out_refund_no": "R 1"], "PARAM_ERROR"),
                (["out_refund_no": String(repeating: "R", count: 65)], "PARAM_ERROR"),
                (["refund_fee": "0888"], "PARAM_ERROR"), (["total_fee": "8.88"], "PARAM_ERROR"),
                (["refund_desc": String(repeating: "退", count: 27)], "PARAM_ERROR"),
                (["refund_account": "MINE"], "PARAM_ERROR"), (["auth_code": "1"], "PARAM_ERROR"),
            ]
            for (changes, code) in spoilt {
                let fields = good.merging(changes) { $1 }
                let answer = try stand.connect().post(path, stand.merchant.query(order, fields))
                #expect(answer["err_code"] == code, "\(changes)")
                #expect(stand.merchant.verifies(answer))
            }
            #expect(stand.server.violations().count == spoilt.count)
            let bare = try stand.connect(withCertificate: false)
            let page = try bare.post(path, stand.merchant.query(order, good))
            #expect(page.status == 400 && page.text.contains("<html>"))
            let entry = try #require(stand.server.entry(of: order))
            #expect(entry.refundStatus == nil && entry.holdsMoney)
            let answer = try stand.connect().post(path, stand.merchant.query(order, good))
            #expect(answer["result_code"] == "SUCCESS")
            // The query needs no certificate.
            let query = try stand.connect(withCertificate: false).post(
                SandboxOperation.refundQuery.path,
                stand.merchant.query("", ["out_trade_no": "", "out_refund_no": order + "-R"])
            )
            #expect(query["out_trade_no"] == order)
        }
    }
}
