import Synchronization

/// What happened so far, for tests that wait until something has happened.
final class Log<Entry: Sendable>: Sendable {
    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    private struct Waiter {
        let number: Int
        let isSatisfied: @Sendable ([Entry]) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var entries: [Entry] = []
        var waiters: [Waiter] = []
        var lastNumber = 0
    }

    private let state = Mutex(State())

    var entries: [Entry] { state.withLock { $0.entries } }

    func add(_ entry: Entry) {
        let ready = state.withLock { state in
            state.entries.append(entry)
            let entries = state.entries
            let ready = state.waiters.filter { $0.isSatisfied(entries) }
            state.waiters.removeAll { waiter in ready.contains { $0.number == waiter.number } }
            return ready
        }
        for waiter in ready { waiter.continuation.resume(returning: true) }
    }

    /// Returns what there is as soon as it satisfies the condition; throws after the time limit.
    @discardableResult
    func wait(
        within limit: Duration = .seconds(10),
        until isSatisfied: @escaping @Sendable ([Entry]) -> Bool
    ) async throws -> [Entry] {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let alarm = Task {
            try await Task.sleep(for: limit)
            let late = self.state.withLock { state in
                let late = state.waiters.first { $0.number == number }
                state.waiters.removeAll { $0.number == number }
                return late
            }
            late?.continuation.resume(returning: false)
        }
        let isInTime = await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if isSatisfied(state.entries) { return true }
                state.waiters.append(
                    Waiter(number: number, isSatisfied: isSatisfied, continuation: continuation))
                return false
            }
            if isReady { continuation.resume(returning: true) }
        }
        alarm.cancel()
        guard isInTime else {
            throw TimedOut(description: "after \(limit) there was only \(entries)")
        }
        return entries
    }

    /// Returns the first entry once there is one.
    func first(within limit: Duration = .seconds(10)) async throws -> Entry {
        try await wait(within: limit) { !$0.isEmpty }[0]
    }
}
