internal import Journal
internal import Payments

/// What people are told of the journal (rules A5, A6).
extension Shell {
    var journalStatus: JournalStatus {
        let journal = parts.journal
        switch look({ $0.custody }) {
        case .own: return JournalStatus(.own)
        case .foreign: return JournalStatus(.foreign, detail: journal.adoptionSentence)
        case .damaged: return JournalStatus(.damaged, detail: journal.damageSentence)
        }
    }
}

extension Journal {
    /// What the machine is told of the journal at the start.
    var custody: JournalCustody {
        if damage != nil { return .damaged }
        return origin == .same && !isAdoptionPending ? .own : .foreign
    }

    var adoptionSentence: String {
        guard case .differs(let reason) = origin else {
            return "The journal was adopted, and its open orders are being taken over."
        }
        return """
            The journal may be a copy (\(reason)): no sale starts, and its open orders are looked at, not \
            revoked or refunded; run `kioskpay journal adopt` on the one kiosk that it belongs to.
            """
    }

    var damageSentence: String {
        if let damage {
            return """
                The journal is damaged and set aside in \(damage.folders.joined(separator: ", ")): no sale \
                starts, orders that were open in it wait, and nothing is deleted; stop kioskpayd and run \
                `kioskpay journal recover`. The damage: \(damage.reason)
                """
        }
        return """
            Part of the journal cannot be read: no sale starts, and what is open is still settled; stop \
            kioskpayd and run `kioskpay journal recover`. The damage: \(damageMet ?? "not known")
            """
    }
}
