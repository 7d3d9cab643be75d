/// What the lights must say (interfaces, 4): told on every change, decided in one place.
///
/// Out of service is what keeps the kiosk from doing the next thing for whoever stands there. Without a sale, or before it
/// is stored, that is any reason not to sell; while a code is wanted, whatever keeps it from being read or taken. A verdict
/// that is awaited and goods that are owed are still served: their payer must see how it ends (rule G3).
extension Till {
    mutating func showResult(_ situation: LightSituation) {
        let until = now.boot + Timing.resultLight
        resultLight = (situation, until)
        arm(.resultLight, at: until)
    }

    mutating func showLights() {
        let situation = situation
        // Approved, covered by a fault, is old when the fault is gone: the next payer would take it for theirs. Declined goes
        // on for what is left of its time: a network that comes back in that moment must not keep it from its payer.
        if situation == .outOfService, resultLight?.situation == .approved { resultLight = nil }
        keep(.codesAgain, armedFor: situation == .quiet ? codesFrom : nil)
        let display = LightDisplay(situation, needsTechnician: needsTechnician)
        guard display != shown else { return }
        shown = display
        actions.append(.show(display))
    }

    private var situation: LightSituation {
        switch sale?.phase {
        case nil, .opening:
            guard reasons.isEmpty else { return .outOfService }
            return resultLight?.situation ?? (isResting ? .quiet : .ready)
        case .awaitingCode:
            if reasons.contains(where: \.withdrawsInvitation) { return .outOfService }
            return resultLight?.situation ?? .presentCode
        case .declining, .declined:
            if reasons.contains(where: \.withdrawsInvitation) { return .outOfService }
            return resultLight?.situation ?? (isResting ? .quiet : .presentCode)
        case .attempting, .paying:
            return .busy
        case .paid, .claiming, .delivering, .completing, .ending:
            return resultLight?.situation ?? .quiet
        }
    }

    /// Whether a code shown now would be dropped without a word: the lights must not ask for one.
    private var isResting: Bool {
        if case .declining = sale?.phase { return true }
        return codesFrom != nil
    }

    /// When codes are taken again, if only time has to pass: after a refusal (rule B4), and while the scanner of a
    /// fixed-price kiosk rests (interfaces, 2).
    private var codesFrom: BootTime? {
        let from: BootTime? =
            switch sale?.phase {
            case nil: restEnds
            case .declined(let pauseEnds): pauseEnds
            default: nil
            }
        return from.flatMap { now.boot < $0 ? $0 : nil }
    }

    /// Still sells, but somebody should come (interfaces, 4, overlay).
    private var needsTechnician: Bool {
        service.devices[.printer] == .needsAttention || service.devices[.printer] == .failed
            || isNearRiskLimit || revokes.numbers.forPerson > 0 || sale?.isUnreported == true
    }
}
