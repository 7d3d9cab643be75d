import Testing

@testable import Payments
@testable import Transport

/// Rule C4: what the core lets the revoke queue have under way, and what the transport takes, know nothing of each other.
@Suite("Places for requests")
struct PlacesTests {
    @Test("A full revoke queue leaves the live sale the places it may need (C4)")
    func queue() throws {
        let attempts = Policy(kiosk: try #require(KioskID("K1"))).sale.maximumAttempts
        // No answer comes to any of its queries, nor to the probe.
        let liveSale = attempts * AttemptMachine.mostQueriesOut + 1
        #expect(RevokeQueue.mostUnderWay + liveSale <= TransferInbox.maximumRepeatable)
        // The first steps, of which none is answered, are within it.
        #expect(RevokeQueue.mostUnanswered <= RevokeQueue.mostUnderWay)
    }

    @Test("Whatever is under way, there is a place for a submit, and for the one before it")
    func submits() {
        #expect(TransferInbox.maximumTransfers - TransferInbox.maximumRepeatable >= 2)
    }
}
