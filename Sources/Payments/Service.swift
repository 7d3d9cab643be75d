/// Whether the kiosk can sell, and why not.
struct Service {
    var isStopping = false
    var hasStopped = false
    var mode = ServiceMode.normal
    var hasStorage = true
    /// Storage may be tried once more before its timer fires again.
    var mayRetryStorage = false
    /// Rows that could not be stored, one per key, to be stored when there is room again (rule A3).
    var unstored = UnstoredRows()
    /// An adoption could not be stored: it ends when nothing of it is owed any more (rules A5, A6).
    var owesAdoption = false
    var isReachable = false
    /// Whether a probe has succeeded since the start (rule B7).
    var isProven = false
    var fault: ConfigurationFault?
    var isProbing = false
    /// Replies in a row that arrived and did not verify (rule B7).
    var unverifiedReplies = 0
    /// Whether somebody wants to know how the configuration does (rule B7): asked until a probe gets a reply.
    var isSuspected = false
    /// What the queue's timers are armed for.
    var armedFor: [TimerPurpose: BootTime] = [:]
    /// Orders of which an application said what contradicts an earlier decision, already told.
    var lateReports: Set<OrderNumber> = []
    static let lateLimit = 1_000
    var devices: [Device: DeviceCondition] = [:]

    /// Replies in a row that make a fault (rule B7).
    static let unverifiedLimit = 3
}

/// Rows that are true but not stored yet, the newest of each key.
struct UnstoredRows {
    private(set) var sales: [SaleID: SaleRow] = [:]
    private(set) var attempts: [OrderNumber: AttemptRow] = [:]
    private(set) var revokes: [OrderNumber: RevokeRow] = [:]
    /// Events that ask for a person, and that no stored row tells again (rules A2, C4, D3).
    private(set) var calls: [EventRow] = []

    var isEmpty: Bool {
        sales.isEmpty && attempts.isEmpty && revokes.isEmpty && calls.isEmpty
    }

    mutating func add(_ row: Row) {
        switch row {
        case .sale(let sale): sales[sale.id] = sale
        case .attempt(let attempt): attempts[attempt.order] = attempt
        case .revoke(let revoke): revokes[revoke.order] = revoke
        case .event(let event):
            guard event.kind.isCall, !calls.contains(where: { $0.isSameCall(as: event) }) else {
                return
            }
            calls.append(event)
        // The person whose word it is was told that it is not stored.
        case .settlement: break
        }
    }

    /// They are on their way to the journal, and owed again if that fails.
    mutating func takeCalls() -> [EventRow] {
        defer { calls = [] }
        return calls
    }

    /// A newer word on this order is on its way to the journal.
    mutating func forget(_ order: OrderNumber) {
        attempts[order] = nil
        revokes[order] = nil
    }

    /// These rows are stored: older words of the same keys are history, and so are newer ones unless `keepingNewer`.
    mutating func stored(_ rows: [Row], keepingNewer: Bool) {
        guard !isEmpty else { return }
        for row in rows {
            switch row {
            case .sale(let row) where !keepingNewer || sales[row.id] == row:
                sales[row.id] = nil
            case .attempt(let row) where !keepingNewer || attempts[row.order] == row:
                attempts[row.order] = nil
            case .revoke(let row) where !keepingNewer || revokes[row.order] == row:
                revokes[row.order] = nil
            case .sale, .attempt, .revoke, .settlement, .event:
                break
            }
        }
    }

    /// Sales before attempts before revokes, each by key: the order never depends on hashing.
    var rows: [Row] {
        sales.values.sorted { $0.id < $1.id }.map(Row.sale)
            + attempts.values.sorted { $0.order < $1.order }.map(Row.attempt)
            + revokes.values.sorted { $0.order < $1.order }.map(Row.revoke)
    }
}
