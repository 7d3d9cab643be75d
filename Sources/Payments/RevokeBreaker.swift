/// Whether revoke steps get through at all (rule C4). While it is open none starts; a probe asks now and then, since a word
/// that the network is away may be wrong.
package struct RevokeBreaker: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case closed
        /// The next probe may start at `probeAt`; `pause` lies before it.
        case open(since: BootTime, probeAt: BootTime, pause: Duration)
    }

    package private(set) var state: State
    private let firstPause: Duration
    private let longestPause: Duration

    /// Open from the start: nothing has got through yet, and a street of kiosks that get their power back must not rush.
    init(openAt now: BootTime, timing: Timing) {
        firstPause = timing.breakerProbe
        longestPause = timing.breakerProbeCap
        state = .open(since: now, probeAt: now + firstPause, pause: firstPause)
    }

    package var isOpen: Bool { state != .closed }

    /// When to probe; `nil` while closed.
    var probeAt: BootTime? {
        if case .open(_, let probeAt, _) = state { probeAt } else { nil }
    }

    mutating func open(at now: BootTime) {
        guard state == .closed else { return }
        state = .open(since: now, probeAt: now + firstPause, pause: firstPause)
    }

    /// A probe got no reply.
    mutating func probeFailed(at now: BootTime) {
        guard case .open(let since, _, let pause) = state else { return }
        let longer = min(pause * 2, longestPause)
        state = .open(since: since, probeAt: now + longer, pause: longer)
    }

    /// A person wants to know now.
    mutating func probeSoon(at now: BootTime) {
        guard case .open(let since, _, let pause) = state else { return }
        state = .open(since: since, probeAt: now, pause: pause)
    }

    /// - Returns: whether it was open for so long that steps have piled up.
    mutating func close(at now: BootTime) -> Bool {
        guard case .open(let since, _, _) = state else { return false }
        state = .closed
        return now - since >= firstPause
    }
}
