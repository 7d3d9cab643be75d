import Payments
import Synchronization

/// What the journal's threads know together.
final class Status: Sendable {
    private struct State {
        var failure: JournalError?
        var latestWall: WallTime?
    }

    private let state: Mutex<State>
    private let watch: DamageWatch

    init(latestWall: WallTime?, watch: DamageWatch) {
        state = Mutex(State(latestWall: latestWall))
        self.watch = watch
    }

    /// Why nothing is accepted any more; the first reason stays.
    var failure: JournalError? { state.withLock(\.failure) }

    var latestWall: WallTime? { state.withLock(\.latestWall) }

    /// Takes note of an error that nothing can be believed after.
    func note(_ error: JournalError) {
        guard error.isFinal else { return }
        state.withLock { $0.failure = $0.failure ?? error }
        watch.note(error)
    }

    func committed(_ latestWall: WallTime?) {
        state.withLock { $0.latestWall = latestWall }
    }
}
