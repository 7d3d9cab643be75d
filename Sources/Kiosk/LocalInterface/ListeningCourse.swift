import Synchronization
import Threads

/// How far the two listeners have come, shared by the tasks that run them.
final class ListeningCourse: Sendable {
    private struct State {
        var identity: FileFacts?
        var port: Int?
        var isAnnounced = false
        var isStopping = false
        var failure: LocalInterfaceError?
    }

    private let socketPath: String
    private let expectsPort: Bool
    private let state = Mutex(State())

    init(socketPath: String, expectsPort: Bool) {
        self.socketPath = socketPath
        self.expectsPort = expectsPort
    }

    /// The socket's file, once it is in place.
    var identity: FileFacts? { state.withLock { $0.identity } }

    func opened(_ identity: FileFacts) { state.withLock { $0.identity = identity } }

    func opened(port: Int) { state.withLock { $0.port = port } }

    /// The listener will be closed; the reason waits for its end.
    func failed(_ error: LocalInterfaceError) { state.withLock { $0.failure = error } }

    /// An end is wanted from now on.
    func stop() { state.withLock { $0.isStopping = true } }

    /// Where both listen; once, to whoever asks first after both do.
    func takeAnnouncement() -> LocalInterface.Listening? {
        state.withLock { state in
            guard state.identity != nil, !expectsPort || state.port != nil, !state.isAnnounced
            else { return nil }
            state.isAnnounced = true
            return LocalInterface.Listening(socketPath: socketPath, port: state.port)
        }
    }

    /// A listener has ended.
    func ended(_ name: String) throws(LocalInterfaceError) {
        let state = state.withLock { $0 }
        if let failure = state.failure { throw failure }
        guard state.isStopping else { throw .listenerEnded(name) }
    }
}
