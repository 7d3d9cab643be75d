import Sandbox

/// What the lights did during a stretch of their trace, and what is wrong with it (interfaces, 4). Pure.
struct LightCourse: Hashable, Sendable {
    /// One time that a light was lit.
    struct Flash: Hashable, Sendable {
        /// Milliseconds on the boot clock.
        let on: Int64
        /// `nil` if it was still lit at the end.
        let off: Int64?

        var length: Int64? { off.map { $0 - on } }
    }

    /// What a payer must have seen as the result.
    enum Result: Hashable, Sendable {
        case approved
        /// Refused first, then approved.
        case declinedThenApproved
        case declined
        /// Out of service with the verdict open; should the network return early, the result is shown after all. Fault
        /// was lit in any case, be it for too short a time to count as seen.
        case outOfService

        /// Lights in the order in which they first came on.
        var accepted: [[String]] {
            switch self {
            case .approved: [["approved"]]
            case .declinedThenApproved: [["declined", "approved"]]
            case .declined: [["declined"]]
            case .outOfService: [["fault"], ["fault", "declined"], ["declined"]]
            }
        }
    }

    private static let shortestPeriod: Int64 = 500
    /// A line is written up to this long after the light was switched, on a busy machine.
    private static let slack: Int64 = 100
    private static let resultLength: Int64 = 3000
    private static let resultSlack: Int64 = 700
    private static let blinkLength: Int64 = 500
    private static let blinkSlack: Int64 = 400

    private let flashes: [String: [Flash]]

    /// - Parameter start: the first millisecond that counts; what was lit before is not this stretch's.
    init(_ changes: [LightTrace.Change], from start: Int64 = .min) {
        var flashes: [String: [Flash]] = [:]
        var lit: [String: Int64] = [:]
        for change in changes where change.milliseconds >= start {
            if change.isLit {
                lit[change.name] = lit[change.name] ?? change.milliseconds
            } else if let on = lit.removeValue(forKey: change.name) {
                flashes[change.name, default: []].append(Flash(on: on, off: change.milliseconds))
            }
        }
        for (name, on) in lit { flashes[name, default: []].append(Flash(on: on, off: nil)) }
        self.flashes = flashes
    }

    func flashes(of name: String) -> [Flash] { flashes[name] ?? [] }

    /// A result that something above it cut off at once was seen by nobody.
    private static let shortestSeen: Int64 = 500

    /// The results that were seen, in the order in which they came on.
    var results: [String] {
        ["approved", "declined", "fault"].compactMap { name in
            flashes(of: name).first { $0.length ?? .max >= Self.shortestSeen }.map { ($0.on, name) }
        }
        .sorted { $0 < $1 }.map(\.1)
    }

    /// Everything that differs from a course with this result.
    ///
    /// - Parameter mayBlink: whether the verdict took long enough for `busy` to flash more than once.
    func problems(expecting expected: Result, mayBlink: Bool) -> [String] {
        var problems: [String] = []
        if !expected.accepted.contains(results) {
            let seen = results.isEmpty ? "nothing" : results.joined(separator: ", ")
            let wanted = expected.accepted.map { $0.joined(separator: ", ") }
            problems.append("lights: \(seen), expected \(wanted.joined(separator: " or "))")
        }
        problems += flashProblems + busyProblems(mayBlink: mayBlink)
        switch expected {
        case .approved:
            problems += steadyProblems("approved") + orderProblems("busy", before: "approved")
        case .declinedThenApproved:
            problems += steadyProblems("declined") + orderProblems("busy", before: "declined")
            problems += steadyProblems("approved") + orderProblems("declined", before: "approved")
        case .declined:
            problems += steadyProblems("declined") + orderProblems("busy", before: "declined")
        case .outOfService:
            problems += orderProblems("busy", before: "fault")
        }
        let isPaid = expected == .approved || expected == .declinedThenApproved
        if !isPaid, !flashes(of: "approved").isEmpty { problems.append("approved was lit") }
        return problems
    }

    /// No light flashes faster than 2 Hz.
    var flashProblems: [String] {
        flashes.sorted { $0.key < $1.key }.flatMap { name, flashes in
            zip(flashes, flashes.dropFirst()).compactMap { first, second in
                let period = second.on - first.on
                guard period < Self.shortestPeriod - Self.slack else { return nil }
                return "\(name) flashed twice within \(period) ms, faster than 2 Hz"
            }
        }
    }

    /// `busy` blinks at 1 Hz: it is never lit for longer than half a second.
    private func busyProblems(mayBlink: Bool) -> [String] {
        let busy = flashes(of: "busy")
        var problems: [String] = []
        if busy.isEmpty { problems.append("busy was never lit") }
        if mayBlink, busy.count < 2 { problems.append("busy did not blink") }
        for flash in busy {
            guard let length = flash.length else {
                problems.append("busy is still lit")
                continue
            }
            if length > Self.blinkLength + Self.blinkSlack {
                problems.append("busy was lit for \(length) ms, not blinking at 1 Hz")
            }
        }
        return problems
    }

    /// A result is steady for about three seconds, once.
    private func steadyProblems(_ name: String) -> [String] {
        let times = flashes(of: name)
        guard times.count == 1, let length = times[0].length else {
            return ["\(name) was lit \(times.count) times or is still lit, expected once"]
        }
        guard abs(length - Self.resultLength) <= Self.resultSlack else {
            return ["\(name) was lit for \(length) ms, expected about \(Self.resultLength)"]
        }
        return []
    }

    private func orderProblems(_ first: String, before second: String) -> [String] {
        guard let early = flashes(of: first).first, let late = flashes(of: second).last,
            early.on <= late.on
        else { return ["\(first) was not lit before \(second)"] }
        return []
    }
}
