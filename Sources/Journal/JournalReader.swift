package import Payments

/// Reads of the journal, each in a short transaction of its own. Sees everything whose commit was
/// reported.
///
/// Every row is checked against its checksum; one that does not fit throws `damaged` and is never
/// guessed at (rule A6).
package final class JournalReader {
    private let database: Database

    /// Most rows that one call returns.
    package static let mostRows = 1_000

    init(_ database: consuming Database) { self.database = database }

    package func sale(_ id: SaleID) throws(JournalError) -> SaleRow? {
        try rows(SaleRow.self, "WHERE id = ?", [.text(id.text)]).first
    }

    /// The sale that an earlier call with the same `Idempotency-Key` made.
    package func sale(idempotencyKey: String) throws(JournalError) -> SaleRow? {
        try rows(SaleRow.self, "WHERE idempotency_key = ?", [.text(idempotencyKey)]).first
    }

    /// The newest sales first.
    package func sales(limit: Int) throws(JournalError) -> [SaleRow] {
        try rows(SaleRow.self, "ORDER BY number DESC LIMIT ?", [Self.bounded(limit)])
    }

    /// A sale's attempts, the first one first.
    package func attempts(of sale: SaleID) throws(JournalError) -> [AttemptRow] {
        try rows(AttemptRow.self, "WHERE sale = ? ORDER BY ordinal", [.text(sale.text)])
    }

    package func attempt(_ order: OrderNumber) throws(JournalError) -> AttemptRow? {
        try rows(AttemptRow.self, "WHERE order_number = ?", [.text(order.text)]).first
    }

    /// A person's word on an order; `nil` if nobody has said one.
    package func settlement(of order: OrderNumber) throws(JournalError) -> SettlementRow? {
        try rows(SettlementRow.self, "WHERE order_number = ?", [.text(order.text)]).first
    }

    /// An order's entry of the revoke queue, settled or not; `nil` if it never was in the queue.
    package func revoke(of order: OrderNumber) throws(JournalError) -> RevokeRow? {
        try rows(RevokeRow.self, "WHERE order_number = ?", [.text(order.text)]).first
    }

    /// Revokes not settled, the oldest first.
    package func openRevokes() throws(JournalError) -> [RevokeRow] {
        try rows(
            RevokeRow.self,
            "INDEXED BY revokes_open WHERE settled_boot_id IS NULL ORDER BY number"
        )
    }

    /// Settled ones of attempts that are open: a row of the same order that is made anew would contradict them.
    private func settledRevokesOfOpenAttempts() throws(JournalError) -> [RevokeRow] {
        try rows(
            RevokeRow.self,
            """
            WHERE order_number IN (
                SELECT order_number FROM attempts INDEXED BY attempts_open WHERE open = 1)
            AND settled_boot_id IS NOT NULL ORDER BY number
            """
        )
    }

    /// The events that follow the one with id `after`, in order.
    package func events(after: Int64, limit: Int) throws(JournalError) -> [EventRow] {
        try rows(
            EventRow.self,
            "WHERE id > ? ORDER BY id LIMIT ?",
            [.integer(after), Self.bounded(limit)]
        )
    }

    package func lastEventID() throws(JournalError) -> Int64 {
        try database.integer("SELECT max(id) FROM events") ?? 0
    }

    /// What the machines are recovered from. The indexes of open rows keep this quick among a
    /// million settled sales; `INDEXED BY` makes it an error, not a slow start, should one not be
    /// there.
    func openRows(
        now: Moment,
        codeMemory: Duration = SalePolicy.codeMemory,
    ) throws(JournalError) -> OpenRows {
        try database.execute("BEGIN")
        // A transaction that only reads has nothing to lose.
        defer { try? database.execute("COMMIT") }
        let sales = try rows(
            SaleRow.self,
            """
            WHERE number IN (
                SELECT number FROM sales INDEXED BY sales_open
                    WHERE state NOT IN ('delivered', 'undelivered', 'cancelled', 'expired')
                UNION SELECT sales.number FROM attempts INDEXED BY attempts_open
                    JOIN sales ON sales.id = attempts.sale WHERE attempts.open = 1)
            ORDER BY number
            """
        )
        let open = try numberedRows(
            AttemptRow.self,
            "INDEXED BY attempts_open WHERE open = 1"
        )
        let ofOpenSales = try numberedRows(
            AttemptRow.self,
            """
            WHERE sale IN (SELECT id FROM sales INDEXED BY sales_open
                WHERE state NOT IN ('delivered', 'undelivered', 'cancelled', 'expired'))
            """
        )
        var attempts = try recentAttempts(now: now, within: codeMemory)
        for attempt in open + ofOpenSales { attempts[attempt.number] = attempt.row }
        return OpenRows(
            sales: sales,
            attempts: attempts.sorted { $0.key < $1.key }.map(\.value),
            revokes: try openRevokes() + settledRevokesOfOpenAttempts(),
            lastEventID: try lastEventID()
        )
    }

    /// Attempts of this boot, prepared within `memory`, open or not, by number: rule B8 needs their
    /// fingerprints.
    ///
    /// Attempts are first stored in the order they are prepared, so the newest are read until one
    /// is too old. The machine rests 2 s between attempts (rule B4): far fewer than the limit, one
    /// a second, fit into the time.
    private func recentAttempts(
        now: Moment,
        within memory: Duration,
    ) throws(JournalError) -> [Int64: AttemptRow] {
        let limit = memory.components.seconds + 8
        let newest = try numberedRows(AttemptRow.self, "ORDER BY number DESC LIMIT \(limit)")
        let recent = newest.prefix { attempt in
            attempt.row.prepared.age(at: now).map { $0 <= memory } ?? false
        }
        return Dictionary(recent.map { ($0.number, $0.row) }) { first, _ in first }
    }

    /// A row and its place in the order of first storing.
    private struct Numbered<Row> {
        let number: Int64
        let row: Row
    }

    private static func bounded(_ limit: Int) -> Value {
        .integer(Int64(min(max(limit, 0), mostRows)))
    }

    private func rows<Row: StoredRow>(
        _ type: Row.Type,
        _ condition: String,
        _ values: [Value] = [],
    ) throws(JournalError) -> [Row] {
        try numberedRows(type, condition, values).map(\.row)
    }

    private func numberedRows<Row: StoredRow>(
        _ type: Row.Type,
        _ condition: String,
        _ values: [Value] = [],
    ) throws(JournalError) -> [Numbered<Row>] {
        var numbered: [Numbered<Row>] = []
        for selected in try database.rows("\(Row.table.select) \(condition)", values) {
            guard case .integer(let number)? = selected.last else { continue }
            let row = try Row(selected: selected, file: database.file)
            numbered.append(Numbered(number: number, row: row))
        }
        return numbered
    }
}
