internal import Payments
internal import Synchronization

/// Hands committed events and notices to whoever listens. A listener that is too slow is cut off and resumes by id.
final class EventHub: Sendable {
    /// Items that may wait for one listener.
    static let mostWaiting = 256

    private let listeners = Mutex<[UInt64: AsyncStream<LiveItem>.Continuation]>([:])
    private let next = Atomic<UInt64>(1)

    func listen() -> AsyncStream<LiveItem> {
        let id = next.wrappingAdd(1, ordering: .relaxed).oldValue
        let (stream, continuation) = AsyncStream.makeStream(
            of: LiveItem.self, bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { _ = $0.removeValue(forKey: id) }
        }
        listeners.withLock { $0[id] = continuation }
        return stream
    }

    func publish(_ item: LiveItem) {
        let continuations = listeners.withLock { Array($0.values) }
        for continuation in continuations {
            // A dropped item would be a hole in the stream: better none, and a new start by id.
            if case .dropped = continuation.yield(item) { continuation.finish() }
        }
    }

    func finish() {
        let continuations = listeners.withLock { Array($0.values) }
        for continuation in continuations { continuation.finish() }
    }
}
