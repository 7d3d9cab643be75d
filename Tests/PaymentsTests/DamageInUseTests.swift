import Testing

@testable import Payments

@Suite("A journal that turns out to be damaged (rule A6)")
struct DamageInUseTests {
    @Test("Damage met in use ends the sales, and adoption does not bring them back")
    func inUse() throws {
        let rig = TillRig()
        rig.send(.journalDamaged)
        #expect(rig.till.reasons.contains(.damage))
        rig.send(.journalAdopted)
        #expect(rig.till.reasons.contains(.damage))
    }

    @Test(
        "What is open is settled meanwhile: the queue runs and says so, and people are heard (C4, C5)"
    )
    func settled() throws {
        let (rig, order, sale) = try ReleaseTests.parked()
        rig.send(.journalDamaged)
        #expect(rig.till.revokeQueue.activity == .running)
        #expect(rig.callRevoke(order, .retry) == .problem(.needsReport))
        #expect(rig.call(.undelivered, stored: sale)?.state == .undelivered)
        #expect(rig.storedAttempt(order)?.state == .revoking)
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.advance(5).reversed == [order])

        let (other, second, _) = try ReleaseTests.parked()
        other.send(.journalDamaged)
        let settle = RevokeCall.settle(.writtenOff, note: "n", by: "b")
        guard case .revoke(let entry)? = other.callRevoke(second, settle) else {
            Issue.record("not settled")
            return
        }
        #expect(entry.attempt.state == .writtenOff)
    }
}
