import Payments

/// Brings everything that can be read of damaged journals into the one that stands in for them (rule A6).
///
/// All of it is one transaction, and the marks on the damaged journals follow it: a power cut leaves a recovery that is not
/// begun, or one whose repetition changes nothing.
final class Recovery {
    private let directory: Directory
    private let machineID: String
    private let person: String
    private let now: Moment
    private let remains: [Remains]
    private let store: SalvageStore
    private var report = RecoveryReport()

    /// So many ids lie between the last event found and the next: no id that was given out is given again, unless a kiosk had
    /// more events than in a year since.
    static let eventLeap: Int64 = 1_000_000

    init(
        _ database: consuming Database,
        of remains: [Remains],
        in directory: Directory,
        machineID: String,
        by person: String,
        now: Moment,
    ) throws(JournalError) {
        self.directory = directory
        self.machineID = machineID
        self.person = person
        self.now = now
        self.remains = remains
        store = try SalvageStore(database)
    }

    func run() throws(JournalError) -> RecoveryReport {
        report.folders = remains.map(\.path)
        try store.database.execute("BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = ON")
        do {
            for remains in remains {
                try RemainsReader(remains: remains).forEachPage { page throws(JournalError) in
                    try salvage(page)
                }
            }
            try completeSales()
            try completeOrders()
            try endOrders()
            try endRevokes()
            try store.database.execute(
                "UPDATE attempts SET open = \(AttemptRow.isOpen) WHERE open <> \(AttemptRow.isOpen)"
            )
            try takeOverIdentity()
            try count()
            try tellWhatWasDone()
            try store.database.execute("COMMIT")
        } catch {
            if store.database.isInTransaction { try? store.database.execute("ROLLBACK") }
            throw error
        }
        try store.database.checkpoint(emptying: true)
        return report
    }

