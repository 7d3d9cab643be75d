import Glibc

/// How much is to be tested.
enum Tests {
    /// Slow tests too.
    static let isFull = variable("KIOSKPAY_FULL_TESTS") == "1"

    /// What a test's chances begin with: another one in each run, printed with the way to repeat it (`KIOSKPAY_TEST_SEED`).
    static func seed(for test: String = #function) -> UInt64 {
        let given = variable("KIOSKPAY_TEST_SEED").flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...UInt64.max)
        print("\(test) plays seed \(seed); KIOSKPAY_TEST_SEED=\(seed) repeats it.")
        return seed
    }

    static func variable(_ name: String) -> String? {
        // The string is copied at once; nobody in the tests changes the environment.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}

/// A seeded generator: the same numbers on every machine.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
