internal import Payments
internal import Synchronization

/// Brings the machine's answers to the calls that wait for them.
final class AnswerBoard: Sendable {
    private struct State {
        var next: UInt64 = 1
        var waiting: [RequestID: CheckedContinuation<Answer, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Waits for the answer to the call that `ask` reports. Every call is answered: at once or by its commit.
    func answer(to ask: (RequestID) -> Void) async -> Answer {
        await withCheckedContinuation { continuation in
            let id = state.withLock { state in
                let id = RequestID(state.next)
                state.next += 1
                state.waiting[id] = continuation
                return id
            }
            ask(id)
        }
    }

    func give(_ answer: Answer, to request: RequestID) {
        state.withLock { $0.waiting.removeValue(forKey: request) }?.resume(returning: answer)
    }
}
