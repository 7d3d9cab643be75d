internal import Payments

/// What one light does over time: a pure function of the time since the pattern began.
enum LightSignal: Hashable, Sendable {
    case steady
    /// On and off for the same time, beginning lit.
    case blink(half: Duration)

    /// One flash in a second.
    static let oncePerSecond = blink(half: .milliseconds(500))
    /// One flash in two seconds.
    static let slow = blink(half: .seconds(1))

    func isLit(after elapsed: Duration) -> Bool {
        switch self {
        case .steady: true
        case .blink(let half): elapsed.wholeNanoseconds / half.wholeNanoseconds % 2 == 0
        }
    }

    /// When, since the beginning, the light next changes; `nil` if never.
    func nextChange(after elapsed: Duration) -> Duration? {
        switch self {
        case .steady: nil
        case .blink(let half):
            .nanoseconds(
                (elapsed.wholeNanoseconds / half.wholeNanoseconds + 1) * half.wholeNanoseconds
            )
        }
    }
}

/// How a situation looks (interfaces, 4). Nothing flashes faster than 2 Hz, and no two situations
/// differ by colour alone.
struct LightPattern: Hashable, Sendable {
    /// `nil`: all dark.
    let light: LightName?
    let signal: LightSignal
    /// For how long a result is shown at least, and at most unless it is shown again; `nil` for a
    /// lasting situation.
    let lasts: Duration?

    init(for situation: LightSituation) {
        (light, signal, lasts) =
            switch situation {
            case .outOfService: (.fault, .steady, nil)
            case .busy: (.busy, .oncePerSecond, nil)
            case .approved: (.approved, .steady, .seconds(3))
            case .declined: (.declined, .steady, .seconds(3))
            case .presentCode: (.ready, .steady, nil)
            case .ready: (.ready, .slow, nil)
            case .quiet: (nil, .steady, nil)
            }
    }

    /// The overlay beside every situation but out of service: needs a technician, but still sells.
    static let technician = LightSignal.oncePerSecond

    func levels(after elapsed: Duration) -> LightLevels {
        if let lasts, elapsed >= lasts { return .dark }
        guard let light else { return .dark }
        return signal.isLit(after: elapsed) ? LightLevels([light]) : .dark
    }

    func nextChange(after elapsed: Duration) -> Duration? {
        if let lasts { return elapsed < lasts ? lasts : nil }
        return signal.nextChange(after: elapsed)
    }
}
