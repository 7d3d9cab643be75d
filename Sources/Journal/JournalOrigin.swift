import Payments

/// Whether this journal is the one that this machine wrote last (rule A5).
package enum JournalOrigin: Hashable, Sendable {
    case same
    /// A restored backup, a cloned card, a journal that was lost. `reason` is half a sentence for a
    /// person.
    case differs(reason: String)
}

extension JournalOrigin {
    /// Compares the journal with what is kept outside it. `outside` is the text of the `starts`
    /// file, `nil` if missing.
    ///
    /// The journal counts first and the file follows, so after a power cut between the two the file
    /// is one behind. It is never ahead: a journal that is older than its file was put back from a
    /// copy.
    init(stored: Identity, outside: String?, machineID: String, isPutBack: Bool) {
        guard stored.machine == machineID else {
            self = .differs(reason: "the journal was written by another machine")
            return
        }
        guard let counted = StartsFile(text: outside, machineID: machineID) else {
            self = .differs(reason: "the file `starts` beside the journal cannot be read")
            return
        }
        if counted.machine != machineID {
            self = .differs(reason: "the file `starts` was written by another machine")
        } else if stored.starts < counted.starts {
            let missing = stored.starts == 0 ? "the journal is new" : "the journal is an older copy"
            self = .differs(
                reason: "\(missing): it knows \(stored.starts) starts of \(counted.starts)"
            )
        } else if stored.starts > counted.starts + 1 {
            self = .differs(
                reason: """
                    the file `starts` is missing or an older copy: it knows \(counted.starts) \
                    starts of \(stored.starts)
                    """
            )
        } else if isPutBack {
            self = .differs(
                reason: "its file is not the one that was written here: it was put back from a copy"
            )
        } else {
            self = .same
        }
    }
}

/// The start counter outside the journal: one line, the number and the machine's id.
struct StartsFile: Hashable {
    let starts: Int64
    let machine: String

    var text: String { "\(starts) \(machine)\n" }

    init(starts: Int64, machine: String) {
        self.starts = starts
        self.machine = machine
    }

    /// No file counts as no start of `machineID`. `nil` for a file that cannot be read.
    init?(text: String?, machineID: String) {
        guard let text else {
            self.init(starts: 0, machine: machineID)
            return
        }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let starts = Int64(parts[0]), starts > 0, parts[1].hasSuffix("\n")
        else { return nil }
        self.init(starts: starts, machine: String(parts[1].dropLast()))
    }
}

extension Directory {
    /// A database whose log is gone has lost its newest rows, perhaps without a trace: the count outside goes one ahead, so
    /// that the journal differs until a person adopts it (rule A5). Before SQLite makes a new log.
    func noteMissingLog(machineID: String) throws(JournalError) {
        guard Self.size(of: database) > 0, !Self.exists(log),
            let text = try text(of: starts),
            let counted = StartsFile(text: text, machineID: machineID), counted.machine == machineID
        else { return }
        try replace(
            starts,
            with: StartsFile(starts: counted.starts + 1, machine: machineID).text
        )
    }
}

/// Who the journal is, found out and counted once at every start.
struct Start {
    let origin: JournalOrigin
    let identity: Identity

    init(
        _ database: borrowing Database,
        in directory: Directory,
        machineID: String,
        now: Moment,
        isCounted: Bool = true,
    ) throws(JournalError) {
        let stored = try Identity.stored(in: database)
        var identity =
            stored ?? Identity(machine: machineID, starts: 0, latestWallMilliseconds: nil)
        let outside = try directory.text(of: directory.starts)
        origin = JournalOrigin(
            stored: identity,
            outside: outside,
            machineID: machineID,
            isPutBack: directory.isPutBack
        )
        // A journal that differs is not counted on: it must still differ at the next start. Nor is the empty one that stands in
        // for a damaged one, whose own count `journal recover` takes over.
        if origin == .same, isCounted {
            let counted = StartsFile(text: outside, machineID: machineID)?.starts ?? 0
            identity.starts = counted + 1
            identity.advance(to: now.wall)
            do {
                try identity.store(in: database)
                let file = StartsFile(starts: identity.starts, machine: machineID)
                try directory.replace(directory.starts, with: file.text)
                if !Directory.exists(directory.birth) { try directory.noteBirth() }
            } catch  where error.kind == .diskFull {
                // Open rows must be revoked on a full disk too; this start counts together with the
                // next one.
            }
        }
        self.identity = identity
    }
}
