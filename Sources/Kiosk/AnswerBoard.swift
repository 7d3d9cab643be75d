internal import Payments
internal import Synchronization

/// Brings the machine's answers to the calls that wait for them.
final class AnswerBoard: Sendable {
    /// How long a call waits for its answer, which waits for the journal: far longer than storage that works ever takes,
    /// and shorter than the usual patience of an HTTP client.
    static let usualPatience = Duration.seconds(10)

    let patience: Duration

    private struct State {
        var next: UInt64 = 1
        var waiting: [RequestID: BoundedWait<Answer>] = [:]
    }

    private let state = Mutex(State())

    init(patience: Duration = AnswerBoard.usualPatience) {
        self.patience = patience
    }

    /// Waits for the answer to the call that `ask` reports. Every call is answered, at once or by its commit; a commit that
    /// takes too long is not waited for, and its answer is dropped when it comes.
    ///
    /// - Throws: ``NoAnswer`` when ``patience`` is over.
    func answer(to ask: (RequestID) -> Void) async throws -> Answer {
        let id = state.withLock { state in
            defer { state.next += 1 }
            return RequestID(state.next)
        }
        defer { state.withLock { $0.waiting[id] = nil } }
        return try await BoundedWait.value(within: patience) { wait in
            state.withLock { $0.waiting[id] = wait }
            ask(id)
        }
    }

    /// - Returns: whether the call still waits. One that has given up is not kept, and the answer is dropped.
    func give(_ answer: Answer, to request: RequestID) -> Bool {
        guard let wait = state.withLock({ $0.waiting[request] }) else { return false }
        wait.end(with: .success(answer))
        return true
    }
}
