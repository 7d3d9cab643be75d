import Payments
import Synchronization
import Testing

@testable import Journal

@Suite("Rehearsing a payment's record")
struct RehearsalTests {
    @Test("Nothing of a rehearsal is stored or written, before records, between them and after")
    func nothingStored() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        defer { _ = journal.close() }
        try commit([.sale(Make.sale(1))], to: journal)
        let size = Directory.size(of: scratch.place.log)
        for _ in 0..<3 {
            try rehearse(journal, event: 1)
            #expect(Directory.size(of: scratch.place.log) == size)
        }
        try commit([.attempt(Make.attempt(1, sale: 1)), .event(Make.event(1))], to: journal)
        try rehearse(journal, event: 2)
        let rows = try journal.openRows(now: .at(1))
        #expect(rows.sales.map(\.id) == [try Make.saleID(1)])
        #expect(rows.attempts.map(\.order) == [try Make.order(1)])
        #expect(rows.lastEventID == 1)
    }

    @Test("One whose rows do not fit is left out, and what follows is stored")
    func leftOut() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        defer { _ = journal.close() }
        try commit([.sale(Make.sale(1))], to: journal)
        let isTold = Mutex(false)
        // An event that does not follow the last one.
        let event = Make.event(99)
        journal.rehearse([.event(event)]) { isTold.withLock { $0 = true } }
        try commit([.attempt(Make.attempt(1, sale: 1)), .event(Make.event(1))], to: journal)
        #expect(!isTold.withLock { $0 })
        #expect(try journal.openRows(now: .at(1)).attempts.count == 1)
    }

    private func rehearse(_ journal: Journal, event: Int64) throws {
        let done = Semaphore()
        let rows: [Row] = try [
            .sale(Make.sale(2)), .attempt(Make.attempt(2, sale: 2)), .event(Make.event(event)),
        ]
        journal.rehearse(rows) { done.signal() }
        #expect(done.wait(atMost: .seconds(10)))
    }

    private func commit(_ rows: [Row], to journal: Journal) throws {
        let done = Semaphore()
        journal.commit(Make.record(rows)) { result in
            guard case .success = result else { return }
            done.signal()
        }
        #expect(done.wait(atMost: .seconds(10)))
    }
}
