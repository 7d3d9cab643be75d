/// Everything that can go wrong around a kiosk. Each seed draws which of them its world knows.
package enum Fault: Int, CaseIterable, Hashable, Sendable {
    // The network.
    case connectionFails
    case requestLost
    case requestDelayed
    case requestDuplicated
    case lastByteLate
    case replyLost
    case replyLate
    case falseAlarm
    case outage
    case longOutage
    case weekOutage
    case captivePortal

    // What arrives is not what was sent.
    case doesNotVerify
    case mismatch
    case garbage
    case gatewayError

    // The platform.
    case systemError
    case processedLate
    case refusedYetCharged
    case chargedBehindRefusal
    case orderDenied
    case queryFails
    case recall
    case reverseBusy
    case reverseLies
    case reverseFails
    case reverseRefused
    case refundFails
    case fundsLow
    case refundRefused
    case refundStuck
    case refundedByHand
    case certificateRefused
    case orderPoisoned
    case identityRefused

    // The disk.
    case commitSlow
    case commitAnsweredLate
    case commitFails
    case syncFails
    case diskFull
    case littleRoom
    case diskHangs
    case diskBroken
    case journalRestored
    case journalDamaged

    // Power and processes.
    case powerCut
    case longPowerCut
    case killed
    case clockUnset
    case clockJumps
    case timerLate

    // Devices and people.
    case scannerGone
    case printerGone
    case paperLow
    case maintenance
    case terminated
    case applicationSilent
    case applicationLate
    case applicationRepeats
    case applicationRestarts
    case claimedTwice
    case undelivered
    case deliveredLate
    case cancelled
    /// The disk takes a person's word, and not the rows that are taken over on it.
    case adoptionCramped

    /// Whether what comes of it can leave any order in a person's hands. Other faults concern one order: goods that nobody
    /// reported, a revoke or refund that the platform refuses for good (``OrderFile/isForPerson``).
    var needsPerson: Bool {
        switch self {
        case .weekOutage, .journalRestored, .journalDamaged: true
        default: false
        }
    }

    /// How often it strikes where it is possible and the seed knows it, out of a million chances.
    var rate: UInt64 {
        switch self {
        case .connectionFails, .requestLost, .requestDelayed, .replyLost, .replyLate: 30_000
        case .requestDuplicated, .lastByteLate, .timerLate: 30_000
        case .doesNotVerify, .mismatch, .garbage, .gatewayError: 15_000
        case .systemError, .processedLate, .queryFails, .orderDenied: 30_000
        case .refusedYetCharged, .chargedBehindRefusal: 15_000
        case .recall, .reverseBusy, .reverseLies, .reverseFails: 60_000
        case .reverseRefused: 100_000
        case .refundFails: 150_000
        case .fundsLow, .refundRefused, .refundStuck: 300_000
        case .commitSlow, .commitAnsweredLate: 20_000
        case .commitFails, .syncFails: 2_000
        case .powerCut: 2_000
        case .killed: 1_000
        case .longPowerCut: 300
        // The rest strikes at a visit.
        case .falseAlarm, .outage, .paperLow, .printerGone, .scannerGone, .clockJumps: 20_000
        case .captivePortal, .diskFull, .littleRoom, .diskHangs, .maintenance, .terminated: 10_000
        case .certificateRefused, .identityRefused: 4_000
        case .refundedByHand: 200_000
        case .orderPoisoned: 15_000
        case .longOutage, .diskBroken: 1_500
        case .journalRestored: 12_000
        case .journalDamaged: 3_000
        case .weekOutage: 500
        case .clockUnset, .adoptionCramped: 300_000
        case .applicationSilent, .applicationLate, .applicationRepeats, .claimedTwice: 50_000
        case .undelivered, .deliveredLate, .cancelled: 50_000
        case .applicationRestarts: 20_000
        }
    }

    /// The name in histories and summaries.
    package var word: String {
        switch self {
        case .connectionFails: "connection-fails"
        case .requestLost: "request-lost"
        case .requestDelayed: "request-delayed"
        case .requestDuplicated: "request-duplicated"
        case .lastByteLate: "last-byte-late"
        case .replyLost: "reply-lost"
        case .replyLate: "reply-late"
        case .falseAlarm: "network-falsely-reported"
        case .outage: "outage"
        case .longOutage: "long-outage"
        case .weekOutage: "week-long-outage"
        case .captivePortal: "captive-portal"
        case .doesNotVerify: "does-not-verify"
        case .mismatch: "mismatch"
        case .garbage: "garbage"
        case .gatewayError: "gateway-error"
        case .systemError: "system-error"
        case .processedLate: "processed-late"
        case .refusedYetCharged: "refused-yet-charged"
        case .chargedBehindRefusal: "charged-behind-refusal"
        case .orderDenied: "order-denied"
        case .queryFails: "query-fails"
        case .recall: "recall"
        case .reverseBusy: "reverse-busy"
        case .reverseLies: "reverse-lies"
        case .reverseFails: "reverse-fails"
        case .reverseRefused: "reverse-refused"
        case .refundFails: "refund-fails"
        case .fundsLow: "merchant-funds-low"
        case .refundRefused: "refund-refused"
        case .refundStuck: "refund-stuck"
        case .refundedByHand: "refunded-by-hand"
        case .certificateRefused: "certificate-refused"
        case .orderPoisoned: "certificate-refused-for-one-order"
        case .identityRefused: "identity-refused"
        case .commitSlow: "commit-slow"
        case .commitAnsweredLate: "commit-answered-late"
        case .commitFails: "commit-fails"
        case .syncFails: "refused-and-yet-kept"
        case .diskFull: "disk-full"
        case .littleRoom: "room-for-small-records"
        case .diskHangs: "disk-hangs"
        case .diskBroken: "disk-broken"
        case .journalRestored: "journal-restored"
        case .journalDamaged: "journal-damaged"
        case .powerCut: "power-cut"
        case .longPowerCut: "long-power-cut"
        case .killed: "killed"
        case .clockUnset: "clock-unset"
        case .clockJumps: "clock-jumps"
        case .timerLate: "timer-late"
        case .scannerGone: "scanner-gone"
        case .printerGone: "printer-gone"
        case .paperLow: "paper-low"
        case .maintenance: "maintenance"
        case .terminated: "terminated"
        case .applicationSilent: "application-silent"
        case .applicationLate: "application-late"
        case .applicationRepeats: "application-repeats"
        case .applicationRestarts: "application-restarts"
        case .claimedTwice: "claimed-twice"
        case .undelivered: "undelivered"
        case .deliveredLate: "delivered-late"
        case .cancelled: "cancelled"
        case .adoptionCramped: "adoption-cramped"
        }
    }
}
