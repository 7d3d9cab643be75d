import Payments
import Testing

@testable import Sandbox

/// The platform without a network and with a clock of the test's own: the vendor's real times.
@Suite("The platform's times and money")
struct PlatformTests {
    @Test("Paid at once: every field of the reply, and the query agrees")
    func paid() throws {
        var world = PlatformWorld()
        let reply = try world.submit("000")
        let expected = [
            "result_code": "SUCCESS", "trade_type": "MICROPAY", "bank_type": "CMB_DEBIT",
            "total_fee": "888", "cash_fee": "888", "fee_type": "CNY", "is_subscribe": "N",
            "out_trade_no": "K0007-1", "time_end": "20250301103512", "device_info": "KIOSK-0007",
            "appid": "wx1", "mch_id": "1900000001", "attach": "",
        ]
        for (name, value) in expected { #expect(reply[name] == value, "\(name)") }
        #expect(reply["transaction_id"]?.utf8.count == 28)
        #expect(reply["openid"]?.utf8.count == 28)
        let query = try world.query(at: 1)
        #expect(query["trade_state"] == "SUCCESS")
        #expect(query["transaction_id"] == reply["transaction_id"])
        #expect(query["time_end"] == "20250301103512")
        let entry = try world.entry(at: 2)
        #expect(entry.charged == Money(minorUnits: 888, currency: .cny))
        #expect(entry.transactionID == reply["transaction_id"])
        #expect(entry.holdsMoney)
    }

    @Test("A coupon pays a part; the query lists it")
    func coupon() throws {
        var world = PlatformWorld()
        let reply = try world.submit("001")
        #expect(reply["cash_fee"] == "444" && reply["coupon_fee"] == "444")
        let query = try world.query(at: 1)
        #expect(query["coupon_count"] == "1" && query["coupon_fee_0"] == "444")
        #expect(query["coupon_type_0"] == "CASH")
    }

    @Test("The payer types the password after 8 s, not before")
    func password() throws {
        var world = PlatformWorld()
        #expect(try world.submit("102")["err_code"] == "USERPAYING")
        #expect(try world.query(at: 7.999)["trade_state"] == "USERPAYING")
        #expect(try world.entry(at: 7.999).charged == nil)
        #expect(try world.query(at: 8)["trade_state"] == "SUCCESS")
        #expect(try world.query(at: 60)["trade_state"] == "SUCCESS")
        #expect(try world.query(at: 60)["time_end"] == "20250301103520")
    }

    @Test("Unpaid after 45 s, the platform revokes by itself; nobody pays after that")
    func platformRevoke() throws {
        var world = PlatformWorld()
        _ = try world.submit("103")
        #expect(try world.query(at: 44.9)["trade_state"] == "USERPAYING")
        let query = try world.query(at: 45)
        #expect(query["trade_state"] == "REVOKED" && query["transaction_id"] == nil)
        #expect(try world.reverse(at: 46)["recall"] == "N")
        #expect(try world.entry(at: 100).charged == nil)
    }

    @Test("Paid slowly: the reply comes with the payment, 4 s later")
    func slowly() throws {
        var world = PlatformWorld()
        #expect(try world.submit("101")["time_end"] == "20250301103516")
    }

    @Test("A bank's time-out, paid behind it after 3 s")
    func bankError() throws {
        var world = PlatformWorld()
        #expect(try world.submit("303")["err_code"] == "BANKERROR")
        #expect(try world.query(at: 2)["trade_state"] == "NOTPAY")
        #expect(try world.query(at: 3)["trade_state"] == "SUCCESS")
    }

    @Test("The page closed after 6 s: PAYERROR, and the same submit again is TRADE_ERROR")
    func cancelled() throws {
        var world = PlatformWorld()
        _ = try world.submit("104")
        #expect(try world.query(at: 6)["trade_state"] == "PAYERROR")
        #expect(try world.submit("104", at: 7)["err_code"] == "TRADE_ERROR")
        #expect(try world.reverse(at: 30)["result_code"] == "SUCCESS")
        #expect(try world.query(at: 31)["trade_state"] == "REVOKED")
    }

    @Test("Paid as the reverse arrives: the money is taken and goes back, and the query says so")
    func latePayment() throws {
        var world = PlatformWorld()
        _ = try world.submit("106")
        #expect(try world.query(at: 30)["trade_state"] == "USERPAYING")
        #expect(try world.reverse(at: 31)["result_code"] == "SUCCESS")
        let entry = try world.entry(at: 31)
        #expect(entry.charged == entry.amount && entry.returned == entry.amount)
        let query = try world.query(at: 32)
        #expect(query["trade_state"] == "REVOKED")
        #expect(query["transaction_id"] == entry.transactionID)
    }

    @Test("The same, and the query no longer names the payment that was taken and has gone back")
    func hiddenPayment() throws {
        var world = PlatformWorld()
        _ = try world.submit("611")
        #expect(try world.reverse(at: 31)["result_code"] == "SUCCESS")
        let entry = try world.entry(at: 31)
        #expect(entry.charged == entry.amount && entry.returned == entry.amount)
        let query = try world.query(at: 32)
        #expect(query["trade_state"] == "REVOKED" && query["transaction_id"] == nil)
    }

    @Test("A reverse during the password page is refused for 40 s, then works")
    func pageHeld() throws {
        var world = PlatformWorld()
        _ = try world.submit("107")
        #expect(try world.reverse(at: 39)["err_code"] == "USERPAYING")
        #expect(try world.reverse(at: 40)["result_code"] == "SUCCESS")
        #expect(try world.query(at: 41)["trade_state"] == "REVOKED")
    }

    @Test("Reversing a paid order gives the money back once, however often it is asked")
    func reverseTwice() throws {
        var world = PlatformWorld()
        _ = try world.submit("000")
        for second in 20...22 {
            #expect(try world.reverse(at: Double(second))["result_code"] == "SUCCESS")
        }
        let returns = try world.entry(at: 30).history.filter {
            if case .returned = $0.kind { true } else { false }
        }
        #expect(returns.count == 1)
        #expect(try world.submit("000", at: 31)["err_code"] == "ORDERREVERSED")
    }

    @Test("15 s: a reverse before that is a violation, and so is one after a repeated submit (C2)")
    func earliestReverse() throws {
        var world = PlatformWorld()
        _ = try world.submit("103")
        _ = try world.reverse(at: 14.7)
        #expect(try world.entry(at: 15).violations.map(\.rule) == [.reverseTooEarly])
        _ = try world.submit("103", order: "K0007-2", code: "134567890123457103")
        _ = try world.reverse("K0007-2", at: 14.8)
        #expect(try world.entry("K0007-2", at: 15).violations.isEmpty)
        _ = try world.submit("103", order: "K0007-3", code: "134567890123458103", at: 20)
        _ = try world.submit("103", order: "K0007-3", code: "134567890123458103", at: 30)
        _ = try world.reverse("K0007-3", at: 40)
        #expect(try world.entry("K0007-3", at: 40).violations.map(\.rule) == [.reverseTooEarly])
    }

    @Test("A reverse of an unknown number says SUCCESS; a submit after it is charged all the same")
    func submitAfterReverse() throws {
        var world = PlatformWorld()
        #expect(try world.query(at: 0)["err_code"] == "ORDERNOTEXIST")
        #expect(try world.reverse(at: 1)["result_code"] == "SUCCESS")
        #expect(try world.query(at: 2)["err_code"] == "ORDERNOTEXIST")
        #expect(try world.submit("000", at: 3)["result_code"] == "SUCCESS")
        let entry = try world.entry(at: 4)
        #expect(entry.violations.map(\.rule) == [.submitAfterReverse] && entry.holdsMoney)
    }

    @Test("The same submit again is answered, not charged again; other parameters are refused")
    func repeated() throws {
        var world = PlatformWorld()
        let first = try world.submit("000")
        let second = try world.submit("000", at: 1)
        #expect(second["transaction_id"] == first["transaction_id"])
        #expect(try world.entry(at: 1).violations.isEmpty)
        let changed = try world.submit("000", at: 2, ["total_fee": "889"])
        #expect(changed["err_code"] == "OUT_TRADE_NO_USED")
        #expect(changed["err_code_des"]?.hasPrefix("201") == true)
        #expect(
            try world.submit("000", code: "134567890123459000")["err_code"] == "OUT_TRADE_NO_USED"
        )
        let entry = try world.entry(at: 3)
        #expect(entry.violations.map(\.rule) == [.submitChanged, .submitChanged])
        #expect(entry.charged == Money(minorUnits: 888, currency: .cny))
    }

