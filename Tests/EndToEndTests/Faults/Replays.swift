import Testing

/// Plays again what did not come to pass: how often something is asked, and what crosses what, differs a little from play to
/// play.
enum Replays {
    /// How often a place is played at most.
    static let most = 6

    /// Plays each place until `play` says that it was reached; those that never were.
    static func run<Place>(
        _ places: [Place],
        _ play: (Place) throws -> Bool,
    ) rethrows -> [Place] {
        var left = places
        for _ in 0..<most where !left.isEmpty { left = try left.filter { try !play($0) } }
        return left
    }
}

/// How far the visits of a walk reach: a few are measured with which nothing goes wrong.
struct Reach: Sendable {
    private static let visits = 3

    let counts: [Int]
    /// As far as every visit came, a walk must come too.
    var sure: Int { counts.min() ?? 0 }
    /// As far as one visit came, a walk tries to come.
    var most: Int { counts.max() ?? 0 }

    init(_ visit: () throws -> Int) rethrows {
        counts = try (0..<Self.visits).map { _ in try visit() }
    }

    /// Says how much of the walk came to pass, and finds fault with a place that every visit passes and no play reached.
    func report(_ walk: String, places: [Int], missed: [Int]) {
        print(
            "\(walk): reached \(places.count - missed.count) of \(places.count) places"
                + ", visits of \(counts)" + (missed.isEmpty ? "" : ", never \(missed)")
        )
        let wrong = missed.filter { $0 <= sure }
        #expect(wrong.isEmpty, "\(walk): never reached \(wrong), and every visit comes to \(sure)")
    }
}
