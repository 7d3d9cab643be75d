import Simulation
import Testing

@Suite("What a run must contain")
struct DemandsTests {
    private func tally() -> Tally {
        var tally = Tally()
        tally.payments = 199
        tally.simulated = 9 * 3_600_000_000_000 + 3_599_999_999_999
        tally.faults[0] = 40
        tally.faults[1] = 60
        return tally
    }

    @Test("A run that contains what is demanded, and ends in time, meets it")
    func met() {
        let demands = Demands(payments: 199, faults: 100, hours: 9, seconds: 3)
        #expect(demands.unmet(by: tally(), took: .seconds(3)).isEmpty)
        #expect(Demands().isEmpty)
        #expect(Demands().unmet(by: Tally(), took: .seconds(1_000_000)).isEmpty)
    }

    @Test("Each demand that is not met is named with what was found")
    func unmet() {
        let demands = Demands(payments: 200, faults: 101, hours: 10, seconds: 3)
        #expect(!demands.isEmpty)
        #expect(
            demands.unmet(by: tally(), took: .milliseconds(3_001)) == [
                "The run contains 199 payments and must contain 200: it proves less than it should.",
                "The run contains 100 faults and must contain 101: it proves less than it should.",
                "The run contains 9 simulated hours and must contain 10: it proves less than it should.",
                "The run took 4 s and must end within 3 s.",
            ]
        )
    }

    @Test("Worlds that end early are noticed: fewer payers than the run is made for")
    func endsEarly() async {
        let whole = await Campaign.run(first: 1, count: 4, width: 2)
        let early = await Campaign.run(first: 1, count: 4, width: 2, visits: 20)
        let demands = Demands(payments: whole.total.payments, hours: 1)
        #expect(demands.unmet(by: whole.total, took: .zero).isEmpty)
        #expect(demands.unmet(by: early.total, took: .zero).count == 1)
    }
}
