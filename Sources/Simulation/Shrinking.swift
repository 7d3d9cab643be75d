/// Makes a failing history short: drops payers and faults as long as it still breaks the same rule in the same way (delta
/// debugging).
package enum Shrinking {
    /// Most runs that are spent on it.
    static let mostRuns = 2_000

    /// The shortest history found in which `seed` still breaks what it breaks now.
    package static func shrink(
        seed: UInt64,
        visits: Int = Simulation.visits,
        mutant: MutantKind? = nil,
    ) -> Simulation.Outcome {
        let first = Simulation.run(seed: seed, visits: visits, mutant: mutant)
        guard let kind = first.violation?.kind else {
            return Simulation.run(seed: seed, visits: visits, mutant: mutant, wantsHistory: true)
        }
        // Nobody who comes after the end matters.
        let lastVisit = first.decisions.last { $0.fault == nil }?.ordinal ?? visits
        let needed = min(visits, lastVisit + 1)
        var dropped: Set<Decision> = []
        var kept = first.decisions
        var runs = 0
        var size = max(1, kept.count / 2)
        while runs < mostRuns {
            var start = 0
            var hasDropped = false
            while start < kept.count, runs < mostRuns {
                let part = kept[start..<min(start + size, kept.count)]
                runs += 1
                let outcome = Simulation.run(
                    seed: seed,
                    visits: needed,
                    mutant: mutant,
                    dropping: dropped.union(part)
                )
                guard outcome.violation?.kind == kind else {
                    start += size
                    continue
                }
                // What was decided in this shorter history is all that is left to drop from.
                dropped.formUnion(part)
                kept = outcome.decisions
                hasDropped = true
            }
            if size == 1, !hasDropped { break }
            size = max(1, size / 2)
        }
        return Simulation.run(
            seed: seed,
            visits: needed,
            mutant: mutant,
            dropping: dropped,
            wantsHistory: true
        )
    }
}
