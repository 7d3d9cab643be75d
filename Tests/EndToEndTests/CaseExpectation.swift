import Sandbox

/// What the payment rules make of one case, written down by hand from the rules.
struct CaseExpectation: Sendable {
    /// How the sale goes and where the money is in the end.
    enum End: Sendable {
        /// Rule B1.
        case paid
        /// Rule B4: nothing was taken, the payer may show another code.
        case declined
        /// Rules B2, B3: the window is over, nothing was ever taken.
        case expired
        /// The window is over, what was taken came back.
        case expiredReturned
        /// The window is over, and whether the payer was quicker than the revoke is a matter of moments: nothing was
        /// taken, or it came back.
        case expiredUndone
        /// The window is over, what was taken cannot be revoked, and its refund does not go through: a person acts (rule C5).
        case heldForPerson

        var saleState: String {
            switch self {
            case .paid: "paid"
            case .declined: "declined"
            case .expired, .expiredReturned, .expiredUndone, .heldForPerson: "expired"
            }
        }

        var truth: String {
            switch self {
            case .paid: "paid"
            case .declined: "nothing-taken"
            case .expired, .expiredReturned, .expiredUndone, .heldForPerson: "not-known-yet"
            }
        }

        /// Whether the ledger's word on the money is right.
        func allows(isCharged: Bool, isReturned: Bool) -> Bool {
            switch self {
            case .paid, .heldForPerson: isCharged && !isReturned
            case .declined, .expired: !isCharged && !isReturned
            case .expiredReturned: isCharged && isReturned
            case .expiredUndone: isCharged == isReturned
            }
        }

        var keepsMoney: Bool { allows(isCharged: true, isReturned: false) }
    }

    let digits: String
    let end: End
    /// What the payer should do, where the rules say.
    var advice: String?

    var play: SandboxCase { SandboxCase(code: digits) }

    static let families = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]

    static let all: [Self] =
        these(.paid, "000", "001", "101", "102", "209", "301", "303", "305", "306")
        + these(.paid, "401", "404", "405", "406", "407", "409", "410", "411")
        + these(.paid, "502", "504", "505", "506", "507", "508", "509")
        + these(.paid, "701", "702", "704", "705", "706", "707")
        // The payer closed the page; the platform says so.
        + these(.declined, advice: "not-completed", "104")
        + these(.declined, advice: "other-card", "201", "205")
        + these(.declined, advice: "new-code", "202", "203", "204", "208")
        + these(.declined, advice: "other-wallet", "206")
        // The platform blames our configuration, the probe does not: merely refused (rule B7).
        + these(.declined, advice: "call-staff", "801", "802", "803", "804", "806")
        + these(.expired, "103", "107", "207", "302", "304", "402", "403", "408", "501", "503")
        + these(.expired, "601", "602", "603", "604", "605", "606", "607", "609", "703", "805")
        // Typed at the very moment of the revoke.
        + these(.expiredReturned, "106", "608", "611")
        // Too old to be revoked: refunded (rule C5).
        + these(.expiredReturned, "610", "901", "903", "904", "905")
        + these(.expiredUndone, "105")
        // The card is dead; the payer's account is closed.
        + these(.heldForPerson, "902", "906")

    private static func these(_ end: End, advice: String? = nil, _ digits: String...) -> [Self] {
        digits.map { Self(digits: $0, end: end, advice: advice) }
    }
}
