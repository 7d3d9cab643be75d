/// What a campaign must contain to prove what it is run for. Worlds that end early break no rule and prove nothing.
package struct Demands: Hashable, Sendable {
    /// Submits, at least.
    package var payments: Int?
    /// Faults that struck, at least.
    package var faults: Int?
    /// Simulated time of all worlds together, at least.
    package var hours: Int?
    /// Real time, at most.
    package var seconds: Int?

    package init(payments: Int? = nil, faults: Int? = nil, hours: Int? = nil, seconds: Int? = nil) {
        self.payments = payments
        self.faults = faults
        self.hours = hours
        self.seconds = seconds
    }

    package var isEmpty: Bool { self == Demands() }

    /// One sentence for each demand that is not met.
    package func unmet(by tally: Tally, took: Duration) -> [String] {
        var sentences: [String] = []
        func atLeast(_ least: Int?, _ found: Int, _ what: String) {
            guard let least, found < least else { return }
            sentences.append(
                "The run contains \(found) \(what) and must contain \(least): it proves less than it should."
            )
        }
        atLeast(payments, tally.payments, "payments")
        atLeast(faults, tally.faultCount, "faults")
        atLeast(hours, Int(tally.simulated / Span.hour), "simulated hours")
        if let seconds, took > .seconds(seconds) {
            let needed = took.components.seconds + 1
            sentences.append("The run took \(needed) s and must end within \(seconds) s.")
        }
        return sentences
    }
}