    private func salvage(_ page: [UInt8]) throws(JournalError) {
        var failure: JournalError?
        RecordCarver.rows(in: page) { found in
            guard failure == nil else { return }
            do throws(JournalError) { try store.store(found) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    // MARK: - What is lost

    /// What events say of sales and orders whose rows are lost.
    private struct Trace {
        var amount: Money?
        var sale: SaleID?
        var state: SaleState?
        var at: Moment?
        var wasPaid = false
        var isBack = false
    }

    private func traces<Key: Hashable>(
        where condition: String,
        by key: (EventRow) -> Key?,
    ) throws(JournalError) -> [Key: Trace] {
        var traces: [Key: Trace] = [:]
        let rows = try store.database.rows(
            "\(EventRow.table.select) WHERE \(condition) ORDER BY id"
        )
        for row in rows {
            let event = try EventRow(selected: row, file: store.database.file)
            guard let key = key(event) else { continue }
            var trace = traces[key] ?? Trace()
            trace.amount = event.amount ?? trace.amount
            trace.sale = event.sale ?? trace.sale
            trace.at = event.at
            if event.kind == .saleChanged {
                trace.state = event.state ?? trace.state
                if event.state == .paid { trace.wasPaid = true }
            }
            if event.kind == .moneyReturned { trace.isBack = true }
            traces[key] = trace
        }
        return traces
    }

    /// Every attempt needs its sale.
    private func completeSales() throws(JournalError) {
        let traces = try traces(
            where: "sale IN (SELECT sale FROM attempts WHERE sale NOT IN (SELECT id FROM sales))",
            by: \.sale
        )
        let lost = try store.database.rows(
            "\(AttemptRow.table.select) WHERE sale NOT IN (SELECT id FROM sales) ORDER BY sale, ordinal"
        )
        for row in lost {
            let attempt = try AttemptRow(selected: row, file: store.database.file)
            try makeSale(attempt.sale, attempt.amount, traces[attempt.sale], at: attempt.prepared)
        }
    }

    /// Stores a sale for an attempt, if there is none. One of which nothing is known counts as over: nobody waits for it, and
    /// its attempts decide about the money.
    private func makeSale(
        _ id: SaleID,
        _ amount: Money,
        _ trace: Trace?,
        at moment: Moment,
    ) throws(JournalError) {
        let known = try store.database.rows("SELECT 1 FROM sales WHERE id = ?", [.text(id.text)])
        guard known.isEmpty else { return }
        let state = trace?.state.flatMap {
            $0.isFinal || $0 == .paid || $0 == .delivering ? $0 : nil
        }
        let row = SaleRow(
            id: id,
            amount: amount,
            description: "",
            reference: nil,
            idempotencyKey: nil,
            bodyHash: nil,
            created: moment,
            state: state ?? .expired,
            updated: trace?.at ?? moment,
            reason: RevokeReason.recovered.rawValue
        )
        try store.database.prepare(SaleRow.table.upsert).run(row.boundValues)
        report.lostSales += 1
    }

    /// Every order number found anywhere gets an attempt.
    private func completeOrders() throws(JournalError) {
        let isKnown = try store.database.prepare("SELECT 1 FROM attempts WHERE order_number = ?")
        let kiosks = try store.database.rows(
            "SELECT DISTINCT substr(order_number, 1, instr(order_number, '-') - 1) FROM attempts"
        )
        var scan = OrderScan(
            kiosks: Set(
                kiosks.compactMap { if case .text(let name)? = $0.first { name } else { nil } }
            )
        )
        for remains in remains {
            try RemainsReader(remains: remains).forEachPage { page throws(JournalError) in
                try scan.add(page) { order throws(JournalError) in
                    try !isKnown.rows([.text(order.text)]).isEmpty
                }
            }
        }
        let orphans = try store.database.rows(
            """
            SELECT order_number FROM (SELECT order_number FROM revokes
                UNION SELECT order_number FROM settlements
                UNION SELECT order_number FROM events WHERE order_number IS NOT NULL)
            WHERE order_number NOT IN (SELECT order_number FROM attempts)
            """
        )
        var lost = scan.orders
        for case .text(let text)? in orphans.map(\.first) {
            if let order = OrderNumber(text) { lost.insert(order) }
        }
        let traces = try traces(
            where: "order_number NOT IN (SELECT order_number FROM attempts)",
            by: \.order
        )
        for order in lost.sorted() { try complete(order, traces[order] ?? Trace()) }
    }

    private func complete(_ order: OrderNumber, _ trace: Trace) throws(JournalError) {
        var generator = SystemRandomNumberGenerator()
        let sale = trace.sale ?? SaleID(using: &generator)
        let stored = try row(SaleRow.self, sale.text)
        let revoke = try row(RevokeRow.self, order.text)
        let settlement = try row(SettlementRow.self, order.text)
        let known = trace.amount ?? stored?.amount
        // The smallest amount stands for one that is lost: a row must have one, and nothing is ever asked with it.
        guard let amount = known ?? Money(minorUnits: 1, currency: .cny) else { return }
        let moment = trace.at ?? revoke?.decided ?? now
        try makeSale(sale, amount, trace, at: moment)
        let isDelivered = try row(SaleRow.self, sale.text)?.state == .delivered
        var attempt = AttemptRow(
            order: order,
            sale: sale,
            ordinal: try nextOrdinal(of: sale),
            amount: amount,
            fingerprint: CodeFingerprint("lost"),
            prepared: moment,
            state: .submitted,
            updated: now,
            verdict: RevokeReason.recovered.rawValue
        )
        var course = RecoveryReport.LostOrder.Course.ended
        var parkedReason = ParkedReason.amountLost
        if let settlement {
            attempt.state = settlement.outcome.attemptState
            attempt.outcome = settlement.outcome.attemptOutcome
        } else if revoke?.settled != nil, revoke?.parked != nil, !trace.isBack {
            // A person settled it, and that word is lost: it is not guessed at.
            attempt.state = .parked
            parkedReason = ParkedReason.entryLost
            course = .forPerson
        } else if revoke?.settled != nil || trace.isBack {
            attempt.state = .undone
            attempt.outcome = trace.isBack ? AttemptRow.returned : revoke?.outcome
        } else if isDelivered, trace.wasPaid {
            attempt.state = .paid
        } else if known == nil {
            attempt.state = .parked
            course = .forPerson
        } else {
            course = .queued
        }
        try store.database.prepare(AttemptRow.table.upsert).run(attempt.boundValues)
        if course == .forPerson { try park(attempt, revoke, because: parkedReason) }
        report.lostOrders.append(
            RecoveryReport.LostOrder(order: order, sale: sale, amount: known, course: course)
        )
    }

    /// An attempt that is found open beside the settled row of its order, or beside a person's word, is an older version: the
    /// newest is lost. It ends as those say, for its row of the queue is not made anew.
    private func endOrders() throws(JournalError) {
        let stale = try store.database.rows(
            """
            \(AttemptRow.table.select)
            WHERE \(AttemptRow.isUnfinished) AND order_number IN (
                SELECT order_number FROM revokes WHERE settled_boot_id IS NOT NULL
                UNION SELECT order_number FROM settlements)
            """
        )
        let returned = try traces(where: "order_number IS NOT NULL AND kind = 'money-returned'") {
            $0.order
        }
        for selected in stale {
            var attempt = try AttemptRow(selected: selected, file: store.database.file)
            let revoke = try row(RevokeRow.self, attempt.order.text)
            let isBack = returned[attempt.order]?.isBack == true
            if let settlement = try row(SettlementRow.self, attempt.order.text) {
                attempt.state = settlement.outcome.attemptState
                attempt.outcome = settlement.outcome.attemptOutcome
            } else if let revoke, revoke.parked != nil, !isBack {
                // A person settled it, and that word is lost: it is not guessed at.
                attempt.state = .parked
                try park(attempt, revoke, because: ParkedReason.entryLost)
            } else {
                attempt.state = revoke?.refundDecided == nil ? .undone : .refunded
                attempt.outcome = isBack ? AttemptRow.returned : revoke?.outcome
            }
            attempt.updated = now
            try store.database.prepare(AttemptRow.table.upsert).run(attempt.boundValues)
        }
    }

    /// An order that has ended has no open row in the queue: one that is found is an older version, or stands beside an end that
    /// something else proves. Beside an open row, a paid attempt is the older version: it would count as delivered, and the
    /// row would have no owner.
    private func endRevokes() throws(JournalError) {
        let open = try store.database.rows(
            "\(RevokeRow.table.select) WHERE settled_boot_id IS NULL"
        )
        for selected in open {
            var revoke = try RevokeRow(selected: selected, file: store.database.file)
            guard var attempt = try row(AttemptRow.self, revoke.order.text) else { continue }
            if attempt.state.isFinal {
                revoke.settled = now
                try store.database.prepare(RevokeRow.table.upsert).run(revoke.boundValues)
            } else if attempt.state == .paid {
                attempt.state = revoke.attemptState
                attempt.updated = now
                try store.database.prepare(AttemptRow.table.upsert).run(attempt.boundValues)
            }
        }
    }

    /// Without an amount rule B1 cannot be kept, so no reply could prove how the order stands.
    private func park(
        _ attempt: AttemptRow,
        _ stored: RevokeRow?,
        because reason: String,
    ) throws(JournalError) {
        var row =
            stored
            ?? RevokeRow(
                order: attempt.order,
                reason: RevokeReason.recovered.rawValue,
                decided: now,
                due: now
            )
        row.needsPerson = true
        row.isAdopted = true
        row.settled = nil
        row.parked = now
        row.parkedReason = reason
        try store.database.prepare(RevokeRow.table.upsert).run(row.boundValues)
    }

    private func row<Row: StoredRow>(_ type: Row.Type, _ key: String) throws(JournalError) -> Row? {
        let query = "\(Row.table.select) WHERE \(Row.table.key) = ?"
        guard let found = try store.database.rows(query, [.text(key)]).first else { return nil }
        return try Row(selected: found, file: store.database.file)
    }

    private func nextOrdinal(of sale: SaleID) throws(JournalError) -> Int {
        let last = try store.database.integer(
            "SELECT max(ordinal) FROM attempts WHERE sale = ?",
            [.text(sale.text)]
        )
        return Int(last ?? 0) + 1
    }

    // MARK: - Whose it is, and what was done

    /// The recovered journal is as much this machine's as the damaged one was. Where the damaged one no longer says, the count
    /// outside does, which lies in the same directory. Its open orders are taken over as adopted ones either way: what
    /// happened last may be lost.
    private func takeOverIdentity() throws(JournalError) {
        let outside = try directory.text(of: directory.starts)
        let counted = StartsFile(text: outside, machineID: machineID)
        let stored = try Identity.stored(in: store.database)
        var identity =
            store.identity ?? stored
            ?? Identity(
                machine: machineID,
                starts: counted?.starts ?? 0,
                latestWallMilliseconds: nil
            )
        let origin = JournalOrigin(
            stored: identity,
            outside: outside,
            machineID: machineID,
            isPutBack: directory.isPutBack
        )
        switch origin {
        case .same: identity.starts = max(identity.starts, counted?.starts ?? 0)
        case .differs(let reason): report.adoptionReason = reason
        }
        if let stored { identity.starts = max(identity.starts, stored.starts) }
        if let wall = stored?.latestWall { identity.advance(to: wall) }
        identity.isAdoptionPending = true
        try identity.store(in: store.database)
    }

    private func count() throws(JournalError) {
        report.rows = store.counts
        let last = try store.database.integer("SELECT max(id) FROM events") ?? 0
        let held = try store.database.integer("SELECT count(*) FROM events") ?? 0
        report.missingEvents = last < Self.eventLeap ? last - held : 0
        let sums = try store.database.rows(
            "SELECT currency, count(*), sum(amount) FROM attempts WHERE open = 1 GROUP BY currency"
        )
        for case .text(let currency) in sums.compactMap(\.first) {
            for row in sums where row.first == .text(currency) {
                guard case .integer(let count) = row[1], case .integer(let sum) = row[2] else {
                    continue
                }
                report.openOrders += Int(count)
                report.openSums[currency] = sum
            }
        }
    }

    private func tellWhatWasDone() throws(JournalError) {
        let detail = remains.map(\.path).joined(separator: ", ")
        let last = try store.database.rows(
            "\(CustodyRow.table.select) ORDER BY number DESC LIMIT 1"
        ).first
        let done = try last.map { row throws(JournalError) in
            try CustodyRow(selected: row, file: store.database.file)
        }
        // Repeated after a power cut.
        if let done, done.kind == .recovered, done.detail == detail { return }
        let event = EventRow(
            id: (try store.database.integer("SELECT max(id) FROM events") ?? 0) + Self.eventLeap,
            kind: .flagged,
            at: now,
            reason: "journal-recovered"
        )
        try store.database.prepare(EventRow.table.insertOrIgnore).run(event.boundValues)
        try CustodyRow.store(
            .recovered,
            by: person,
            detail: detail,
            at: now,
            eventID: event.id,
            in: store.database
        )
    }
}
