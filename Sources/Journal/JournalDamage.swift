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
}
