import Payments

/// The seeded simulation: one seed, one history.
package enum Simulation {
    /// How one seed ended.
    package struct Outcome: Sendable {
        package let seed: UInt64
        package let tally: Tally
        package let violation: Violation?
        /// What the environment decided, in order: the material of shrinking.
        package let decisions: [Decision]
        /// One line for each thing that happened, if a history was wanted.
        package let history: [String]
        /// Tells two histories apart: equal for equal ones.
        package let digest: UInt64
    }

    /// Payers that come in one world.
    package static let visits = 150

    package static func run(
        seed: UInt64,
        visits: Int = visits,
        mutant: MutantKind? = nil,
        dropping dropped: Set<Decision> = [],
        wantsHistory: Bool = false,
    ) -> Outcome {
        let world = World(
            seed: seed,
            options: World.Options(
                visits: visits,
                dropped: dropped,
                mutant: mutant,
                wantsHistory: wantsHistory
            )
        )
        world.run()
        var history = world.history?.lines ?? []
        if wantsHistory, let violation = world.audit.violation {
            history.append("\(History.clock(world.now))  BROKEN \(violation)")
        }
        return Outcome(
            seed: seed,
            tally: world.tally,
            violation: world.audit.violation,
            decisions: world.schedule.taken,
            history: history,
            digest: world.digest
        )
    }
}
