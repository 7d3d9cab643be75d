/// A small, fast generator (SplitMix64): the same numbers on every machine.
struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The dice of the `ordinal`th thing of one kind: dropping another thing does not change what they show.
    init(seed: UInt64, kind: UInt64, ordinal: Int) {
        state = Dice.mixed(
            seed &* 0xD134_2543_DE82_EF95 &+ kind &* 0x9E37_79B9_7F4A_7C15
                &+ UInt64(truncatingIfNeeded: ordinal) &* 0xBF58_476D_1CE4_E5B9
        )
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Dice.mixed(state)
    }

    static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0 to `sides` - 1. The bias of one part in 2^32 does not matter here.
    mutating func roll(_ sides: Int) -> Int {
        Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(sides)) >> 32)
    }

    mutating func oneIn(_ sides: Int) -> Bool { roll(sides) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[roll(elements.count)] }

    /// Nanoseconds from `low` up to `high`, evenly.
    mutating func span(_ low: Int64, _ high: Int64) -> Int64 {
        guard high > low else { return low }
        return low + Int64(next() % UInt64(high - low))
    }

    /// Mostly near `low`, sometimes near `high`: every order of magnitude is as likely.
    mutating func spread(_ low: Int64, _ high: Int64) -> Int64 {
        var top = max(low, 1)
        var steps = 0
        while top < high {
            top *= 2
            steps += 1
        }
        let reach = max(low, 1) << Int64(roll(steps + 1))
        return min(span(low, max(low + 1, reach)), high)
    }
}

/// World time is counted in nanoseconds since the world began; virtual, so it costs nothing to wait.
enum Span {
    static let millisecond: Int64 = 1_000_000
    static let second: Int64 = 1_000_000_000
    static let minute: Int64 = 60 * second
    static let hour: Int64 = 60 * minute
    static let day: Int64 = 24 * hour
}
