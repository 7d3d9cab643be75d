import Simulation
import Testing

@Suite("Broken machines are caught")
struct MutantTests {
    @Test(
        "A broken machine is caught by the promise that it breaks, within a few seeds",
        arguments: MutantKind.allCases
    )
    func isCaught(_ mutant: MutantKind) {
        var found: [String] = []
        for seed in UInt64(1)...160 {
            guard let violation = Simulation.run(seed: seed, mutant: mutant).violation else {
                continue
            }
            if mutant.isCaught(by: violation) { return }
            found.append("seed \(seed): \(violation)")
        }
        Issue.record(
            "\(mutant.rawValue) is not caught by \(mutant.rule), \"\(mutant.words)\": \(found)"
        )
    }

    @Test(
        "The shortest failing history of a broken machine is short, and still breaks the same promise"
    )
    func shrinks() {
        guard
            let seed = (UInt64(1)...40).first(where: {
                Simulation.run(seed: $0, mutant: .claimedByTwo).violation
                    .map(MutantKind.claimedByTwo.isCaught) == true
            })
        else {
            Issue.record("no seed catches it")
            return
        }
        let whole = Simulation.run(seed: seed, mutant: .claimedByTwo)
        let shortest = Shrinking.shrink(seed: seed, mutant: .claimedByTwo)
        #expect(shortest.violation?.kind == whole.violation?.kind)
        #expect(shortest.decisions.count < whole.decisions.count || whole.decisions.count <= 2)
        // One payer, and a second controller that claims.
        #expect(shortest.decisions.count <= 3)
        #expect(shortest.history.last?.contains("BROKEN") == true)
        #expect(shortest.history.contains { $0.contains("claim(") })
    }
}
