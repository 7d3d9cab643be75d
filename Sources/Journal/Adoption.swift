import Payments

/// A person vouches for a journal that differs from what is kept outside it (rule A5).
struct Adoption: Sendable {
    let directory: Directory
    let machineID: String
    /// Who it was (rule G2).
    let person: String
    let now: Moment

    /// Makes the journal this machine's own; the identity from then on. Does nothing to one that is its own already.
    ///
    /// The file outside is set first, to a number that the journal does not have yet, whichever machine it names: until the
    /// one transaction is on the disk the journal differs as before, and from then on it is adopted. A power cut at any
    /// instant leaves one or the other.
    func store(
        in database: borrowing Database,
        after identity: Identity,
    ) throws(JournalError) -> Identity {
        let outside = try directory.text(of: directory.starts)
        let origin = JournalOrigin(
            stored: identity,
            outside: outside,
            machineID: machineID,
            isPutBack: directory.isPutBack
        )
        // Asked for twice.
        guard origin != .same else { return identity }
        let counted = StartsFile(text: outside, machineID: machineID)?.starts ?? 0
        var adopted = identity
        adopted.machine = machineID
        adopted.starts = max(counted, identity.starts) + 1
        adopted.isAdoptionPending = true
        let file = StartsFile(starts: adopted.starts, machine: machineID)
        try directory.replace(directory.starts, with: file.text)
        try directory.noteBirth()
        try database.transaction { () throws(JournalError) in
            try CustodyRow.store(
                .adopted,
                by: person,
                detail: "\(identity.starts) starts of machine \(identity.machine)",
                at: now,
                eventID: database.integer("SELECT max(id) FROM events") ?? 0,
                in: database
            )
            try adopted.store(in: database)
        }
        return adopted
    }
}
