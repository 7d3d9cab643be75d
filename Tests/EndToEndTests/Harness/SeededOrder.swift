import Journal
import Payments
import Sandbox
import TestKit
import Testing
import Threads

/// An order as an earlier run of the daemon left it in the journal, for tests that begin there.
struct SeededOrder {
    private(set) var sale: SaleRow
    private(set) var attempt: AttemptRow
    let revoke: RevokeRow?

    /// Now, in this boot.
    static func now() -> Moment {
        let boot = Files.text("/proc/sys/kernel/random/boot_id").filter { !$0.isWhitespace }
        return Moment(
            boot: BootTime(nanoseconds: BootClock.nanoseconds()),
            bootID: BootID(boot),
            wall: WallTime(milliseconds: SystemClock.milliseconds(), isSynchronised: true)
        )
    }

    /// - Parameter number: of the test's own; no two are alike.
    init(
        _ number: Int,
        _ saleState: SaleState,
        _ attemptState: AttemptState,
        at moment: Moment,
    ) throws {
        var generator = SystemRandomNumberGenerator()
        guard let kiosk = KioskID("K0007"), let id = SaleID("S00000000\(10_000_000 + number)"),
            let amount = Money(minorUnits: 200, currency: .cny)
        else { throw HarnessError("Names of a seeded order.") }
        let order = OrderNumber(kiosk: kiosk, using: &generator)
        let isPaid = attemptState == .paid
        sale = SaleRow(
            id: id,
            amount: amount,
            description: "Locker",
            reference: nil,
            idempotencyKey: nil,
            bodyHash: nil,
            created: moment,
            state: saleState,
            updated: moment,
            truth: saleState == .expired ? "not-known-yet" : isPaid ? "paid" : nil,
            claimKey: saleState == .delivering ? "locker-7" : nil,
            paid: isPaid ? moment : nil,
            transactionID: isPaid ? "4200000000000000000000000001" : nil
        )
        attempt = AttemptRow(
            order: order,
            sale: id,
            ordinal: 1,
            amount: amount,
            fingerprint: CodeFingerprint("seeded-\(number)"),
            prepared: moment,
            state: attemptState,
            updated: moment,
            transactionID: isPaid ? "4200000000000000000000000001" : nil
        )
        revoke =
            attemptState == .revoking
            ? RevokeRow(order: order, reason: "expired", decided: moment, due: moment) : nil
    }

    /// Its payer has paid: the platform knows of it, and rows that say so name that payment.
    mutating func charge(at sandbox: SandboxServer) {
        sandbox.paidBefore([(attempt.order.text, attempt.amount)])
        guard attempt.state == .paid else { return }
        attempt.transactionID = sandbox.entry(of: attempt.order.text)?.transactionID
        sale.transactionID = attempt.transactionID
    }

    var rows: [Row] { [.sale(sale), .attempt(attempt)] + (revoke.map { [.revoke($0)] } ?? []) }
}

extension SeededOrder {
    /// Puts orders whose sales have expired into the journal of a daemon that has run and ended, as a daemon does it; their
    /// numbers.
    ///
    /// - Parameter isCharged: whether their payers paid.
    static func storeQueue(
        _ count: Int,
        in kiosk: Kiosk,
        isCharged: Bool = false,
    ) throws -> [OrderNumber] {
        let file = try JournalFile(kiosk.stateDirectory + "/journal.db")
        let machine = try file.rows("SELECT machine FROM identity").first?["machine"] ?? ""
        let now = now()
        let journal = try Journal.open(
            directory: kiosk.stateDirectory,
            machineID: machine,
            now: now
        )
        var orders: [OrderNumber] = []
        for first in stride(from: 1, through: count, by: 100) {
            let some = try (first..<min(count + 1, first + 100)).map {
                try SeededOrder($0, .expired, .revoking, at: now)
            }
            let record = Record(
                id: RecordID(UInt64(first)),
                rows: some.flatMap(\.rows),
                isUrgent: false
            )
            journal.commit(record) {
                if case .failure(let error) = $0 { Issue.record("\(error)") }
            }
            orders += some.map(\.attempt.order)
            if isCharged {
                kiosk.sandbox.paidBefore(some.map { ($0.attempt.order.text, $0.attempt.amount) })
            }
        }
        guard journal.close(within: .seconds(60)) else { throw HarnessError("close") }
        return orders
    }
}
