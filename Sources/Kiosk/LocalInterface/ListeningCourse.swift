import Synchronization
import Threads

/// How far the two listeners have come, shared by the tasks that run them and by status.
final class ListeningCourse: Sendable {
    private struct State {
        var identity: FileFacts?
        var port: Int?
        var portTrouble: LocalInterfaceError?
        var isAnnounced = false
        var isStopping = false
        var failure: LocalInterfaceError?
    }

    let socketPath: String
    private let expectsPort: Bool
    private let state = Mutex(State())

    init(socketPath: String, expectsPort: Bool) {
        self.socketPath = socketPath
        self.expectsPort = expectsPort
    }

    /// The socket's file, once it is in place.
    var identity: FileFacts? { state.withLock { $0.identity } }

    /// Where TCP is listened on now; `nil` where it is not.
    var port: Int? { state.withLock { $0.port } }

    /// Why TCP is not listened on though it should be.
    var portTrouble: LocalInterfaceError? { state.withLock { $0.portTrouble } }

    /// Whether the listeners are to end, or end because one of them has failed for good.
    var isEnding: Bool { state.withLock { $0.isStopping || $0.failure != nil } }

    func opened(_ identity: FileFacts) { state.withLock { $0.identity = identity } }

    /// - Returns: whether there was trouble with it before.
    func opened(port: Int) -> Bool {
        state.withLock { state in
            defer { state.portTrouble = nil }
            state.port = port
            return state.portTrouble != nil
        }
    }

    /// - Returns: whether nobody was told of this trouble yet.
    func lostPort(_ trouble: LocalInterfaceError) -> Bool {
        state.withLock { state in
            defer { state.portTrouble = trouble }
            state.port = nil
            return state.portTrouble != trouble
        }
    }

    /// The listener will be closed; the reason waits for its end.
    func failed(_ error: LocalInterfaceError) { state.withLock { $0.failure = error } }

    /// An end is wanted from now on.
    func stop() { state.withLock { $0.isStopping = true } }

    /// Where it is listened; once, to whoever asks first after the socket is there and TCP has been tried.
    func takeAnnouncement() -> LocalInterface.Listening? {
        state.withLock { state in
            guard state.identity != nil, !state.isAnnounced,
                !expectsPort || state.port != nil || state.portTrouble != nil
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
