/// Why the kiosk cannot start a sale. The words appear in status, `reasons` and the log.
package enum OutOfServiceReason: String, Hashable, Sendable, CaseIterable {
    case stopping
    /// A row could not be committed (rule A3).
    case storage
    /// The journal may be a copy; a person must adopt it (rule A5).
    case adoption = "journal-adoption"
    /// The journal is damaged; a person must recover it (rule A6).
    case damage = "journal-damaged"
    /// No probe has succeeded since the start (rule B7).
    case unproven = "not-proven"
    /// A probe found the kiosk's own configuration at fault (rule B7).
    case configuration
    /// The platform cannot be reached (rule B10).
    case network
    case scanner
    /// The printer cannot print and the kiosk does not sell without one.
    case printer
    /// Too much money is unsettled (rule C7).
    case risk
    /// A technician has the door open.
    case maintenance

    /// Whether a sale that is already under way takes no code either. A scanner that has just read one works; a technician
    /// who opens the door lets the payer finish; and a submit that does not reach the platform is void and wastes no code
    /// (rule B5), while the network may be back before that is known here.
    var stopsCodes: Bool {
        switch self {
        case .stopping, .storage, .adoption, .damage, .unproven, .configuration, .printer, .risk:
            true
        case .network, .scanner, .maintenance: false
        }
    }

    /// Whether the payer of a sale that is under way must not be asked for a code: it would not be taken, or could not be
    /// read.
    var withdrawsInvitation: Bool { stopsCodes || self == .scanner }
}

/// Devices whose absence the machine must know of.
package enum Device: String, Hashable, Sendable, CaseIterable {
    case scanner
    case printer
}

/// How a device is doing, as far as a sale is concerned.
package enum DeviceCondition: Hashable, Sendable {
    case working
    /// Works, but a technician is wanted soon (paper low).
    case needsAttention
    /// Cannot do its work.
    case failed
}

/// Whether a technician has taken the kiosk out of service.
package enum ServiceMode: String, Hashable, Sendable, CaseIterable {
    case normal
    case maintenance
}

/// What is known of the journal at the start (rules A5, A6).
package enum JournalCustody: Hashable, Sendable {
    /// Ours, as we left it.
    case own
    /// A copy, a restored backup, another machine's, or one that is lost: what happened since may not be in it. Nothing is
    /// sold, revoked or refunded until ``TillEvent/journalAdopted``; open orders are looked at.
    case foreign
    /// Damaged and set aside: no row of it was read. Ends with the restart after `kioskpay journal recover`.
    case damaged
}
