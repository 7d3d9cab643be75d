import Glibc
import Payments
import Synchronization
import Testing

@testable import Journal

@Suite("Opening a journal")
struct OpeningTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("The directory must be there and be ours alone")
    func directory() throws {
        #expect(
            try kind {
                _ = try Journal.open(directory: scratch.path + "/no", machineID: "m", now: .at(0))
            } == .directory
        )
        try overwrite(scratch.place.lock, with: [1])
        #expect(
            try kind {
                _ = try Journal.open(directory: scratch.place.lock, machineID: "m", now: .at(0))
            } == .directory
        )
        _ = unsafe chmod(scratch.path, 0o750)
        #expect(try kind { _ = try scratch.open() } == .directory)
        _ = unsafe chmod(scratch.path, 0o700)
        let journal = try scratch.open()
        for file in [scratch.place.database, scratch.place.log, scratch.place.reserve] {
            var status = stat()
            #expect(unsafe stat(file, &status) == 0)
            #expect(status.st_mode & 0o077 == 0, "others can read \(file)")
        }
        #expect(journal.hasReserve)
        #expect(Directory.size(of: scratch.place.reserve) == 2 * 1024 * 1024)
    }

    @Test("Every connection syncs each commit and checks what it reads")
    func configuration() throws {
        try withExtendedLifetime(scratch.open()) {
            for access in [Database.Access.reading, .writing] {
                let database = try Database.open(scratch.place.database, for: access)
                let settings = [
                    "synchronous": Int64(2), "foreign_keys": 1, "cell_size_check": 1,
                    "trusted_schema": 0, "temp_store": 2, "journal_size_limit": 1_048_576,
                    "wal_autocheckpoint": 1_000, "application_id": 0x4B50_4A31, "user_version": 4,
                ]
                for (name, value) in settings {
                    #expect(try database.integer("PRAGMA \(name)") == value, "\(name)")
                }
                #expect(try database.rows("PRAGMA journal_mode") == [[.text("wal")]])
            }
        }
    }

    @Test("A directory is open once, and free again after close or after the journal is gone")
    func lock() throws {
        var journal: Journal? = try scratch.open()
        #expect(try kind { _ = try scratch.open() } == .inUse)
        #expect(journal?.close() == true)
        journal = try scratch.open()
        try journal?.store([.sale(Make.sale(1))])
        #expect(journal?.close() == true)
        #expect(try scratch.open().openRows(now: .at(2)).sales.count == 1)
    }

    @Test("Another process is told that the journal is in use")
    func lockAgainstProcesses() async throws {
        let journal = try scratch.open()
        let path = scratch.path
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            do {
                _ = try Journal.open(directory: path, machineID: "machine-a", now: .at(0))
            } catch let error as JournalError where error.kind == .inUse {
                exit(7)
            }
        }
        try journal.store([.sale(Make.sale(1))])
    }

    @Test(
        "An older schema is brought up to date with its rows; a step that fails leaves it as it was"
    )
    func migration() throws {
        try scratch.place.makeDatabaseFile()
        do {
            let old = try Database.open(scratch.place.database, for: .writing)
            try old.migrate([Migration.all[0]])
            #expect(try old.integer("PRAGMA user_version") == 1)
            try old.prepare(SaleRow.table.upsert).run(Make.sale(1).boundValues)
            let broken = Migration(sql: "CREATE TABLE extra (a) STRICT; CREATE NONSENSE;")
            let fails = Migration(sql: "CREATE TABLE good (a INTEGER) STRICT; CREATE NONSENSE;")
            for step in [broken, fails] {
                #expect(throws: JournalError.self) { try old.migrate([Migration.all[0], step]) }
            }
            #expect(try old.integer("PRAGMA user_version") == 1)
            #expect(
                try old.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'good'") == 0
            )
        }
        let journal = try scratch.open()
        #expect(try journal.openRows(now: .at(2)).sales == [Make.sale(1)])
        #expect(try kind { try scratch.tamper("DELETE FROM sales") } == .rejected)
        // And a further step, as a later version would bring it.
        #expect(journal.close())
        let newer = try Database.open(scratch.place.database, for: .writing)
        try newer.migrate(Migration.all + [Migration(sql: "ALTER TABLE sales ADD extra TEXT;")])
        #expect(try newer.integer("SELECT count(*) FROM sales WHERE extra IS NULL") == 1)
    }

    @Test("Revokes of the schema before refunds are read, go on, and keep their checksums")
    func migrationOfRevokes() throws {
        try scratch.place.makeDatabaseFile()
        do {
            let old = try Database.open(scratch.place.database, for: .writing)
            try old.migrate(Array(Migration.all[..<2]))
            try old.prepare(SaleRow.table.upsert).run(Make.sale(1, .cancelled).boundValues)
            try old.prepare(AttemptRow.table.upsert)
                .run(Make.attempt(1, sale: 1, .revoking).boundValues)
            // As that version stored it: without the columns that came later.
            let table = RevokeRow.table
            let older = Table(
                name: table.name,
                key: table.key,
                fixed: table.fixed,
                changing: table.changing
            )
            let values = Array(try Make.revoke(1).values.prefix(older.columns.count))
            try old.prepare(older.upsert).run(values + [older.checksum(of: values)])
        }
        let journal = try scratch.open()
        #expect(try journal.openRows(now: .at(9)).revokes == [Make.revoke(1)])
        let done = Semaphore()
        try journal.checkIntegrity(pause: .zero) { report in
            #expect(report.problems.isEmpty && report.isComplete)
            done.signal()
        }
        #expect(done.wait(atMost: .seconds(30)))
        var revoke = try Make.revoke(1)
        revoke.refusal = "REVERSE_EXPIRE"
        revoke.refundDecided = .at(4)
        try journal.store([.revoke(revoke)])
        #expect(try journal.openRows(now: .at(9)).revokes == [revoke])
        revoke.refusal = nil
        revoke.refundDecided = nil
        try journal.store([.revoke(revoke)])
        #expect(try journal.openRows(now: .at(9)).revokes == [revoke])
        // What is taken out of an added column behind our back is seen as well.
        revoke.parked = .at(6)
        revoke.parkedReason = "refund CHANGE"
        try journal.store([.revoke(revoke)])
        try scratch.tamper(
            """
            UPDATE revokes SET parked_boot_id = NULL, parked_boot_ns = NULL,
            parked_wall_ms = NULL, parked_synchronised = NULL, parked_reason = NULL
            """
        )
        #expect(try kind { _ = try journal.openRows(now: .at(9)) } == .damaged)
    }

    @Test("A newer schema is refused with a clear sentence and left alone")
    func newerSchema() throws {
        #expect(try scratch.open().close())
        try scratch.tamper("PRAGMA user_version = 99; CREATE TABLE later (a)")
        let error = #expect(throws: JournalError.self) { _ = try scratch.open() }
        #expect(error?.kind == .newerSchema)
        #expect(error?.description.contains("schema 99") == true)
        try scratch.tamper("PRAGMA user_version = 4; DROP TABLE later")
        let journal = try scratch.open()
        #expect(journal.damage == nil && journal.close())
        // With our own tables a version that we do not know is a damaged header.
        for version in [99, 0] {
            let scratch = try Scratch()
            #expect(try scratch.open().close())
            try scratch.tamper("PRAGMA user_version = \(version)")
            let journal = try scratch.open()
            #expect(journal.damage != nil && journal.close())
        }
    }

    @Test("A database of something else is refused and left alone")
    func otherDatabase() throws {
        try scratch.place.makeDatabaseFile()
        try scratch.tamper("CREATE TABLE music (title TEXT)")
        #expect(try kind { _ = try scratch.open() } == .notAJournal)
        let database = try Database.open(scratch.place.database, for: .reading)
        #expect(try database.rows("PRAGMA journal_mode") == [[.text("delete")]])
    }

    @Test("A file that is no database is set aside as it is, and an empty journal stands in (A6)")
    func garbage() throws {
        let garbage = Array("not a database at all, certainly not one of SQLite".utf8)
        try overwrite(scratch.place.database, with: garbage)
        for _ in 0..<2 {
            let journal = try scratch.open()
            #expect(journal.damage?.folders == [scratch.place.damaged + "/1"])
            #expect(journal.damage?.reason.contains("journal recover") == true)
            #expect(try journal.openRows(now: .at(1)) == OpenRows())
            #expect(journal.close())
        }
        let kept = scratch.place.damaged + "/1/journal.db"
        #expect(try FileBytes(kept).bytes(at: 0, count: 100) == garbage)
    }

    @Test("A log whose database is gone is not thrown away")
    func orphanedLog() throws {
        try overwrite(scratch.place.log, with: [UInt8](repeating: 7, count: 5_000))
        let journal = try scratch.open()
        #expect(journal.damage != nil)
        #expect(Directory.size(of: scratch.place.damaged + "/1/journal.db-wal") == 5_000)
        #expect(journal.close())
    }

    @Test("Damage met in use: said once, the commit that meets it is the last, set aside next time")
    func damagedPage() throws {
        var journal = try scratch.open()
        for number in 1...40 { try journal.store([.sale(Make.sale(number, .delivered))]) }
        #expect(journal.close())
        let root = try Database.open(scratch.place.database, for: .reading)
            .integer("SELECT rootpage FROM sqlite_schema WHERE name = 'sales'")
        let page = Int(root ?? 0)
        let garbage = [UInt8](repeating: 0xA5, count: 4_096)
        try overwrite(scratch.place.database, at: (page - 1) * 4_096, with: garbage)
        journal = try scratch.open()
        #expect(journal.damage == nil)
        let told = Atomic(0)
        try withExtendedLifetime(journal) {
            journal.onDamage { _ in told.add(1, ordering: .relaxed) }
            let sale = try Make.saleID(1)
            #expect(
                try kind {
                    _ = try journal.readBlocking { reader throws(JournalError) in
                        try reader.sale(sale)
                    }
                } == .damaged
            )
            #expect(told.load(ordering: .relaxed) == 1)
            #expect(try kind { try journal.store([.sale(Make.sale(41))]) } == .damaged)
            #expect(journal.failure?.kind == .damaged)
            #expect(try kind { try journal.store([]) } == .damaged)
            let done = Semaphore()
            try journal.checkIntegrity(pause: .zero) { report in
                #expect(report.problems.contains { $0.hasPrefix("table sales") })
                done.signal()
            }
            #expect(done.wait(atMost: .seconds(30)))
            #expect(told.load(ordering: .relaxed) == 1)
        }
        #expect(journal.close())
        journal = try scratch.open()
        #expect(journal.damage != nil)
        #expect(journal.close())
    }

    @Test("Every error is one line that names the file and what to do")
    func sentences() throws {
        let file = "/state/journal.db"
        let errors: [JournalError] = [
            .inUse(file), .directory(file, because: "it is missing", remedy: "make it"),
            .diskFull(file), .readOnly(file), .inputOutput(file, "EIO"), .damaged(file, "page 3"),
            .newerSchema(file, found: 3, known: 2), .olderSchema(file, found: 1, known: 2),
            .notAJournal(file), .rejected(file, "event 3"),
            .busy(file, "locked"), .closed(file),
        ]
        for error in errors {
            let text = error.description
            #expect(text.contains(file) && text.hasSuffix(".") && !text.contains("\n"))
            #expect(text.contains(";"), "no next step: \(text)")
        }
        #expect(errors.filter(\.isFinal).map(\.kind) == [.inputOutput, .damaged])
    }
}
