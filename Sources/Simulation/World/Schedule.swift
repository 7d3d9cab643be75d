/// One decision of the environment that made a difference: a payer came, or a fault struck.
package struct Decision: Hashable, Sendable, CustomStringConvertible {
    /// `nil`: the `ordinal`th payer comes. Otherwise the `ordinal`th chance of this fault is taken.
    let fault: Fault?
    let ordinal: Int

    package var description: String { "\(fault?.word ?? "visit") \(ordinal)" }
}

/// Decides what the environment does. A decision is a pure function of the seed, its kind and its ordinal, so that one
/// can be taken back and the others stay: that is what shrinking does.
struct Schedule {
    let seed: UInt64
    /// How many payers come at most.
    let visits: Int
    /// Chances out of 2^64, by fault; 0 for what this seed does not know.
    private let thresholds: [UInt64]
    private let dropped: Set<Decision>
    /// Chances and other dice are counted anew from each visit on, so that dropping one visit leaves the others as they are.
    private var era = 0
    private var chances: [Int]
    private var draws: [Int] = [0, 0, 0]
    private(set) var counts: [Int]
    /// What was decided against the kiosk, in order.
    private(set) var taken: [Decision] = []
    /// Faults have stopped: nothing strikes any more.
    var isOver = false

    init(seed: UInt64, visits: Int, dropped: Set<Decision> = []) {
        self.seed = seed
        self.visits = visits
        self.dropped = dropped
        chances = Array(repeating: 0, count: Fault.allCases.count)
        counts = chances
        var dice = Dice(seed: seed, kind: 1, ordinal: 0)
        // Swarm: a world that knows every fault at once hides what two of them do together, and one in twenty is calm.
        let isCalm = dice.oneIn(20)
        thresholds = Fault.allCases.map { fault in
            let factor = [0, 0, 0, 1, 2, 3, 6, 10][dice.roll(8)]
            return isCalm ? 0 : UInt64.max / 3_000_000 * fault.rate * UInt64(factor)
        }
    }

    /// Whether the next chance of this fault is taken; if so, the dice that say how.
    mutating func strikes(_ fault: Fault) -> Dice? {
        let index = fault.rawValue
        let threshold = thresholds[index]
        guard threshold > 0, !isOver else { return nil }
        let ordinal = era + chances[index]
        chances[index] += 1
        var dice = Dice(seed: seed, kind: 100 + UInt64(index), ordinal: ordinal)
        guard dice.next() < threshold else { return nil }
        let decision = Decision(fault: fault, ordinal: ordinal)
        guard dropped.isEmpty || !dropped.contains(decision) else { return nil }
        counts[index] += 1
        taken.append(decision)
        return dice
    }

    /// Whether this seed has it at all.
    func knows(_ fault: Fault) -> Bool { thresholds[fault.rawValue] > 0 && !isOver }

    mutating func happens(_ fault: Fault) -> Bool { strikes(fault) != nil }

    /// The dice of a payer's visit, or `nil` if this one is dropped.
    mutating func visit(_ ordinal: Int) -> Dice? {
        let decision = Decision(fault: nil, ordinal: ordinal)
        guard dropped.isEmpty || !dropped.contains(decision) else { return nil }
        taken.append(decision)
        return Dice(seed: seed, kind: 2, ordinal: ordinal)
    }

    /// From here on things happen around the `ordinal`th visit.
    mutating func begin(visit ordinal: Int) {
        era = (ordinal + 1) * Schedule.mostChances
        for index in chances.indices { chances[index] = 0 }
        for index in draws.indices { draws[index] = 0 }
    }

    /// Far more than any kind of thing happens between two visits.
    private static let mostChances = 1_000_000

    /// What passes between two visits, the same whether or not the visit is dropped.
    func gapDice(_ ordinal: Int) -> Dice { Dice(seed: seed, kind: 3, ordinal: ordinal) }

    mutating func requestDice() -> Dice { nextDice(0) }
    mutating func commitDice() -> Dice { nextDice(1) }
    mutating func orderDice() -> Dice { nextDice(2) }

    private mutating func nextDice(_ stream: Int) -> Dice {
        draws[stream] += 1
        return Dice(seed: seed, kind: 20 + UInt64(stream), ordinal: era + draws[stream])
    }

    func bootDice(_ ordinal: Int) -> Dice { Dice(seed: seed, kind: 6, ordinal: ordinal) }
    /// The machine's own randomness in the `ordinal`th run (rule F2).
    func machineDice(_ ordinal: Int) -> Dice { Dice(seed: seed, kind: 7, ordinal: ordinal) }
    func policyDice() -> Dice { Dice(seed: seed, kind: 8, ordinal: 0) }
}
