/// One measure taken many times.
struct Sample {
    private(set) var values: [Int64] = []

    mutating func add(_ value: Int64) { values.append(value) }

    var median: Int64? { percentile(50) }
    var p99: Int64? { percentile(99) }

    /// The smallest value that at least `percent` of all values do not exceed (nearest rank); `nil` without values.
    /// - Parameter percent: 1 to 100.
    func percentile(_ percent: Int) -> Int64? {
        guard !values.isEmpty else { return nil }
        let rank = (values.count * percent + 99) / 100
        return values.sorted()[rank - 1]
    }
}
