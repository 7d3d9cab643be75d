import Synchronization

/// Notes damage that is met while the journal is in use, once: in the directory, so that the next start sets the journal
/// aside, and to whoever watches (rule A6).
final class DamageWatch: Sendable {
    private let directory: Directory
    private let state = Mutex(State())

    private struct State {
        var found: String?
        var tell: (@Sendable (String) -> Void)?
    }

    init(_ directory: Directory) { self.directory = directory }

    /// `nil` while nothing was met.
    var met: String? { state.withLock(\.found) }

    func note(_ error: JournalError) {
        if error.kind == .damaged { found(error.description) }
    }

    /// From any thread that may block.
    func found(_ what: String) {
        let (isFirst, tell) = state.withLock { state in
            let isFirst = state.found == nil
            if isFirst { state.found = what }
            return (isFirst, state.tell)
        }
        guard isFirst else { return }
        // On storage that takes nothing any more the next start finds the damage again by itself.
        try? directory.replace(directory.suspicion, with: what)
        tell?(what)
    }

    /// `tell` runs once, at once if damage was met already, on whichever thread meets it: it must be quick.
    func onDamage(_ tell: @escaping @Sendable (String) -> Void) {
        let found = state.withLock { state in
            state.tell = tell
            return state.found
        }
        if let found { tell(found) }
    }
}
