internal import Payments

/// What the lights do from now on: the display asked for, played in time. Pure: times go in, levels
/// come out.
///
/// A result (approved, declined) is seen for its three seconds: what ranks below it waits for that,
/// what ranks above it comes at once. Afterwards a result goes dark by itself, so that "approved"
/// never stays lit for the next customer.
struct LightScore {
    private var situation = LightSituation.outOfService
    private var since: BootTime
    /// What follows the result being shown: at most one more result and one lasting situation.
    private var following: [LightSituation] = []
    private var technicianSince: BootTime?

    /// Begins out of service, before anything is known.
    init(at now: BootTime) { since = now }

    mutating func displayChanged(to display: LightDisplay, at now: BootTime) {
        timePassed(to: now)
        if !display.needsTechnician {
            technicianSince = nil
        } else if technicianSince == nil {
            technicianSince = now
        }
        let isShowingResult = resultEnds.map { now < $0 } ?? false
        if isShowingResult, Self.rank(display.situation) >= Self.rank(situation) {
            follow(with: display.situation)
        } else if display.situation != situation || resultEnds != nil {
            situation = display.situation
            since = now
            following = []
        }
    }

    /// Moves on from a result whose time is over to what follows it.
    mutating func timePassed(to now: BootTime) {
        while let end = resultEnds, now >= end, !following.isEmpty {
            situation = following.removeFirst()
            since = end
        }
    }

    func levels(at now: BootTime) -> LightLevels {
        var levels = LightPattern(for: situation).levels(after: now - since)
        if let technicianSince, situation != .outOfService {
            levels[.fault] = LightPattern.technician.isLit(after: now - technicianSince)
        }
        return levels
    }

    /// When ``levels(at:)`` next gives something else; `nil` if it stays as it is.
    func nextChange(after now: BootTime) -> BootTime? {
        let pattern = LightPattern(for: situation).nextChange(after: now - since).map { since + $0 }
        guard let technicianSince, situation != .outOfService,
            let overlay = LightPattern.technician.nextChange(after: now - technicianSince)
        else { return pattern }
        let overlayTime = technicianSince + overlay
        return pattern.map { min($0, overlayTime) } ?? overlayTime
    }

    private var resultEnds: BootTime? {
        LightPattern(for: situation).lasts.map { since + $0 }
    }

    private mutating func follow(with next: LightSituation) {
        guard next != following.last ?? situation else { return }
        following.removeAll { LightPattern(for: $0).lasts == nil || $0 == next }
        // The same result again needs no second time on the lights; what follows it is gone with
        // the line above.
        if next != situation { following.append(next) }
    }

    /// The order of the table, highest first.
    private static func rank(_ situation: LightSituation) -> Int {
        switch situation {
        case .outOfService: 0
        case .busy: 1
        case .approved: 2
        case .declined: 3
        case .presentCode: 4
        case .ready: 5
        case .quiet: 6
        }
    }
}
