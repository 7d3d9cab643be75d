import Payments
import Synchronization
import Testing

@testable import Journal

@Suite("The full check")
struct IntegrityTests {
    let scratch: Scratch
    let journal: Journal

    init() throws {
        scratch = try Scratch()
        journal = try scratch.open()
        try journal.store([
            .sale(Make.sale(1, .delivered)), .attempt(Make.attempt(1, sale: 1, .paid)),
            .sale(Make.sale(2)), .attempt(Make.attempt(2, sale: 2, .revoking)),
            .revoke(Make.revoke(2)), .event(Make.event(1)), .event(Make.event(2)),
        ])
    }

    private func check() throws -> IntegrityReport {
        let done = Semaphore()
        let report = Mutex<IntegrityReport?>(nil)
        try journal.checkIntegrity(pause: .zero) { found in
            report.withLock { $0 = found }
            done.signal()
        }
        guard done.wait(atMost: .seconds(30)), let found = report.withLock(\.self) else {
            throw Failed(what: "no report")
        }
        return found
    }

    @Test("A sound journal has no problems")
    func sound() throws {
        let report = try check()
        #expect(report.problems == [])
        #expect(report.rowsChecked == 8)
        #expect(report.isComplete)
    }

    @Test("Each kind of damage is found, named and not repaired")
    func damage() throws {
        try scratch.tamper(
            """
            UPDATE sales SET description = 'other' WHERE number = 2;
            UPDATE attempts SET open = 0 WHERE number = 2;
            INSERT INTO events SELECT 9, kind, at_boot_id, at_boot_ns, at_wall_ms, at_synchronised,
                sale, order_number, state, amount, currency, truth, reason, checksum
                FROM events WHERE id = 2;
            """
        )
        for _ in 0..<2 {
            let report = try check()
            #expect(report.isComplete)
            #expect(
                report.problems == [
                    "table sales: row 2 does not fit its checksum",
                    "table attempts: row 2 is marked open or settled wrongly",
                    "table events: row 9 does not fit its checksum",
                    "table events: rows are missing before row 9",
                ]
            )
        }
        #expect(journal.failure == nil)
    }

    @Test("Of many problems a hundred are told")
    func manyProblems() throws {
        for number in 3...130 { try journal.store([.sale(Make.sale(number))]) }
        try scratch.tamper("UPDATE sales SET description = 'other'")
        #expect(try check().problems.count == IntegrityReport.mostProblems)
    }

    @Test("One check at a time; closing ends it")
    func closing() throws {
        let done = Semaphore()
        let report = Mutex<IntegrityReport?>(nil)
        try journal.checkIntegrity(pause: .seconds(60)) { found in
            report.withLock { $0 = found }
            done.signal()
        }
        #expect(try kind { try journal.checkIntegrity { _ in } } == .busy)
        #expect(journal.close())
        #expect(done.wait(atMost: .seconds(30)))
        #expect(report.withLock(\.self)?.isComplete == false)
        #expect(report.withLock(\.self)?.problems == [])
    }
}
