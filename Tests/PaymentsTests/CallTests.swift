import Payments
import Testing

@Suite("Calls about a sale, answered by what is stored")
struct CallTests {
    /// A rig with a committed Paid; from here on records wait.
    static func paid() throws -> TillRig {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        rig.commitsAtOnce = false
        return rig
    }

    /// The answers of the log, by the number of the call.
    private func answers(_ rig: TillRig) -> [RequestID: Answer] {
        var found: [RequestID: Answer] = [:]
        for case .answer(let request, let answer) in rig.log {
            #expect(found[request] == nil, "one answer for each call")
            found[request] = answer
        }
        return found
    }

    private func send(_ rig: TillRig, _ number: UInt64, _ call: SaleCall) throws {
        let id = try #require(rig.till.activeSale?.id)
        rig.send(.saleCalled(RequestID(number), id, call, stored: nil, attempts: []))
    }

    @Test("A claim withdrawn before it is stored is never acknowledged (D1)")
    func claimWithdrawn() throws {
        let rig = try Self.paid()
        try send(rig, 11, .claim(key: "a"))
        try send(rig, 12, .undelivered)
        try send(rig, 13, .claim(key: "a"))
        try send(rig, 14, .delivered)
        try send(rig, 15, .undelivered)
        for _ in 0..<3 { rig.commit() }
        let told = answers(rig)
        #expect(told[RequestID(11)] == .problem(.releaseWithdrawn))
        #expect(told[RequestID(12)]?.state == .undelivered)
        #expect(told[RequestID(13)] == .problem(.releaseWithdrawn))
        #expect(told[RequestID(14)] == .problem(.releaseWithdrawn))
        #expect(told[RequestID(15)]?.state == .undelivered)
    }

    @Test("Repeated claims and deliveries are answered when stored, not before (D1)")
    func repeatedWhileStoring() throws {
        let rig = try Self.paid()
        try send(rig, 11, .claim(key: "a"))
        try send(rig, 12, .claim(key: "a"))
        try send(rig, 13, .claim(key: "b"))
        #expect(answers(rig)[RequestID(13)] == .problem(.alreadyClaimed))
        try send(rig, 14, .delivered)
        try send(rig, 15, .delivered)
        try send(rig, 16, .claim(key: "a"))
        try send(rig, 17, .claim(key: "b"))
        try send(rig, 18, .undelivered)
        try send(rig, 19, .cancel)
        let before = answers(rig)
        #expect([11, 12, 14, 15, 16, 18].allSatisfy { before[RequestID($0)] == nil })
        #expect(before[RequestID(17)] == .problem(.alreadyClaimed))
        #expect(before[RequestID(19)] == .problem(.cannotCancel(.delivered)))
        for _ in 0..<4 { rig.commit() }
        let told = answers(rig)
        // A person hears of it before the caller is refused.
        #expect(told[RequestID(18)] == .problem(.alreadyDelivered))
        #expect([11, 12].allSatisfy { told[RequestID($0)]?.state == .delivering })
        #expect([14, 15, 16].allSatisfy { told[RequestID($0)]?.state == .delivered })
    }

