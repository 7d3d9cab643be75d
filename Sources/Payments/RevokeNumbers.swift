/// The queue counted, kept true with every change so that nobody has to look at every order.
struct RevokeNumbers: Hashable {
    private(set) var count = 0
    /// In smallest units.
    private(set) var sum: Int64 = 0
    /// Of those that may hold money (rule C7).
    private(set) var countAtRisk = 0
    private(set) var sumAtRisk: Int64 = 0
    private(set) var parked = 0
    /// Parked, or flagged for a person's eye.
    private(set) var forPerson = 0

    mutating func add(_ machine: RevokeMachine) { change(machine, by: 1) }
    mutating func remove(_ machine: RevokeMachine) { change(machine, by: -1) }

    private mutating func change(_ machine: RevokeMachine, by sign: Int) {
        let amount = machine.attempt.amount.minorUnits * Int64(sign)
        count += sign
        sum += amount
        if machine.holdsMoney {
            countAtRisk += sign
            sumAtRisk += amount
        }
        if machine.isParked { parked += sign }
        if machine.isParked || machine.row.needsPerson { forPerson += sign }
    }
}

/// The revoke queue for status.
package struct RevokeQueueStatus: Hashable, Sendable {
    /// Whether steps start.
    package enum Activity: Hashable, Sendable {
        case running
        /// Nothing gets through; a probe asks now and then (rule C4).
        case waitingForNetwork
        /// A fault of our own configuration (rule B7); resumed by a good probe.
        case paused(ConfigurationFault)
        /// The journal may not be ours (rule A5): orders are only looked at.
        case lookingOnly

        /// A stable word for status.
        package var word: String {
            switch self {
            case .running: "running"
            case .waitingForNetwork: "waiting-for-network"
            case .paused: "paused"
            case .lookingOnly: "looking-only"
            }
        }

        /// What pauses it; `nil` where nothing of ours does.
        package var fault: ConfigurationFault? {
            if case .paused(let fault) = self { fault } else { nil }
        }
    }

    /// Every order, refused and parked ones included.
    package let count: Int
    /// In smallest units.
    package let sum: Int64
    /// When the oldest of them was decided; `nil` when there is none.
    package let oldest: Moment?
    /// Orders that a person must settle.
    package let parked: Int
    package let activity: Activity
}
