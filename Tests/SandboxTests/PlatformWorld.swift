import Payments
import Testing

@testable import Sandbox

/// Drives a platform at chosen seconds after the first submit.
struct PlatformWorld {
    var platform: Platform
    let merchant: Merchant

    init() {
        let material = SandboxMaterial(
            directory: "",
            identity: SandboxIdentity(appID: "wx1", merchantID: "1900000001"),
            key: "0123456789abcdef0123456789abcdef"
        )
        merchant = Merchant(material: material)
        platform = Platform(
            identity: material.identity,
            key: material.key,
            options: SandboxOptions()
        )
    }

    func time(_ seconds: Double) -> PlatformTime {
        // 2025-03-01 02:35:12 UTC is 10:35:12 in Beijing.
        PlatformTime(
            boot: BootTime(nanoseconds: 1_000_000_000 + Int64(seconds * 1e9)),
            wallMilliseconds: 1_740_796_512_000 + Int64(seconds * 1000)
        )
    }

    mutating func submit(
        _ digits: String,
        order: String = "K0007-1",
        code: String? = nil,
        at seconds: Double = 0,
        _ changes: Merchant.Fields = [:],
    ) throws -> Answer {
        let code = code ?? "134567890123456" + digits
        return try call(.submit, merchant.submit(order, code: code, changes), at: seconds)
    }

    mutating func query(_ order: String = "K0007-1", at seconds: Double) throws -> Answer {
        try call(.query, merchant.query(order), at: seconds)
    }

    mutating func refund(
        _ order: String = "K0007-1",
        number: String = "K0007-1-R",
        at seconds: Double,
        _ changes: Merchant.Fields = [:],
    ) throws -> Answer {
        let own = ["out_refund_no": number, "total_fee": "888", "refund_fee": "888"]
        let fields = own.merging(changes) { $1 }
        return try call(.refund, merchant.query(order, fields), at: seconds)
    }

    mutating func refundQuery(_ number: String = "K0007-1-R", at seconds: Double) throws -> Answer {
        let fields = ["out_trade_no": "", "out_refund_no": number]
        return try call(.refundQuery, merchant.query("", fields), at: seconds)
    }

    mutating func reverse(_ order: String = "K0007-1", at seconds: Double) throws -> Answer {
        try call(.reverse, merchant.query(order), at: seconds)
    }

    /// Sends it, lets the ticket's delay pass and checks that the reply verifies.
    mutating func call(
        _ operation: SandboxOperation,
        _ body: [UInt8],
        at seconds: Double,
    ) throws -> Answer {
        let now = time(seconds)
        let call = Platform.Call(
            operation: operation,
            body: body,
            certificate: nil,
            firstByte: now.boot
        )
        let ticket = platform.receive(call, at: now)
        let reply = platform.finish(ticket, at: now.at(now.boot + ticket.delay))
        let answer = Answer(status: reply.status, head: "", body: reply.body)
        #expect(merchant.verifies(answer))
        return answer
    }

    mutating func entry(_ order: String = "K0007-1", at seconds: Double) throws -> LedgerEntry {
        platform.advance(to: time(seconds))
        return try #require(platform.orders[order]?.entry)
    }
}