    @Test("A payment code is used up by one order")
    func usedCode() throws {
        var world = PlatformWorld()
        _ = try world.submit("000")
        let other = try world.submit("000", order: "K0007-2", at: 1)
        #expect(other["err_code"] == "AUTH_CODE_INVALID")
        #expect(try world.entry("K0007-2", at: 2).charged == nil)
    }

    @Test("A lost submit leaves no order; its repetition is processed, and charged")
    func lost() throws {
        var world = PlatformWorld()
        let now = world.time(0)
        let body = world.merchant.submit("K0007-1", code: "134567890123456402")
        let call = Platform.Call(
            operation: .submit,
            body: body,
            certificate: nil,
            firstByte: now.boot
        )
        let ticket = world.platform.receive(call, at: now)
        #expect(world.platform.finish(ticket, at: now).delivery == .silence)
        #expect(try world.query(at: 1)["err_code"] == "ORDERNOTEXIST")
        #expect(try world.submit("402", at: 2)["result_code"] == "SUCCESS")
        #expect(try world.entry(at: 2).holdsMoney)
    }

    @Test("transaction_id wins; another sub-merchant's order does not exist")
    func naming() throws {
        var world = PlatformWorld()
        let paid = try world.submit(
            "000",
            [
                "sub_mch_id": "1900000109"
            ]
        )
        let transaction = try #require(paid["transaction_id"])
        let names = ["transaction_id": transaction, "sub_mch_id": "1900000109"]
        let query = try world.call(.query, world.merchant.query("K0007-9", names), at: 1)
        #expect(query["out_trade_no"] == "K0007-1")
        #expect(try world.query(at: 2)["err_code"] == "ORDERNOTEXIST")
        #expect(try world.reverse(at: 20)["result_code"] == "SUCCESS")
        #expect(try world.entry(at: 21).holdsMoney)
        let unknown = ["transaction_id": String(repeating: "4", count: 28)]
        let wrong = try world.call(.reverse, world.merchant.query("K0007-1", unknown), at: 22)
        #expect(wrong["err_code"] == "INVALID_TRANSACTIONID")
    }

    @Test("A script goes before the digits, one case for each new order")
    func script() throws {
        var world = PlatformWorld()
        let noted = SandboxCase.passwordThenPaid(after: .seconds(2))
        world.platform.script([noted, .passwordNeverPaid])
        #expect(try world.submit("000")["err_code"] == "USERPAYING")
        #expect(try world.submit("000", at: 1)["err_code"] == "USERPAYING")
        #expect(try world.submit("000", at: 2)["result_code"] == "SUCCESS")
        let second = try world.submit("201", order: "K0007-2", code: "134567890123450201", at: 3)
        #expect(second["err_code"] == "USERPAYING")
        let third = try world.submit("201", order: "K0007-3", code: "134567890123451201", at: 3)
        #expect(third["err_code"] == "NOTENOUGH")
    }
}
