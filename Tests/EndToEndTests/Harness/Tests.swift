import Glibc

/// How much is to be tested.
enum Tests {
    /// Slow tests too.
    static let isFull = variable("KIOSKPAY_FULL_TESTS") == "1"

    /// Every place of so many in a full run, from 1 on, and a few that are evenly spread in a quick one.
    static func places(_ count: Int, few: Int) -> [Int] {
        isFull ? Array(1...count) : (0..<few).map { 1 + $0 * count / few }
    }

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
