internal import Payments

/// How long to wait before a port is opened again: 0.25 s, doubled at each failure up to 5 s, without an end.
struct ReopenDelay {
    private static let shortest = Duration.milliseconds(250)
    private static let longest = Duration.seconds(5)
    private var current = shortest

    mutating func next() -> Duration {
        defer { current = min(current * 2, Self.longest) }
        return current
    }

    /// The port worked for a while, so that the next loss is a new one.
    mutating func reset() { current = Self.shortest }
}
