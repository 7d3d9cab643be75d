import Payments
import Testing

@testable import Sandbox

@Suite("A payer who acts on command")
struct PayerActTests {
    @Test("The password page is open until the payer types the password: then the money is taken")
    func types() async throws {
        try await Stand.run { stand throws in
            let order = Merchant.unique("ACT-")
            #expect(try stand.submit(order, code: Merchant.code("103"))["err_code"] == "USERPAYING")
            #expect(try stand.entry(order).charged == nil)
            #expect(stand.server.payer(of: order, .pays))
            #expect(try stand.entry(order).charged?.minorUnits == 888)
            #expect(try stand.query(order)["trade_state"] == "SUCCESS")
            // Nobody types twice.
            #expect(!stand.server.payer(of: order, .pays))
            #expect(!stand.server.payer(of: order, .closesPage))
        }
    }

    @Test("A payer who closes the page pays nothing, and not later either")
    func closes() async throws {
        try await Stand.run { stand throws in
            let order = Merchant.unique("ACT-")
            // Left alone this payer would pay after 8 s, here 80 ms.
            _ = try stand.submit(order, code: Merchant.code("102"))
            #expect(stand.server.payer(of: order, .closesPage))
            #expect(try stand.query(order)["trade_state"] == "PAYERROR")
            #expect(!stand.server.payer(of: order, .pays))
            #expect(try stand.entry(order).charged == nil)
            #expect(try stand.entry(order).state == .payError)
        }
    }

    @Test("Without a password page there is nothing to do: no order, paid at once, revoked")
    func noPage() async throws {
        try await Stand.run { stand throws in
            #expect(!stand.server.payer(of: "NONE", .pays))
            let order = Merchant.unique("ACT-")
            _ = try stand.submit(order, code: Merchant.code("000"))
            #expect(!stand.server.payer(of: order, .closesPage))
            #expect(try stand.entry(order).state == .success)
        }
    }
}
