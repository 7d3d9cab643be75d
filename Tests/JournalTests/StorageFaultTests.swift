import Glibc
import Payments
import Synchronization
import TestKit
import Testing

@testable import Journal

@Suite("Storage that fails (rule A3)")
struct StorageFaultTests {
    @Test(
        "A full disk costs the reserve, then sales, but no stored row and no next start",
        .enabled(if: SmallDisk.isAllowed, "needs root")
    )
    func fullDisk() async throws {
        let disk = try SmallDisk(megabytes: 8)
        let scratch = Scratch(on: disk)
        let journal = try scratch.open()
        try journal.store([.sale(Make.sale(1, .submitting)), .attempt(Make.attempt(1, sale: 1))])
        #expect(journal.hasReserve)
        try disk.fill()

        // The record that finds the disk full is stored all the same, in the reserve's room.
        var stored: Int64 = 0
        while journal.hasReserve, stored < 2_000 {
            try journal.store([.event(Make.event(stored + 1))], urgent: true)
            stored += 1
        }
        #expect(!journal.hasReserve)
        #expect(Directory.size(of: scratch.place.reserve) == 0)
        // Then the disk is full for good: nothing is stored, nothing is lost, nothing is final.
        try disk.fill()
        var refused: JournalError.Kind?
        while refused == nil, stored < 5_000 {
            refused = try kind { try journal.store([.event(Make.event(stored + 1))]) }
            if refused == nil { stored += 1 }
        }
        #expect(refused == .diskFull)
        #expect(journal.failure == nil)
        #expect(try journal.openRows(now: .at(1)).lastEventID == stored)

        // Room again: the same record is stored now, and the reserve comes back.
        disk.empty()
        try journal.store([.event(Make.event(stored + 1))])
        journal.restoreReserve()
        let last = try await journal.read { reader throws(JournalError) in try reader.lastEventID()
        }
        #expect(last == stored + 1)
        #expect(journal.hasReserve)

        // A start on a full disk finds the open rows, so that they are revoked.
        #expect(journal.close())
        try disk.fill()
        let again = try scratch.open()
        #expect(again.origin == .same)
        #expect(try again.openRows(now: .at(1)).attempts.count == 1)
        #expect(again.close())
        disk.empty()
        #expect(try scratch.open().origin == .same)
    }

    @Test(
        "The disk becomes full at any page of a payment: what was acknowledged is there, whole",
        .enabled(if: SmallDisk.isAllowed, "needs root")
    )
    func everyFillLevel() throws {
        let payment = try StoredPayment()
        var acknowledged: [Int] = []
        // Until all of it fits.
        for pages in 0..<200 where acknowledged.last != payment.records.count {
            let disk = try SmallDisk(megabytes: 2)
            let scratch = Scratch(on: disk)
            let journal = try scratch.open(reserveBytes: 0)
            try disk.fill(sparing: pages * 4096)
            acknowledged.append(payment.store(in: journal))
            #expect(journal.failure == nil)
            #expect(journal.close())
            disk.empty()
            try payment.proveSound(
                scratch,
                acknowledged: acknowledged.last ?? 0,
                "\(pages) pages free"
            )
        }
        #expect(acknowledged.first == 0)
        #expect(acknowledged.last == payment.records.count)
        #expect(acknowledged == acknowledged.sorted())
    }

    @Test(
        "A new journal on a full disk says so and leaves nothing half made",
        .enabled(if: SmallDisk.isAllowed, "needs root")
    )
    func newJournalOnFullDisk() throws {
        let disk = try SmallDisk(megabytes: 2)
        let scratch = Scratch(on: disk)
        try disk.fill()
        #expect(try kind { _ = try scratch.open() } == .diskFull)
        disk.empty()
        // No room for the reserve twice: it sells without.
        let journal = try scratch.open()
        #expect(!journal.hasReserve)
        try journal.store([.sale(Make.sale(1))])
    }

