/// What the lights must say (interfaces, 4): told on every change, decided in one place.
extension Till {
    mutating func showResult(_ situation: LightSituation) {
        let until = now.boot + Timing.resultLight
        resultLight = (situation, until)
        arm(.resultLight, at: until)
    }

    mutating func showLights() {
        // Approved, covered by a fault, is old when the fault is gone: the next payer would take it for theirs. Declined goes
        // on for what is left of its time: a network that comes back in that moment must not keep it from its payer.
        if situation == .outOfService, resultLight?.situation == .approved { resultLight = nil }
        let display = LightDisplay(situation, needsTechnician: needsTechnician)
        guard display != shown else { return }
        shown = display
        actions.append(.show(display))
    }

    private var situation: LightSituation {
        if service.isStopping, sale == nil { return .outOfService }
        guard let sale else {
            if !reasons.isEmpty { return .outOfService }
            return resultLight?.situation ?? .ready
        }
        switch sale.phase {
        case .attempting, .paying:
            return .busy
        case .opening, .awaitingCode, .declining, .declined:
            return resultLight?.situation ?? .presentCode
        case .paid, .claiming, .delivering, .completing, .ending:
            return resultLight?.situation ?? .dispensing
        }
    }

    /// Still sells, but somebody should come (interfaces, 4, overlay).
    private var needsTechnician: Bool {
        service.devices[.printer] == .needsAttention || service.devices[.printer] == .failed
            || isNearRiskLimit || revokes.numbers.forPerson > 0
    }
}
