import Payments
import Synchronization

@testable import Kiosk

/// A kiosk in memory: says what the test wants, remembers what it was asked.
final class FakeKiosk: KioskControl {
    struct Unreadable: Error {}

    struct State {
        var asked: [SaleRequest] = []
        var called: [(sale: SaleID, call: SaleCall)] = []
        var revokeCalls: [(order: OrderNumber, call: RevokeCall)] = []
        var revokes: [RevokeEntry] = []
        var modes: [ServiceMode] = []
        var listLimits: [Int] = []
        var sales: [SaleDetails] = []
        var events: [EventRow] = []
        var reasons: [OutOfServiceReason] = []
        var adoptedBy: [String] = []
        var adoption: Result<JournalStatus, any Error> = .success(JournalStatus(.own))
        var isUnreadable = false
        /// Takes calls and never answers them, as over storage that hangs.
        var isSilent = false
        var answer: @Sendable (SaleRequest) -> Answer = { _ in .problem(.notReady([.stopping])) }
        var callAnswer: @Sendable (SaleID, SaleCall) -> Answer = { _, _ in .problem(.notFound) }
        var revokeAnswer: @Sendable (OrderNumber, RevokeCall) -> Answer = { _, _ in
            .problem(.noSuchRevoke)
        }
        /// Runs after the log was read and before the reader gets the rows: the seam.
        var afterRead: (@Sendable (FakeKiosk) -> Void)?
    }

    private let state = Mutex(State())
    let feed = LiveFeed()
    let answers = AnswerBoard(patience: .milliseconds(50))
    /// What the silent kiosk was asked, to be answered late.
    let unanswered = Mutex<[RequestID]>([])

    /// Looks at or changes what the kiosk is.
    func with<Value>(_ body: (inout sending State) throws -> sending Value) rethrows
        -> sending Value
    {
        try state.withLock(body)
    }

    func ask(_ wish: SaleRequest) async throws -> Answer {
        let answer = state.withLock { state in
            state.asked.append(wish)
            return state.answer
        }
        return try await bring { answer(wish) }
    }

    func call(_ sale: SaleID, _ call: SaleCall) async throws -> Answer {
        let answer = state.withLock { state in
            state.called.append((sale, call))
            return state.callAnswer
        }
        return try await bring { answer(sale, call) }
    }

    private func bring(_ answer: () -> Answer) async throws -> Answer {
        try await answers.answer { id in
            guard !state.withLock({ $0.isSilent }) else {
                unanswered.withLock { $0.append(id) }
                return
            }
            _ = answers.give(answer(), to: id)
        }
    }

    func revokes(limit: Int) async -> [RevokeEntry] {
        state.withLock { state in
            state.listLimits.append(limit)
            return Array(state.revokes.prefix(limit))
        }
    }

    func callRevoke(_ order: OrderNumber, _ call: RevokeCall) async -> Answer {
        let answer = state.withLock { state in
            state.revokeCalls.append((order, call))
            return state.revokeAnswer
        }
        return answer(order, call)
    }

    func adoptJournal(by person: String) async throws -> JournalStatus {
        try state.withLock { state in
            state.adoptedBy.append(person)
            return try state.adoption.get()
        }
    }

    func setServiceMode(_ mode: ServiceMode) async { state.withLock { $0.modes.append(mode) } }

    func sale(_ id: SaleID) async throws -> SaleDetails? {
        try readable { $0.sales.first { $0.sale.id == id } }
    }

    func sales(limit: Int) async throws -> [SaleDetails] {
        try readable { state in
            state.listLimits.append(limit)
            return Array(state.sales.prefix(limit))
        }
    }

    func events(after id: Int64, limit: Int) async throws -> [EventRow] {
        let (rows, hook) = try readable { state in
            let rows = Array(state.events.drop { $0.id <= id }.prefix(limit))
            let hook = state.afterRead
            state.afterRead = nil
            return (rows, hook)
        }
        hook?(self)
        return rows
    }

    func lastEventID() async throws -> Int64 { try readable { $0.events.last?.id ?? 0 } }

    func status() async -> KioskStatus {
        let reasons = state.withLock { $0.reasons }
        return KioskStatus(
            reasons: reasons,
            devices: [
                .init(name: "scanner", condition: .working, detail: nil),
                .init(name: "printer", condition: .failed, detail: "The port is not there."),
            ],
            isNetworkReachable: false,
            networkTrouble: "Nobody answers.",
            queue: .init(
                count: 2,
                sum: 400,
                oldestAgeSeconds: 61,
                parked: 1,
                activity: .paused(.certificateRefused),
                flagged: [Samples.order],
            ),
            risk: .init(count: 1, sum: 200, isWarning: true),
            currency: .cny,
            clock: WallTime(milliseconds: 1_740_817_800_250, isSynchronised: false),
            configurationGeneration: 3,
            activeSale: Samples.saleID,
            unreportedSale: Samples.saleID,
            version: "0.1.0",
        )
    }

    // MARK: - What the shell does

    /// Commits an event, then publishes it.
    func commit(_ row: EventRow) {
        state.withLock { $0.events.append(row) }
        feed.publish(.event(row))
    }

    private func readable<Value>(_ body: (inout State) throws -> Value) throws -> Value {
        try state.withLock { state in
            guard !state.isUnreadable else { throw Unreadable() }
            return try body(&state)
        }
    }
}