    @Test(
        "A record without rows is stored only if a write works, and costs no reserve",
        .enabled(if: SmallDisk.isAllowed, "needs root")
    )
    func emptyRecord() throws {
        let disk = try SmallDisk(megabytes: 8)
        let scratch = Scratch(on: disk)
        let journal = try scratch.open()
        try journal.store([])
        // Until the log can grow no more.
        var refused: JournalError.Kind?
        for _ in 0..<5_000 where refused == nil {
            try disk.fill()
            refused = try kind { try journal.store([]) }
        }
        #expect(refused == .diskFull)
        #expect(journal.hasReserve)
        #expect(journal.failure == nil)
        disk.empty()
        try journal.store([])
    }

    @Test("What does not fit is refused alone; smaller records beside it are stored")
    func tooLittleRoom() throws {
        let scratch = try Scratch()
        try scratch.place.makeDatabaseFile()
        let database = try Database.open(scratch.place.database, for: .writing)
        try database.migrate()
        let pages = try database.integer("PRAGMA page_count") ?? 0
        try database.execute("PRAGMA max_page_count = \(pages + 2)")
        let reserve = Reserve(in: scratch.place, bytes: 65_536)
        reserve.restore()
        let status = Status(latestWall: nil, watch: DamageWatch(scratch.place))
        let identity = Identity(machine: "m", starts: 1, latestWallMilliseconds: .max)
        let writer = try Writer(database, identity: identity, reserve: reserve, status: status)
        let large = (2...200).map { Row.event(Make.event($0)) }
        let results = writer.store([
            Make.record([.event(Make.event(1))]), Make.record(large),
            Make.record([.event(Make.event(2))]),
        ])
        let kinds = results.map { result -> JournalError.Kind? in
            if case .failure(let error) = result { return error.kind }
            return nil
        }
        #expect(kinds == [nil, .diskFull, nil])
        #expect(!reserve.isHeld)
        #expect(status.failure == nil)
    }

    @Test("A directory or a file that may not be written is read-only, and says so")
    func readOnly() async throws {
        let scratch = try Scratch()
        #expect(try scratch.open().close())
        // As a user who owns nothing else: root may write everything.
        let place = scratch.place
        let files = [
            place.path, place.database, place.log, place.database + "-shm", place.lock,
            place.starts, place.reserve,
        ]
        for file in files where getuid() == 0 { _ = unsafe chown(file, 65_534, 65_534) }
        await #expect(processExitsWith: .success) { [path = scratch.path as String] in
            if getuid() == 0, setuid(65_534) != 0 { throw Failed(what: "setuid") }
            let place = Directory(path: path)
            let open = {
                let journal = try Journal.open(directory: path, machineID: "machine-a", now: .at(0))
                guard journal.close() else { throw Failed(what: "close") }
            }
            try open()
            for (file, mode) in [(place.database, 0o400), (path, 0o500)] {
                guard unsafe chmod(file, mode_t(mode)) == 0 else { throw Failed(what: "chmod") }
                guard try kind(open) == .readOnly else { throw Failed(what: "\(file) is written") }
                guard unsafe chmod(file, 0o700) == 0 else { throw Failed(what: "chmod") }
            }
            try open()
        }
    }

    @Test(
        "A failed sync or write ends all recording; the next start has what was committed"
    )
    func failedSync() async throws {
        let (syncing, writing) = (try Scratch(), try Scratch())
        await #expect(processExitsWith: .success) {
            [paths = [syncing.path, writing.path] as [String]] in
            RecordingDisk.install()
            for (path, call) in zip(paths, [RecordingDisk.Call.sync, .write]) {
                let open = { () throws(JournalError) in
                    try Journal.open(directory: path, machineID: "m", now: .at(0))
                }
                let journal = try open()
                try journal.store([.event(Make.event(1))])
                RecordingDisk.begin(.log(call))
                let first = try kind { try journal.store([.event(Make.event(2))]) }
                // The next sync would "succeed": it is not believed.
                RecordingDisk.begin(nil)
                let second = try kind { try journal.store([.event(Make.event(2))]) }
                guard first == .inputOutput, second == .inputOutput, journal.failure != nil,
                    try journal.openRows(now: .at(1)).lastEventID == 1, journal.close()
                else { throw Failed(what: "\(call): \(first as Any), \(second as Any)") }
                let restarted = try open()
                let last = try restarted.openRows(now: .at(1)).lastEventID
                try restarted.store([.event(Make.event(last + 1))])
                guard restarted.failure == nil else { throw Failed(what: "restart") }
            }
        }
    }
}
