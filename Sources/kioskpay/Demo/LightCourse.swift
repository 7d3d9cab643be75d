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

    /// What a payer saw as the result.
    enum Result: String, Hashable, Sendable {
        case approved
        /// Refused first, then approved.
        case declinedThenApproved = "declined, approved"
        case declined
        /// The kiosk went out of service with the verdict open.
        case fault
        case nothing
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

    var result: Result {
        let isApproved = !flashes(of: "approved").isEmpty
        let isDeclined = !flashes(of: "declined").isEmpty
        switch (isApproved, isDeclined) {
        case (true, true): return .declinedThenApproved
        case (true, false): return .approved
        case (false, true): return .declined
        case (false, false): return flashes(of: "fault").isEmpty ? .nothing : .fault
        }
    }

    /// Everything that differs from a course with this result.
    ///
    /// - Parameter mayBlink: whether the verdict took long enough for `busy` to flash more than once.
    func problems(expecting expected: Result, mayBlink: Bool) -> [String] {
        var problems: [String] = []
        if result != expected {
            problems.append("lights show \(result.rawValue), expected \(expected.rawValue)")
        }
        problems += flashProblems + busyProblems(mayBlink: mayBlink)
        switch expected {
        case .approved:
            problems += steadyProblems("approved") + orderProblems("busy", before: "approved")
        case .declinedThenApproved:
            problems += steadyProblems("approved") + orderProblems("declined", before: "approved")
            problems += orderProblems("busy", before: "declined")
        case .declined:
            problems += steadyProblems("declined") + orderProblems("busy", before: "declined")
        case .fault:
            problems += orderProblems("busy", before: "fault")
        case .nothing:
            break
        }
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
