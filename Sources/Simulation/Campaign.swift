/// Many seeds, spread over the cores; each world is still one history on one thread.
package struct Campaign: Sendable {
    package struct Failure: Sendable {
        package let seed: UInt64
        package let violation: Violation

        package init(_ seed: UInt64, _ violation: Violation) {
            self.seed = seed
            self.violation = violation
        }
    }

    package private(set) var seeds = 0
    package private(set) var total = Tally()
    package private(set) var longestSettling: Int64 = 0
    /// The first failures by seed; the rest is only counted.
    package private(set) var failures: [Failure] = []
    package private(set) var failureCount = 0
    /// Of all histories together, whatever order they were run in.
    package private(set) var digest: UInt64 = 0

    /// Most failures that are kept.
    package static let mostFailures = 20

    /// Seeds of one piece of work.
    private static let piece: UInt64 = 16

    /// Runs `count` seeds from `first` on, `width` at a time.
    package static func run(
        first: UInt64,
        count: UInt64,
        width: Int,
        visits: Int = Simulation.visits,
        mutant: MutantKind? = nil,
    ) async -> Campaign {
        await withTaskGroup(of: Campaign.self) { group in
            var next = first
            let end = first + count
            func addPiece() {
                guard next < end else { return }
                let piece = next..<min(next + Campaign.piece, end)
                next = piece.upperBound
                group.addTask { Campaign(piece, visits: visits, mutant: mutant) }
            }
            for _ in 0..<max(1, width) { addPiece() }
            var whole = Campaign()
            while let part = await group.next() {
                whole.add(part)
                addPiece()
            }
            return whole
        }
    }

    private init() {}

    private init(_ seeds: Range<UInt64>, visits: Int, mutant: MutantKind?) {
        for seed in seeds { add(Simulation.run(seed: seed, visits: visits, mutant: mutant)) }
    }

    private mutating func add(_ outcome: Simulation.Outcome) {
        seeds += 1
        total.add(outcome.tally)
        longestSettling = max(longestSettling, outcome.tally.settled)
        digest ^= Dice.mixed(outcome.digest ^ outcome.seed)
        guard let violation = outcome.violation else { return }
        failureCount += 1
        keep([Failure(outcome.seed, violation)])
    }

    private mutating func add(_ part: Campaign) {
        seeds += part.seeds
        total.add(part.total)
        longestSettling = max(longestSettling, part.longestSettling)
        digest ^= part.digest
        failureCount += part.failureCount
        keep(part.failures)
    }

    private mutating func keep(_ more: [Failure]) {
        failures = Array(
            (failures + more).sorted { $0.seed < $1.seed }.prefix(Campaign.mostFailures)
        )
    }
}
