import Glibc

/// Damaged journals that were set aside and are not recovered yet (rule A6).
package struct JournalDamage: Hashable, Sendable {
    /// Where they lie, the oldest first.
    package let folders: [String]
    /// What was found in the last of them, for a person.
    package let reason: String

    init?(_ remains: [Remains]) {
        guard let last = remains.last else { return nil }
        folders = remains.map(\.path)
        reason = last.reason
    }
}

extension Directory {
    /// What an earlier run found while the journal was in use; `nil` if nothing.
    func suspectedDamage() throws(JournalError) -> String? {
        guard let text = try text(of: suspicion) else { return nil }
        return text.split(separator: "\n").first.map(String.init)
            ?? "damage was met while it was in use"
    }

    /// Whether a look at the whole of it, read anew, finds nothing. A disk that fails in the midst of a run can make SQLite
    /// call a file malformed that is as it should be; to set that one aside would only stop the sales.
    func isSound() throws(JournalError) -> Bool {
        guard try problem() == nil else { return false }
        do throws(JournalError) {
            let database = try Database.open(self.database, for: .writing)
            try database.migrate()
            let check = IntegrityCheck(database, pause: .zero, stop: StopSignal())
            check.run()
            return check.report.isComplete && check.report.problems.isEmpty
        } catch {
            guard error.kind == .damaged else { throw error }
            return false
        }
    }

    func forgetSuspicion() throws(JournalError) {
        // The path outlives the call.
        guard unsafe unlink(suspicion) == 0 || errno == ENOENT else {
            throw .system(suspicion, errno)
        }
        try sync()
    }
}
