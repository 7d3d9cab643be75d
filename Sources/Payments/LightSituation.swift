/// What the lights must say, highest first (interfaces, 4). The patterns belong to `Devices`.
package enum LightSituation: String, Hashable, Sendable, CaseIterable {
    case outOfService = "out-of-service"
    case busy
    case approved
    case declined
    case presentCode = "present-code"
    case ready
    /// Nothing to say, and no code is taken: the goods are being released, or the scanner rests.
    case quiet
}

/// What the lights show: one situation, and beside it whether a technician is wanted though the kiosk still sells.
package struct LightDisplay: Hashable, Sendable {
    package let situation: LightSituation
    package let needsTechnician: Bool

    package init(_ situation: LightSituation, needsTechnician: Bool = false) {
        self.situation = situation
        self.needsTechnician = needsTechnician
    }
}