    @Test("While Paid is being stored nobody is told of it: not paid yet, and in true words (D1)")
    func whilePaying() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.reply(order, .paid(proof))
        for call in [SaleCall.claim(key: "a"), .delivered, .undelivered] {
            #expect(rig.call(call) == .problem(.notPaid(.confirming)))
        }
        rig.commit()
        #expect(rig.saleState == .paid)
    }

    @Test("The same sale asked for twice while it is being stored is answered by one commit")
    func askedTwice() {
        let rig = TillRig()
        rig.commitsAtOnce = false
        #expect(rig.ask(key: "k", body: "h") == nil)
        #expect(rig.ask(key: "k", body: "h") == nil)
        let start = rig.log.count
        rig.failCommit()
        let told = rig.log[start...].compactMap {
            if case .answer(_, let answer) = $0 { answer } else { nil }
        }
        #expect(told == [.problem(.storageFailed), .problem(.storageFailed)])
    }

    @Test("Asked again right after its end, read too early from the journal: still the same sale")
    func askedAfterItsEnd() {
        let rig = TillRig()
        _ = rig.ask(key: "k", body: "h")
        _ = rig.call(.cancel)
        #expect(rig.ask(key: "k", body: "h")?.state == .cancelled)
        #expect(rig.ask(key: "k", body: "x") == .problem(.keyReused))
    }

    @Test("While a sale that was never paid ends, its calls are refused by what is true")
    func whileEnding() throws {
        let rig = TillRig()
        _ = rig.ask()
        rig.commitsAtOnce = false
        rig.advance(60)
        try send(rig, 11, .cancel)
        try send(rig, 12, .claim(key: "a"))
        try send(rig, 13, .delivered)
        try send(rig, 14, .undelivered)
        let told = answers(rig)
        #expect(told[RequestID(11)] == .problem(.cannotCancel(.expired)))
        for number in 12...14 {
            #expect(told[RequestID(UInt64(number))] == .problem(.notPaid(.expired)))
        }
    }

    @Test("Calls before Paid are refused; cancelling twice is the same cancelling (B9)")
    func beforePaid() throws {
        let rig = TillRig()
        _ = rig.ask()
        for call in [SaleCall.claim(key: "a"), .delivered, .undelivered] {
            #expect(rig.call(call) == .problem(.notPaid(.awaitingCode)))
        }
        rig.commitsAtOnce = false
        #expect(rig.call(.cancel)?.state == .cancelling)
        #expect(rig.call(.cancel)?.state == .cancelling)
        rig.commit()
        let row = try #require(rig.storedSale())
        #expect(rig.call(.cancel, stored: row)?.state == .cancelled)
        #expect(rig.call(.delivered, stored: row) == .problem(.notPaid(.cancelled)))
        #expect(rig.call(.undelivered, stored: row) == .problem(.notPaid(.cancelled)))
        #expect(rig.call(.claim(key: "a"), stored: row) == .problem(.notPaid(.cancelled)))
    }

    @Test("A delivered sale stays so, whatever is called")
    func afterDelivery() throws {
        let rig = try Self.paid()
        rig.commitsAtOnce = true
        #expect(rig.call(.delivered)?.state == .delivered)
        let row = try #require(rig.storedSale())
        #expect(rig.call(.delivered, stored: row)?.state == .delivered)
        #expect(rig.call(.undelivered, stored: row) == .problem(.alreadyDelivered))
        #expect(rig.call(.cancel, stored: row) == .problem(.cannotCancel(.delivered)))
        #expect(rig.call(.claim(key: "a"), stored: row) == .problem(.alreadyClaimed))
    }

    @Test("An undelivered sale stays so; an unknown one is not found")
    func afterWithdrawal() throws {
        let rig = try Self.paid()
        rig.commitsAtOnce = true
        #expect(rig.call(.undelivered)?.state == .undelivered)
        let row = try #require(rig.storedSale())
        #expect(rig.call(.undelivered, stored: row)?.state == .undelivered)
        let unknown = try #require(SaleID("S0000000000000000"))
        let told = rig.send(.saleCalled(RequestID(9), unknown, .cancel, stored: nil, attempts: []))
        #expect(told.answer == .problem(.notFound))
    }

    @Test("What a kiosk cannot sell is refused by name")
    func refusedSales() throws {
        let rig = TillRig { $0.sale.maximumAmount = 500 }
        #expect(rig.ask(501) == .problem(.amountTooHigh(maximum: 500)))
        let yen = try #require(Currency("JPY"))
        let wish = SaleRequest(
            amount: try #require(Money(minorUnits: 1, currency: yen)),
            description: "",
            reference: nil,
            idempotencyKey: nil,
            bodyHash: nil
        )
        #expect(
            rig.send(.saleAsked(RequestID(3), wish, stored: nil)).answer
                == .problem(.wrongCurrency(.cny))
        )
    }
}
