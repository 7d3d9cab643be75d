import Glibc
import Payments
import Synchronization
import TestKit

@testable import Journal

/// A directory of one test, removed with everything in it.
final class Scratch: Sendable {
    private let folder: TestFolder
    /// Mounted as long as anything uses its folder.
    private let disk: SmallDisk?
    var path: String { folder.path }

    init() throws {
        folder = try TestFolder()
        disk = nil
    }

    /// The whole of a small disk.
    init(on disk: SmallDisk) {
        folder = disk.folder
        self.disk = disk
    }

    var place: Directory { Directory(path: path) }

    func open(
        machineID: String = "machine-a",
        reserveBytes: Int = 2 * 1024 * 1024,
        now: Moment = .at(0),
    ) throws(JournalError) -> Journal {
        try Journal.open(
            directory: path,
            reserveBytes: reserveBytes,
            machineID: machineID,
            now: now
        )
    }

    /// Changes the stored file behind the journal's back.
    func tamper(_ sql: String) throws(JournalError) {
        try Database.open(place.database, for: .writing).execute(sql)
    }
}

struct Failed: Error { let what: String }

/// Writes bytes into a file at an offset; makes the file if needed.
func overwrite(_ file: String, at offset: Int = 0, with bytes: [UInt8]) throws {
    let descriptor = unsafe open(file, O_WRONLY | O_CREAT, 0o600)
    guard descriptor >= 0 else { throw Failed(what: "open \(file)") }
    defer { close(descriptor) }
    let count = unsafe bytes.withUnsafeBytes {
        unsafe pwrite(descriptor, $0.baseAddress, $0.count, offset)
    }
    guard count == bytes.count else { throw Failed(what: "write \(file)") }
}

extension Moment {
    /// So many seconds into a boot.
    static func at(_ seconds: Int64, boot: String = "boot-1", synchronised: Bool = true) -> Moment {
        Moment(
            boot: BootTime(nanoseconds: seconds * 1_000_000_000),
            bootID: BootID(boot),
            wall: WallTime(
                milliseconds: 1_700_000_000_000 + seconds * 1_000,
                isSynchronised: synchronised
            )
        )
    }
}

/// Rows for tests, named by small numbers.
enum Make {
    private static func name(_ number: Int, length: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: length - digits.count) + digits
    }

    static func saleID(_ number: Int) throws -> SaleID {
        guard let id = SaleID("S" + name(number, length: 16)) else { throw Failed(what: "id") }
        return id
    }

    static func order(_ number: Int) throws -> OrderNumber {
        guard let order = OrderNumber("K1-" + name(number, length: 20)) else {
            throw Failed(what: "order")
        }
        return order
    }

    static func money(_ fen: Int64 = 200) throws -> Money {
        guard let money = Money(minorUnits: fen, currency: .cny) else { throw Failed(what: "fen") }
        return money
    }

    static func sale(
        _ number: Int,
        _ state: SaleState = .awaitingCode,
        key: String? = nil,
        at moment: Moment = .at(1),
    ) throws -> SaleRow {
        try SaleRow(
            id: saleID(number),
            amount: money(),
            description: "Locker",
            reference: nil,
            idempotencyKey: key,
            bodyHash: nil,
            created: .at(1),
            state: state,
            updated: moment
        )
    }

    static func attempt(
        _ number: Int,
        sale: Int,
        _ state: AttemptState = .prepared,
        ordinal: Int = 1,
        prepared: Moment = .at(1),
    ) throws -> AttemptRow {
        try AttemptRow(
            order: order(number),
            sale: saleID(sale),
            ordinal: ordinal,
            amount: money(),
            fingerprint: CodeFingerprint("f\(number)"),
            prepared: prepared,
            state: state,
            updated: prepared
        )
    }

    static func revoke(_ number: Int, settled: Moment? = nil) throws -> RevokeRow {
        try RevokeRow(
            order: order(number),
            reason: "expired",
            decided: .at(2),
            due: .at(3),
            settled: settled
        )
    }

    static func settlement(
        _ number: Int,
        _ outcome: SettlementOutcome = .refunded,
    ) throws -> SettlementRow {
        try SettlementRow(order: order(number), outcome: outcome, note: "n", by: "b", at: .at(5))
    }

    static func event(_ id: Int64, at moment: Moment = .at(1)) -> EventRow {
        EventRow(id: id, kind: .saleChanged, at: moment)
    }

    static func record(
        _ rows: [Row],
        urgent: Bool = false,
        id: UInt64 = 1,
        endsAdoption: Bool = false,
    ) -> Record {
        Record(id: RecordID(id), rows: rows, isUrgent: urgent, endsAdoption: endsAdoption)
    }
}

extension Journal {
    /// Commits and waits; throws what the completion said.
    func store(_ rows: [Row], urgent: Bool = false, endsAdoption: Bool = false) throws {
        let done = Semaphore()
        let result = Mutex<Result<Void, JournalError>?>(nil)
        commit(Make.record(rows, urgent: urgent, endsAdoption: endsAdoption)) { outcome in
            result.withLock { $0 = outcome }
            done.signal()
        }
        guard done.wait(atMost: .seconds(30)) else { throw Failed(what: "no completion") }
        try result.withLock(\.self)?.get()
    }
}

/// The kind of the journal's error that `body` throws; `nil` if it throws none.
func kind(_ body: () throws -> Void) throws -> JournalError.Kind? {
    do {
        try body()
        return nil
    } catch let error as JournalError {
        return error.kind
    }
}
