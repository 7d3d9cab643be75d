import Sandbox
import Testing

/// Every case of the stand-in's table, as a sale of the real daemon.
@Suite("Every case of the stand-in, end to end")
struct CaseTests {
    /// Families by the first digit: one kiosk each.
    @Test("The sale ends as the rules say", arguments: CaseExpectation.families)
    func family(_ first: String) async throws {
        let expected = CaseExpectation.all.filter { $0.digits.hasPrefix(first) }
        let open = expected.count { $0.end == .heldForPerson }
        try await Kiosk.run(allowing: Audit.Allowance(openOrders: open)) { kiosk in
            try kiosk.start()
            for expectation in expected { try Self.play(expectation, kiosk) }
            try kiosk.settle(atMost: open)
            // An order that is never settled has met its first revoke by now, or soon.
            try kiosk.wait("the late payments") {
                kiosk.sandbox.ledger().count { $0.charged != nil && $0.returned == nil }
                    == expected.count(where: \.end.keepsMoney)
            }
            for entry in kiosk.sandbox.ledger() {
                guard let name = entry.caseName else { continue }
                let expectation = try #require(expected.first { $0.play.name == name })
                #expect(
                    expectation.end.allows(
                        isCharged: entry.charged != nil,
                        isReturned: entry.returned != nil
                    ),
                    "\(expectation.play): \(entry)"
                )
            }
        }
    }

    @Test("No case is without an expectation")
    func complete() {
        #expect(
            CaseExpectation.all.map(\.digits).sorted()
                == SandboxCase.allCases.map(\.digits).sorted()
        )
    }

    private static func play(_ expectation: CaseExpectation, _ kiosk: Kiosk) throws {
        let play = try #require(SandboxCase.allCases.first { $0.digits == expectation.digits })
        try kiosk.awaitReady()
        try kiosk.awaitPaper(atMost: 5)
        let sale = try kiosk.sell()
        kiosk.show(play)
        let seen = try kiosk.awaitState(sale, "paid", "declined", "expired", "cancelled")
        #expect(seen.state == expectation.end.saleState, "\(play): \(seen)")
        let event = try kiosk.awaitEvent("the end of \(play)") {
            $0.sale == sale.id && $0.state == seen.state
        }
        #expect(event.truth == expectation.end.truth, "\(play)")
        if let advice = expectation.advice { #expect(event.reason == advice, "\(play)") }
        switch expectation.end {
        case .paid: try kiosk.deliver(sale)
        case .declined: try kiosk.act(sale, "cancel")
        case .expired, .expiredReturned, .expiredUndone, .heldForPerson: break
        }
        try kiosk.awaitState(sale, "delivered", "cancelled", "expired")
    }
}
