import Glibc
import Payments

@testable import Journal

/// The files of a state directory, as they lie on a card: kept, changed and put back.
struct KioskCard {
    var files: [String: [UInt8]]

    static let names = ["journal.db", "journal.db-wal", "starts"]

    init(_ directory: String) throws {
        files = [:]
        for name in Self.names where Directory.exists("\(directory)/\(name)") {
            let size = Directory.size(of: "\(directory)/\(name)")
            files[name] = try FileBytes("\(directory)/\(name)").bytes(at: 0, count: size)
        }
    }

    /// A new state directory with these files.
    func insert() throws -> Scratch {
        let scratch = try Scratch()
        for (name, bytes) in files { try overwrite("\(scratch.path)/\(name)", with: bytes) }
        return scratch
    }

    /// Sales of every kind, with all that belongs to them. The last orders are open.
    ///
    /// - Parameter isStepByStep: each state of a row is stored over the one before, as in life: older ones lie about.
    static func sold(isClosed: Bool = true, isStepByStep: Bool = false) throws -> KioskCard {
        let scratch = try Scratch()
        let journal = try scratch.open()
        var event: Int64 = 0
        for number in 1...soldSales {
            let (sale, attempt): (SaleState, AttemptState) =
                switch number % 4 {
                case 0: (.expired, .undone)
                case 1: (.delivered, .paid)
                case 2 where number > soldSales - 4: (.expired, .revoking)
                case 2: (.cancelled, .undone)
                default: (.undelivered, number > soldSales - 4 ? .revoking : .undone)
                }
            var last = try Make.attempt(number, sale: number, attempt)
            last.updated = .at(9)
            var rows: [Row] = [
                .sale(try Make.sale(number, sale, at: .at(Int64(number)))), .attempt(last),
            ]
            if attempt != .paid {
                let settled: Moment? = attempt == .undone ? .at(9) : nil
                rows.append(.revoke(try Make.revoke(number, settled: settled)))
            }
            if isStepByStep { try storeEarlier(rows, number, in: journal) }
            event += 1
            rows.append(
                .event(
                    EventRow(
                        id: event,
                        kind: .saleChanged,
                        at: .at(1),
                        sale: try Make.saleID(number),
                        order: try Make.order(number),
                        state: sale,
                        amount: try Make.money()
                    )
                )
            )
            try journal.store(rows)
        }
        // Without an orderly end the newest rows lie in the log.
        if !isClosed { return try KioskCard(scratch.path) }
        guard journal.close() else { throw Failed(what: "close") }
        return try KioskCard(scratch.path)
    }

    /// What was stored of an order before it was `rows`.
    private static func storeEarlier(_ rows: [Row], _ number: Int, in journal: Journal) throws {
        try journal.store([rows[0], .attempt(try Make.attempt(number, sale: number))])
        guard rows.count > 2 else { return }
        var revoking = try Make.attempt(number, sale: number, .revoking)
        revoking.updated = .at(2)
        try journal.store([.attempt(revoking), .revoke(try Make.revoke(number))])
    }

    static let soldSales = 16
}

extension Scratch {
    func care(machineID: String = "machine-a") throws(JournalError) -> JournalCare {
        try JournalCare(directory: path, machineID: machineID)
    }

    func recover(machineID: String = "machine-a") throws(JournalError) -> RecoveryReport? {
        try care(machineID: machineID).recover(by: "a person", now: .at(50)) { "\($0.openOrders)" }
    }

    /// All rows of a table that no daemon has open.
    func rows<Row: StoredRow>(_ type: Row.Type) throws -> [Row] {
        let database = try Database.open(place.database, for: .reading)
        return try database.rows("\(Row.table.select) ORDER BY rowid").map {
            try Row(selected: $0, file: database.file)
        }
    }
}
