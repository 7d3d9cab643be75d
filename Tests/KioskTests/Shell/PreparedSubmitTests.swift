import Kiosk
import Payments
import Testing
import WeChatPay

@Suite("The request of a submit whose record is being stored")
struct PreparedSubmitTests {
    private func order(_ digit: String) throws -> OrderNumber {
        try #require(OrderNumber("K0007-" + String(repeating: digit, count: 20)))
    }

    private let request = PlatformRequest(path: "/pay", body: [1], needsClientCertificate: false)

    @Test("It is handed out once, for its own order alone")
    func once() throws {
        var prepared = PreparedSubmit()
        let (one, two) = (try order("1"), try order("2"))
        prepared.expect(one)
        prepared.keep(request, of: one)
        let taken = [prepared.take(of: two), prepared.take(of: one), prepared.take(of: one)]
        #expect(taken == [nil, request, nil])
    }

    @Test("One that is ready too late is not kept: it holds a payment code (G1)")
    func late() throws {
        var prepared = PreparedSubmit()
        let (one, two) = (try order("1"), try order("2"))
        prepared.expect(one)
        var taken = [prepared.take(of: one)]
        prepared.keep(request, of: one)
        taken.append(prepared.take(of: one))
        prepared.expect(one)
        prepared.expect(two)
        prepared.keep(request, of: one)
        taken.append(prepared.take(of: one))
        var forgotten = [prepared.forget()]
        prepared.keep(request, of: two)
        taken.append(prepared.take(of: two))
        forgotten.append(prepared.forget())
        #expect(taken == [nil, nil, nil, nil])
        #expect(forgotten == [true, false])
    }
}
