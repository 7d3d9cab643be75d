internal import Glibc
internal import Journal
internal import Payments
internal import Synchronization
internal import Threads

/// Fills a journal with orders of earlier days, through the journal's own writer: its schema, its checksums, its indexes.
///
/// Names ascend, which spares minutes: at random they would touch a page of every index for each row. A start does not look
/// at them.
struct JournalFill {
    /// Rows go in by so many sales at a time; one transaction each.
    private static let salesPerRecord = 2_000
    /// Between two sales.
    private static let spacing: Int64 = 300_000
    private static let commitLimit = Duration.seconds(120)

    private let journal: Journal
    private let kiosk: String
    private let amount: Money
    private let startedAt: Int64

    /// - Parameter state: the state directory of a daemon that has run there and has ended.
    init(state: String, kiosk: String = "K0007") throws {
        // The daemon's own words: the number of starts, a blank, the machine's id.
        let outside = try ProcFile.text(state + "/starts").split(separator: "\n").first ?? ""
        let machine = outside.drop { $0 != " " }.dropFirst()
        guard let amount = Money(minorUnits: 200, currency: .cny), !machine.isEmpty else {
            throw BenchError("No daemon has run in \(state).")
        }
        startedAt = SystemClock.milliseconds()
        self.kiosk = kiosk
        self.amount = amount
        journal = try Journal.open(
            directory: state,
            machineID: String(machine),
            now: Self.moment(startedAt)
        )
    }

    /// Of another boot, at a time that was vouched for.
    private static func moment(_ milliseconds: Int64) -> Moment {
        Moment(
            boot: BootTime(nanoseconds: milliseconds * 1_000),
            bootID: BootID("5f1c0a4e-7d2b-4c3a-9e86-0b1d2f3a4c5e"),
            wall: WallTime(milliseconds: milliseconds, isSynchronised: true)
        )
    }

    /// Sales that were delivered, each with its attempt and what was told of it.
    func addDelivered(_ count: Int) throws {
        var lastEvent: Int64 = 0
        try add(count) { names, moment in
            delivered(names, moment, &lastEvent)
        }
    }

    /// Sales whose time was over before anybody knew whether they were paid: each order waits to be undone.
    func addQueued(_ count: Int) throws {
        try add(count) { names, moment in queued(names, moment) }
    }

    /// Ends the journal as a daemon does.
    func close() throws {
        guard journal.close(within: Self.commitLimit) else {
            throw BenchError("The journal that was filled did not close.")
        }
    }

    // MARK: - Rows

    private struct Names {
        let sale: SaleID
        let order: OrderNumber
        let transaction: String
        let fingerprint: CodeFingerprint
    }

    /// - Parameter number: 0 for the first.
    private func names(_ number: Int) throws -> Names {
        let digits = String(10_000_000 + number)
        guard let sale = SaleID("S" + digits + "5BE7AC00"),
            let order = OrderNumber("\(kiosk)-\(digits)5BE7AC00Z9X8")
        else { throw BenchError("Names of a filled journal.") }
        return Names(
            sale: sale,
            order: order,
            transaction: "42000000002026112100" + digits,
            fingerprint: CodeFingerprint("5be7ac00f1e2d3c4b5a6978812345678" + digits)
        )
    }

    private func delivered(_ names: Names, _ moment: Moment, _ lastEvent: inout Int64) -> [Row] {
        let sale = SaleRow(
            id: names.sale,
            amount: amount,
            description: "Locker, 24 h",
            reference: nil,
            idempotencyKey: nil,
            bodyHash: nil,
            created: moment,
            state: .delivered,
            updated: moment,
            truth: Truth.paid.word,
            claimKey: "locker-7",
            paid: moment,
            transactionID: names.transaction
        )
        let attempt = AttemptRow(
            order: names.order,
            sale: names.sale,
            ordinal: 1,
            amount: amount,
            fingerprint: names.fingerprint,
            prepared: moment,
            state: .paid,
            updated: moment,
            submitted: moment,
            verdict: "paid",
            transactionID: names.transaction,
            paidAtSeconds: moment.wall.milliseconds / 1_000
        )
        let course: [(EventKind, SaleState?)] = [
            (.saleChanged, .awaitingCode), (.saleChanged, .submitting), (.saleChanged, .paid),
            (.releaseOffered, nil), (.saleChanged, .delivering), (.saleChanged, .delivered),
        ]
        let events = course.map { kind, state in
            lastEvent += 1
            return Row.event(
                EventRow(
                    id: lastEvent,
                    kind: kind,
                    at: moment,
                    sale: names.sale,
                    order: state == .awaitingCode ? nil : names.order,
                    state: state,
                    amount: amount
                )
            )
        }
        return [.sale(sale), .attempt(attempt)] + events
    }

    private func queued(_ names: Names, _ moment: Moment) -> [Row] {
        let sale = SaleRow(
            id: names.sale,
            amount: amount,
            description: "Locker, 24 h",
            reference: nil,
            idempotencyKey: nil,
            bodyHash: nil,
            created: moment,
            state: .expired,
            updated: moment,
            truth: Truth.notKnownYet(names.order).word
        )
        let attempt = AttemptRow(
            order: names.order,
            sale: names.sale,
            ordinal: 1,
            amount: amount,
            fingerprint: names.fingerprint,
            prepared: moment,
            state: .revoking,
            updated: moment,
            submitted: moment,
            verdict: "unknown"
        )
        let revoke = RevokeRow(
            order: names.order,
            reason: RevokeReason.expired.rawValue,
            decided: moment,
            due: moment
        )
        return [.sale(sale), .attempt(attempt), .revoke(revoke)]
    }

    // MARK: - Storing

    private func add(_ count: Int, _ rows: (Names, Moment) -> [Row]) throws {
        let writer = RecordWriter(journal)
        for first in stride(from: 0, to: count, by: Self.salesPerRecord) {
            var all: [Row] = []
            for number in first..<min(count, first + Self.salesPerRecord) {
                let age = Int64(count - number) * Self.spacing
                all += rows(try names(number), Self.moment(startedAt - age))
            }
            try writer.await(within: Self.commitLimit)
            writer.store(Record(id: RecordID(UInt64(first)), rows: all, isUrgent: false))
        }
        try writer.await(within: Self.commitLimit)
    }

    /// Stores one record while the next one is made.
    private final class RecordWriter: Sendable {
        private let journal: Journal
        private let wake = WakeDescriptor()
        private let state = Mutex<(isBusy: Bool, failure: String?)>((false, nil))

        init(_ journal: Journal) { self.journal = journal }

        func store(_ record: Record) {
            state.withLock { $0.isBusy = true }
            journal.commit(record) { [self] result in
                state.withLock { state in
                    state.isBusy = false
                    if case .failure(let error) = result { state.failure = error.description }
                }
                wake.signal()
            }
        }

        func await(within limit: Duration) throws {
            let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: limit)
            while state.withLock(\.isBusy) {
                guard BootClock.nanoseconds() < end else {
                    throw BenchError("The journal that is filled hangs.")
                }
                _ = wake.wait(atMost: .seconds(1))
                wake.clear()
            }
            if let failure = state.withLock(\.failure) { throw BenchError(failure) }
        }
    }
}
