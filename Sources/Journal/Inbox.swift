import Synchronization

/// What waits for one thread of ours, first in, first out. The thread sleeps while there is
/// nothing.
final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var isClosed = false
        var takerSleeps = false
    }

    private let state = Mutex(State())
    private let arrival = Semaphore()

    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// Adds `element`, or `substitute` in its place when `capacity` elements already wait.
    /// False if nothing was added: the inbox is closed, or it is full and there is no substitute.
    @discardableResult
    func put(_ element: Element, whenFull substitute: Element? = nil) -> Bool {
        let (added, wake) = state.withLock { state in
            let fits = state.waiting.count < capacity
            guard !state.isClosed, let element = fits ? element : substitute else {
                return (false, false)
            }
            state.waiting.append(element)
            defer { state.takerSleeps = false }
            return (true, state.takerSleeps)
        }
        if wake { arrival.signal() }
        return added
    }

    /// Waits for elements and takes as many of the first ones as `count` says, at least one.
    /// `nil` once the inbox is closed and empty.
    func take(_ count: ([Element]) -> Int) -> [Element]? {
        while true {
            let (taken, isOver) = state.withLock { state -> ([Element], Bool) in
                guard !state.waiting.isEmpty else {
                    state.takerSleeps = !state.isClosed
                    return ([], state.isClosed)
                }
                let count = min(max(1, count(state.waiting)), state.waiting.count)
                defer { state.waiting.removeFirst(count) }
                return (Array(state.waiting.prefix(count)), false)
            }
            if isOver { return nil }
            if !taken.isEmpty { return taken }
            arrival.wait()
        }
    }

    /// Takes in nothing more; what waits is still handed out.
    func close() {
        let wake = state.withLock { state in
            state.isClosed = true
            defer { state.takerSleeps = false }
            return state.takerSleeps
        }
        if wake { arrival.signal() }
    }
}
