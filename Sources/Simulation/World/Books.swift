import Payments

/// What is known of one order: by the disk, by the platform, by the wire.
final class OrderFile {
    let order: OrderNumber
    // What the disk keeps.
    var attempt: AttemptRow?
    var revoke: RevokeRow?
    /// Earlier states of the attempt's row: older pages, and the log, hold them still.
    var olderAttempts: [AttemptRow] = []
    /// What a person has said of it (rule C5).
    var settlement: SettlementRow?
    /// The order of first storing.
    var attemptNumber = 0
    var revokeNumber = 0
    // What the world remembers, whatever becomes of the disk's rows.
    /// The sale and the amount it was made for.
    private(set) var firstSale: SaleID?
    private(set) var firstAmount: Money?
    /// It was stored as paid at some time; an event said that its money is back.
    var wasPaid = false
    var wasToldReturned = false
    /// What events said of it is lost too.
    var isTraceLost = false
    /// A recovery found an older state of its attempt, and not the newest.
    var isOlder = false
    /// A recovery lost how it stood, and knows from events alone that it was.
    var isRemade = false
    /// A recovery lost its row of the queue.
    var isEntryLost = false
    /// A recovery found only that it had ended, not how.
    var isEndGuessed = false
    /// Something happened to it that can leave it to a person.
    var isForPerson = false
    // What the platform has.
    var platform: PlatformOrder?
    /// A revoke came before any submit.
    var isReversedUnseen = false
    // What the wire has.
    /// When the last byte of the submit left; `nil` if none has.
    var lastByte: Int64?
    var isSubmitOpen = false
    var reversesOpen = 0
    /// When the platform made the answer to a query that is being heard.
    var answerMade: Int64 = 0

    init(_ order: OrderNumber) { self.order = order }

    func store(_ row: AttemptRow) {
        if let attempt, attempt.state != row.state { olderAttempts.append(attempt) }
        attempt = row
        firstSale = firstSale ?? row.sale
        firstAmount = firstAmount ?? row.amount
        if row.state == .paid { wasPaid = true }
    }

    /// The journal had its row and has lost it: unknown here, and found again by the platform's bill alone (rule E2).
    var isLost: Bool { firstSale != nil && attempt == nil }

    /// Money was taken and is not back.
    var isCharged: Bool {
        guard let platform else { return false }
        return platform.charged != nil && platform.returned == nil
    }

    var wasCharged: Bool { platform?.charged != nil }
}

/// What is known of one sale.
final class SaleFile {
    let id: SaleID
    var row: SaleRow?
    var number = 0
    var orders: [OrderFile] = []
    /// The visit that it is for.
    var visit: Int?
    /// It was stored as delivered at some time, whatever became of that row.
    var wasDelivered = false
    /// Nobody may know in time what became of its goods.
    var isForPerson = false
    /// When it was first stored as claimed.
    var claimed: Int64?

    init(_ id: SaleID) { self.id = id }

    /// The journal has lost rows of it, or no longer knows that they are of it, or how they ended.
    var isLost: Bool {
        row == nil
            || orders.contains {
                $0.attempt?.sale != id || $0.isEndGuessed || $0.isOlder || $0.isRemade
            }
    }
}

/// The disk's rows beside the platform's ledger. The invariants read here, the world writes.
final class Books {
    private(set) var orders: [OrderNumber: OrderFile] = [:]
    private(set) var sales: [SaleID: SaleFile] = [:]
    private(set) var salesByKey: [String: SaleFile] = [:]
    /// In the order they were first heard of.
    private(set) var orderList: [OrderFile] = []
    private(set) var saleList: [SaleFile] = []
    var lastEvent: Int64 = 0
    private var nextNumber = 1
    /// World time of the fact in hand.
    var now: Int64 = 0
    /// Whether the machine has handed over what the disk has not answered yet, or refused in this run.
    var isDiskBehind = false
    var storageHasFailed = false

    func file(_ order: OrderNumber) -> OrderFile {
        if let known = orders[order] { return known }
        let file = OrderFile(order)
        orders[order] = file
        orderList.append(file)
        return file
    }

    func file(_ sale: SaleID) -> SaleFile {
        if let known = sales[sale] { return known }
        let file = SaleFile(sale)
        sales[sale] = file
        saleList.append(file)
        return file
    }

    func sale(of order: OrderFile) -> SaleFile? { order.attempt.flatMap { sales[$0.sale] } }

    func store(_ record: Record) {
        for row in record.rows { store(row) }
    }

    private func store(_ row: Row) {
        switch row {
        case .sale(let row):
            let file = file(row.id)
            if file.number == 0 { file.number = takeNumber() }
            file.row = row
            if row.state == .delivered { file.wasDelivered = true }
            if row.state == .delivering { file.claimed = file.claimed ?? now }
            if let key = row.idempotencyKey { salesByKey[key] = file }
        case .attempt(let row):
            let file = file(row.order)
            if file.attemptNumber == 0 { file.attemptNumber = takeNumber() }
            let sale = self.file(row.sale)
            if !sale.orders.contains(where: { $0 === file }) { sale.orders.append(file) }
            file.store(row)
        case .revoke(let row):
            let file = file(row.order)
            if file.revokeNumber == 0 { file.revokeNumber = takeNumber() }
            file.revoke = row
        case .settlement(let row):
            file(row.order).settlement = row
        case .event(let row):
            lastEvent = row.id
            if row.kind == .moneyReturned, let order = row.order {
                file(order).wasToldReturned = true
            }
        }
    }

    private func takeNumber() -> Int {
        defer { nextNumber += 1 }
        return nextNumber
    }

    /// What a journal hands to the next run: open rows only, in the order they were first stored.
    func openRows(at now: Moment) -> OpenRows {
        var rows = OpenRows(lastEventID: lastEvent)
        var attempts: [(Int, AttemptRow)] = []
        var revokes: [(Int, RevokeRow)] = []
        var needed: Set<SaleID> = []
        for file in orderList {
            let isUndone = file.attempt?.state.isFinal == false && file.attempt?.state != .paid
            if let revoke = file.revoke, revoke.settled == nil || isUndone {
                revokes.append((file.revokeNumber, revoke))
            }
            guard let attempt = file.attempt else { continue }
            let isDelivered =
                attempt.state == .paid && sales[attempt.sale]?.row?.state == .delivered
            let isOpen = !attempt.state.isFinal && !isDelivered
            let isRecent = attempt.prepared.age(at: now).map { $0 <= .seconds(120) } ?? false
            if isOpen { needed.insert(attempt.sale) }
            let isOfOpenSale = sales[attempt.sale]?.row?.state.isFinal == false
            if isOpen || isRecent || isOfOpenSale { attempts.append((file.attemptNumber, attempt)) }
        }
        let open = saleList.filter { file in
            guard let row = file.row else { return false }
            return !row.state.isFinal || needed.contains(row.id)
        }
        rows.sales = open.sorted { $0.number < $1.number }.compactMap(\.row)
        rows.attempts = attempts.sorted { $0.0 < $1.0 }.map(\.1)
        rows.revokes = revokes.sorted { $0.0 < $1.0 }.map(\.1)
        return rows
    }
}
