import Synchronization
import Threads

/// What other threads ask of the transport thread, in order.
final class TransferInbox: Sendable {
    enum Command: Sendable {
        case send(TransferOrder)
        case abandon(TransferID)
        case openAhead
        /// `nil` forgets what was prepared.
        case prepare((@Sendable () -> HTTPSRequest)?)
        case checkValidityDates(Bool)
        case stop
    }

    /// What became of a request to send.
    enum Admission {
        case accepted
        case refused(TransportFailure)
    }

    /// Requests that may be under way at once; more are refused as overloaded. It bounds memory.
    static let maximumTransfers = 64

    /// Of these, those that are no submits: a payer's submit finds a place whatever else is under way.
    static let maximumRepeatable = 60

    private struct State {
        var commands: [Command] = []
        var lastNumber: UInt64 = 0
        /// Transfers under way: bounds the commands, as one can be abandoned only once.
        var transfers: Set<TransferID> = []
        var isStopped = false
    }

    let wake: WakeDescriptor
    private let state = Mutex(State())

    init() throws { wake = WakeDescriptor() }

    func newID() -> TransferID {
        state.withLock { state in
            state.lastNumber += 1
            return TransferID(number: state.lastNumber)
        }
    }

    func send(_ order: TransferOrder) -> Admission {
        let admission: Admission = state.withLock { state in
            guard !state.isStopped else { return .refused(.stopped) }
            let isSubmit = order.request.kind == .submit
            let bound = isSubmit ? Self.maximumTransfers : Self.maximumRepeatable
            guard state.transfers.count < bound else { return .refused(.overloaded) }
            state.transfers.insert(order.id)
            state.commands.append(.send(order))
            return .accepted
        }
        wake.signal()
        return admission
    }

    /// Gives up a transfer that is under way; of others nothing is left to give up.
    func abandon(_ id: TransferID) {
        let isNew = state.withLock { state in
            let isAsked = state.commands.contains {
                if case .abandon(id) = $0 { true } else { false }
            }
            guard state.transfers.contains(id), !isAsked else { return false }
            state.commands.append(.abandon(id))
            return true
        }
        if isNew { wake.signal() }
    }

    func openAhead() {
        state.withLock { state in
            let isAsked = state.commands.contains {
                if case .openAhead = $0 { true } else { false }
            }
            guard !state.isStopped, !isAsked else { return }
            state.commands.append(.openAhead)
        }
        wake.signal()
    }

    /// At most one waits: the newest.
    func prepare(_ make: (@Sendable () -> HTTPSRequest)?) {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.commands.removeAll { if case .prepare = $0 { true } else { false } }
            state.commands.append(.prepare(make))
        }
        wake.signal()
    }

    func checkValidityDates(_ on: Bool) {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.commands.removeAll { if case .checkValidityDates = $0 { true } else { false } }
            state.commands.append(.checkValidityDates(on))
        }
        wake.signal()
    }

    func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            state.commands.append(.stop)
        }
        wake.signal()
    }

    /// The transport thread takes what waits.
    func take() -> [Command] {
        state.withLock { state in
            let commands = state.commands
            state.commands = []
            return commands
        }
    }

    /// The transport thread is done with one transfer.
    func transferEnded(_ id: TransferID) {
        state.withLock { _ = $0.transfers.remove(id) }
    }
}

/// A request with the callbacks of whoever sent it.
struct TransferOrder: Sendable {
    let id: TransferID
    let request: HTTPSRequest
    let onWritingBegan: @Sendable (Int64) -> Void
    let completion: @Sendable (TransferReport) -> Void
}
