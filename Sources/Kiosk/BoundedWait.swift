internal import Synchronization

/// Waits for one value that somebody else brings, and never for ever: the value or the end of patience, whichever comes
/// first. What comes later is dropped.
final class BoundedWait<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        var watch: Task<Void, Never>?
    }

    private let state: Mutex<State>

    private init(_ continuation: CheckedContinuation<Value, any Error>) {
        state = Mutex(State(continuation: continuation))
    }

    /// - Parameters:
    ///   - limit: the patience.
    ///   - begin: starts what brings the value through ``end(with:)``; must not block.
    /// - Throws: ``NoAnswer`` when the patience is over, else what the bringer failed with.
    static func value(
        within limit: Duration,
        _ begin: (BoundedWait) -> Void,
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let wait = BoundedWait(continuation)
            wait.watch(limit)
            begin(wait)
        }
    }

    /// Only the first call has an effect; from any thread.
    func end(with result: Result<Value, any Error>) {
        let (continuation, watch) = state.withLock { state in
            defer { state = State() }
            return (state.continuation, state.watch)
        }
        watch?.cancel()
        continuation?.resume(with: result)
    }

    private func watch(_ limit: Duration) {
        let watch = Task {
            // Cancelled when the value came first.
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            end(with: .failure(NoAnswer()))
        }
        let isOver = state.withLock { state in
            if state.continuation != nil { state.watch = watch }
            return state.continuation == nil
        }
        if isOver { watch.cancel() }
    }
}
