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
}
