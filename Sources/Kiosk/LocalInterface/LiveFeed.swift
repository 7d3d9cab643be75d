package import Payments
import Synchronization

/// What event readers are told as it happens.
package enum LiveItem: Hashable, Sendable {
    /// Committed, and from then on readable through ``KioskControl/events(after:limit:)``.
    case event(EventRow)
    /// Worth showing now, not worth keeping.
    case notice(Notice)
}

/// Passes on events and notices from the shell to everybody who listens now.
///
/// The shell publishes, after the commit and in the order of the ids. Nobody can make it wait: a listener that does not
/// keep up is dropped, and resumes from the durable log.
package final class LiveFeed: Sendable {
    /// Items that may wait for one listener.
    static let capacity = 256

    private struct State {
        var listeners: [UInt64: AsyncStream<Subscription.Step>.Continuation] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func publish(_ item: LiveItem) {
        let listeners = state.withLock { $0.listeners }
        // The order among listeners reaches nobody: each has a stream of its own.
        for (id, listener) in listeners {
            if case .dropped = listener.yield(.item(item)) { end(id) }
        }
    }

    /// Listens from now on.
    func subscribe() -> Subscription {
        let (steps, continuation) = AsyncStream.makeStream(
            of: Subscription.Step.self,
            bufferingPolicy: .bufferingOldest(Self.capacity),
        )
        let id = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        return Subscription(steps: steps, continuation: continuation, feed: self, id: id)
    }

    /// How many listen now.
    package var listenerCount: Int { state.withLock { $0.listeners.count } }

    fileprivate func end(_ id: UInt64) {
        let listener = state.withLock { $0.listeners.removeValue(forKey: id) }
        // Outside the lock: finishing resumes the reader.
        listener?.finish()
    }
}

/// One listener's share of a ``LiveFeed``. Must be ended by whoever asked for it.
struct Subscription: Sendable {
    enum Step: Sendable {
        case item(LiveItem)
        /// Nothing happened for a while: time to show that the connection lives.
        case ping
    }

    /// What waits for this listener; ends when it fell behind or was ended.
    let steps: AsyncStream<Step>
    fileprivate let continuation: AsyncStream<Step>.Continuation
    fileprivate let feed: LiveFeed
    fileprivate let id: UInt64

    /// Wakes the listener. Dropped when its buffer is full: it is awake then.
    func ping() { continuation.yield(.ping) }

    /// Ends the stream after what already waits; harmless twice.
    func end() { feed.end(id) }
}
