import Glibc
import Payments
import Synchronization
import Testing

@testable import Journal

@Suite("A person adopts a journal (rule A5)")
struct AdoptionTests {
    private func copied() throws -> Scratch { try KioskCard.sold().insert() }

    private func adopt(_ journal: Journal) throws {
        let done = Semaphore()
        let result = Mutex<Result<Void, JournalError>?>(nil)
        journal.adopt(by: "a person", now: .at(5)) { outcome in
            result.withLock { $0 = outcome }
            done.signal()
        }
        guard done.wait(atMost: .seconds(30)) else { throw Failed(what: "no completion") }
        try result.withLock(\.self)?.get()
    }

    @Test("Adopted while it runs: the next start is its own, and the adoption is stored once")
    func running() throws {
        let scratch = try copied()
        var journal = try scratch.open(machineID: "machine-b")
        #expect(journal.origin != .same)
        try adopt(journal)
        try adopt(journal)
        #expect(journal.close())
        journal = try scratch.open(machineID: "machine-b")
        #expect(journal.origin == .same && journal.isAdoptionPending)
        #expect(journal.close())
        let rows = try scratch.rows(CustodyRow.self)
        #expect(rows.map(\.by) == ["a person"] && rows.map(\.kind) == [.adopted])
        // At home it is a stranger now.
        #expect(try scratch.open().origin != .same)
    }

    @Test(
        "The record that says so ends the taking over, and no other, also where it is refused beside others",
        arguments: [true, false]
    )
    func takenOver(hasRows: Bool) throws {
        let scratch = try copied()
        var journal = try scratch.open(machineID: "machine-b")
        try adopt(journal)
        // A record without rows only asks whether storage works; one with rows is a step of the queue.
        try journal.store([])
        try journal.store([.sale(Make.sale(90))])
        #expect(journal.close())
        journal = try scratch.open(machineID: "machine-b")
        #expect(journal.isAdoptionPending)

        // All in one transaction: the one that takes the rows over contradicts what is stored.
        let (gate, begun, done) = (Semaphore(), Semaphore(), Semaphore())
        let results = Mutex<[Bool]>([])
        journal.commit(Make.record([])) { _ in
            begun.signal()
            gate.wait()
        }
        #expect(begun.wait(atMost: .seconds(30)))
        let contradiction: [Row] = [.sale(try Make.sale(91)), .event(Make.event(900))]
        for (rows, ends) in [
            ([.sale(try Make.sale(92))], false), (contradiction, true),
            ([.sale(try Make.sale(93))], false),
        ] {
            journal.commit(Make.record(rows, endsAdoption: ends)) { result in
                let isGood = if case .success = result { true } else { false }
                let count = results.withLock { results in
                    results.append(isGood)
                    return results.count
                }
                if count == 3 { done.signal() }
            }
        }
        gate.signal()
        #expect(done.wait(atMost: .seconds(30)))
        #expect(results.withLock(\.self) == [true, false, true])
        #expect(journal.close())
        journal = try scratch.open(machineID: "machine-b")
        #expect(journal.isAdoptionPending)

        try journal.store(hasRows ? [.sale(Make.sale(94))] : [], endsAdoption: true)
        #expect(journal.close())
        #expect(try !scratch.open(machineID: "machine-b").isAdoptionPending)
    }

    @Test("Adopted while stopped: the plan says what is open, the journal is its own afterwards")
    func stopped() throws {
        let scratch = try copied()
        let care = try scratch.care(machineID: "machine-b")
        let plan = try care.adoptionPlan
        #expect(plan.reason == "the journal was written by another machine")
        #expect(plan.openOrders == 2 && plan.openSums == ["CNY": 400])
        try care.adopt(by: "a person", now: .at(5))
        #expect(try care.adoptionPlan.reason == nil)
        try care.adopt(by: "somebody else", now: .at(6))
        #expect(try scratch.rows(CustodyRow.self).count == 1)
        let journal = try scratch.open(machineID: "machine-b")
        #expect(journal.origin == .same && journal.isAdoptionPending)
        // Not while a daemon has it.
        #expect(try kind { _ = try care.adoptionPlan } == .inUse)
        #expect(try kind { try care.adopt(by: "a person", now: .at(7)) } == .inUse)
        #expect(try kind { _ = try scratch.recover() } == .inUse)
    }

    @Test("A power cut between the count outside and the transaction leaves it not adopted")
    func powerCut() throws {
        for (machine, starts) in [
            ("machine-b", "1 machine-a\n"), ("machine-a", "4 machine-a\n"), ("machine-a", "x"),
        ] {
            let scratch = try copied()
            try scratch.place.replace(scratch.place.starts, with: starts)
            let before = try KioskCard(scratch.path)
            try scratch.care(machineID: machine).adopt(by: "a person", now: .at(5))
            let after = try KioskCard(scratch.path)
            // Only the file outside had reached the card.
            var half = before
            half.files["starts"] = after.files["starts"]
            for _ in 0..<2 {
                let scratch = try half.insert()
                let journal = try scratch.open(machineID: machine)
                #expect(journal.origin != .same, "\(starts)")
                #expect(!journal.isAdoptionPending)
                #expect(journal.close())
                // And it can be adopted still.
                try scratch.care(machineID: machine).adopt(by: "a person", now: .at(6))
                #expect(try scratch.open(machineID: machine).origin == .same)
            }
            #expect(try after.insert().open(machineID: machine).origin == .same)
        }
    }

    @Test("A damaged journal is not adopted")
    func damaged() throws {
        let scratch = try copied()
        try overwrite(scratch.place.database, with: [UInt8](repeating: 1, count: 4_096))
        let journal = try scratch.open(machineID: "machine-b")
        #expect(journal.damage != nil && journal.close())
        let care = try scratch.care(machineID: "machine-b")
        #expect(try kind { try care.adopt(by: "a person", now: .at(5)) } == .damaged)
    }

    @Test("A recovered copy of another machine still wants a person's word")
    func recoveredCopy() throws {
        let scratch = try copied()
        try overwrite(scratch.place.suspicion, with: Array("a test".utf8))
        let report = try scratch.recover(machineID: "machine-b")
        #expect(report?.adoptionReason == "the journal was written by another machine")
        #expect(report?.lines.last?.contains("journal adopt") == true)
        let journal = try scratch.open(machineID: "machine-b")
        #expect(journal.damage == nil && journal.origin != .same)
        #expect(journal.close())
    }
}
