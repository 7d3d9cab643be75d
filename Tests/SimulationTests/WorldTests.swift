import Simulation
import Testing

@Suite("Seeded worlds")
struct WorldTests {
    @Test("Whatever fails, every payment ends in a proven state (A to D, G3)")
    func holds() {
        for seed in UInt64(11)...35 {
            let outcome = Simulation.run(seed: seed)
            #expect(
                outcome.violation == nil,
                "seed \(seed): \(outcome.violation?.description ?? "")"
            )
        }
    }

    @Test("A seed is one history, whatever ran before it and beside it")
    func isDeterministic() async {
        let once = Simulation.run(seed: 7, wantsHistory: true)
        let again = Simulation.run(seed: 7, wantsHistory: true)
        #expect(once.history == again.history)
        #expect(once.digest == again.digest)
        #expect(once.tally == again.tally)
        let narrow = await Campaign.run(first: 1, count: 12, width: 1, visits: 20)
        let wide = await Campaign.run(first: 1, count: 12, width: 4, visits: 20)
        #expect(narrow.digest == wide.digest)
        #expect(narrow.total == wide.total)
    }

    @Test("Two seeds are two histories")
    func seedsDiffer() {
        #expect(
            Simulation.run(seed: 1, visits: 10).digest != Simulation.run(seed: 2, visits: 10).digest
        )
    }

    @Test("Every kind of fault strikes somewhere within a few dozen seeds")
    func everyFaultStrikes() async {
        let campaign = await Campaign.run(first: 1, count: 60, width: 2)
        let missing = zip(Fault.allCases, campaign.total.faults).filter { $0.1 == 0 }.map(\.0.word)
        #expect(missing.isEmpty)
    }
}
