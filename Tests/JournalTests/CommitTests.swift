import Glibc
import Payments
import Synchronization
import Testing
import Threads

@testable import Journal

@Suite("Committing")
struct CommitTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("Two threads commit: completions come in the order of the calls, and so do the rows")
    func order() throws {
        let journal = try scratch.open()
        let total = 400
        let calls = Mutex(0)
        let completed = Mutex<[UInt64]>([])
        let done = Semaphore()
        let commit: @Sendable () -> Void = {
            var isOver = false
            while !isOver {
                // The lock makes number and call one step, so the order of calls is known.
                isOver = calls.withLock { number in
                    guard number < total else { return true }
                    number += 1
                    let id = UInt64(number)
                    let rows = [Row.event(Make.event(Int64(number)))]
                    journal.commit(Make.record(rows, urgent: number % 3 == 0, id: id)) { result in
                        guard case .success = result else { return }
                        let count = completed.withLock { list in
                            list.append(id)
                            return list.count
                        }
                        if count == total { done.signal() }
                    }
                    return false
                }
            }
        }
        for _ in 0..<2 { #expect(OwnThread.start(name: "committer", commit)) }
        #expect(done.wait(atMost: .seconds(30)))
        #expect(completed.withLock(\.self) == Array(1...UInt64(total)))
        #expect(try journal.openRows(now: .at(1)).lastEventID == Int64(total))
    }

    @Test("A payment's record waits for no more than the commit that is under way")
    func urgentRecord() throws {
        let journal = try scratch.open()
        let gate = Semaphore()
        let done = Semaphore()
        // Which transaction a completion belongs to shows in when it runs: hold the first one up,
        // let 200 records and a payment's gather behind it.
        let logSize = { @Sendable [place = scratch.place] in Directory.size(of: place.log) }
        let begun = Semaphore()
        journal.commit(Make.record([.event(Make.event(1))])) { _ in
            begun.signal()
            gate.wait()
        }
        #expect(begun.wait(atMost: .seconds(30)))
        let sizes = Mutex<[Int]>([])
        for number in 2...201 {
            journal.commit(Make.record([.event(Make.event(Int64(number)))])) { _ in
                sizes.withLock { $0.append(logSize()) }
            }
        }
        journal.commit(Make.record([.event(Make.event(202))], urgent: true)) { _ in
            sizes.withLock { $0.append(logSize()) }
            done.signal()
        }
        gate.signal()
        #expect(done.wait(atMost: .seconds(30)))
        // One transaction for all: the log did not grow between their completions.
        #expect(sizes.withLock { Set($0).count } == 1)
        #expect(sizes.withLock(\.count) == 201)
    }

    @Test("Records that no payment waits for are committed in short transactions")
    func quietRecords() throws {
        let journal = try scratch.open()
        let gate = Semaphore()
        let begun = Semaphore()
        let done = Semaphore()
        let sizes = Mutex<[Int]>([])
        journal.commit(Make.record([])) { _ in
            begun.signal()
            gate.wait()
        }
        #expect(begun.wait(atMost: .seconds(30)))
        for number in 1...60 {
            journal.commit(Make.record([.event(Make.event(Int64(number)))])) {
                [place = scratch.place] _ in
                sizes.withLock { $0.append(Directory.size(of: place.log)) }
                if number == 60 { done.signal() }
            }
        }
        gate.signal()
        #expect(done.wait(atMost: .seconds(30)))
        let grown = sizes.withLock { sizes in zip(sizes, sizes.dropFirst()).map { $0 != $1 } }
        #expect(grown.firstIndex(of: true) == Journal.recordsPerQuietCommit - 1)
    }

    @Test(
        "A record that contradicts what is stored fails alone; its neighbours do not"
    )
    func neighbours() throws {
        let journal = try scratch.open()
        let gate = Semaphore()
        let done = Semaphore()
        let begun = Semaphore()
        let results = Mutex<[Bool]>([])
        journal.commit(Make.record([])) { _ in
            begun.signal()
            gate.wait()
        }
        #expect(begun.wait(atMost: .seconds(30)))
        for (place, id) in [Int64(1), 7, 2, 2, 3].enumerated() {
            journal.commit(Make.record([.event(Make.event(id))])) { result in
                let isGood = if case .success = result { true } else { false }
                results.withLock { $0.append(isGood) }
                if place == 4 { done.signal() }
            }
        }
        gate.signal()
        #expect(done.wait(atMost: .seconds(30)))
        #expect(results.withLock(\.self) == [true, false, true, false, true])
        #expect(journal.failure == nil)
    }

    @Test("More records than may wait are refused in their turn, the others are stored")
    func overload() throws {
        let journal = try scratch.open()
        let gate = Semaphore()
        let begun = Semaphore()
        let done = Semaphore()
        let kinds = Mutex<[JournalError.Kind?]>([])
        journal.commit(Make.record([])) { _ in
            begun.signal()
            gate.wait()
        }
        #expect(begun.wait(atMost: .seconds(30)))
        for number in 1...Journal.mostWaitingRecords + 2 {
            journal.commit(Make.record([.event(Make.event(Int64(number)))])) { result in
                kinds.withLock {
                    if case .failure(let error) = result {
                        $0.append(error.kind)
                    } else {
                        $0.append(nil)
                    }
                }
                if number == Journal.mostWaitingRecords + 2 { done.signal() }
            }
        }
        gate.signal()
        #expect(done.wait(atMost: .seconds(30)))
        let expected =
            [JournalError.Kind?](repeating: nil, count: Journal.mostWaitingRecords)
            + [.busy, .busy]
        #expect(kinds.withLock(\.self) == expected)
        try journal.store([.event(Make.event(Int64(Journal.mostWaitingRecords) + 1))])
    }

    @Test("Closing stores what waits, empties the log, and refuses what comes later")
    func close() async throws {
        let journal = try scratch.open()
        let completed = Mutex(0)
        for number in 1...100 {
            journal.commit(Make.record([.event(Make.event(Int64(number)))])) { result in
                if case .success = result { completed.withLock { $0 += 1 } }
            }
        }
        #expect(journal.close())
        #expect(completed.withLock(\.self) == 100)
        #expect(Directory.size(of: scratch.place.log) == 0)
        #expect(try kind { try journal.store([.event(Make.event(101))]) } == .closed)
        #expect(try kind { _ = try journal.openRows(now: .at(1)) } == .closed)
        await #expect(throws: JournalError.self) {
            _ = try await journal.read { reader throws(JournalError) in try reader.lastEventID() }
        }
        #expect(throws: JournalError.self) { try journal.checkIntegrity { _ in } }
        #expect(journal.close())
        #expect(try scratch.open().openRows(now: .at(1)).lastEventID == 100)
    }

    @Test("Closing does not wait for ever for a storage that hangs")
    func boundedClose() throws {
        let journal = try scratch.open()
        let gate = Semaphore()
        journal.commit(Make.record([])) { _ in gate.wait() }
        #expect(!journal.close(within: .milliseconds(20)))
        gate.signal()
    }

    @Test("The log is moved into the file beside the commits, and its room is used again")
    func checkpoints() async throws {
        let journal = try scratch.open()
        let size = Directory.size(of: scratch.place.database)
        for number in 1...Housekeeper.rowsPerRound {
            try journal.store([.event(Make.event(Int64(number)))])
        }
        // The round is asked for after the last completion: read until its pages show in the file.
        let end = ContinuousClock.now + .seconds(30)
        let read = { @Sendable (reader: JournalReader) throws(JournalError) in
            try reader.lastEventID()
        }
        while Directory.size(of: scratch.place.database) == size, ContinuousClock.now < end {
            #expect(try await journal.read(read) == Int64(Housekeeper.rowsPerRound))
        }
        // The reader thread takes its jobs in order: after one more read the round is over.
        _ = try await journal.read(read)
        let log = Directory.size(of: scratch.place.log)
        for number in 1...10 {
            try journal.store([.event(Make.event(Int64(Housekeeper.rowsPerRound + number)))])
        }
        // Every commit adds at least a page, unless the log begins anew.
        #expect(Directory.size(of: scratch.place.log) == log)
    }

    @Test("What was committed is there after kill -9 (rule A1)")
    func killed() async throws {
        let path = scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let journal = try Journal.open(directory: path, machineID: "machine-a", now: .at(0))
            let log = unsafe open("\(path)/log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            for number in 1...200 {
                let rows: [Row] = [
                    .sale(try Make.sale(number)), .attempt(try Make.attempt(number, sale: number)),
                    .event(Make.event(Int64(number))),
                ]
                journal.commit(Make.record(rows, urgent: true)) { result in
                    guard case .success = result else { exit(1) }
                    // One byte outside the journal for every record that was called committed.
                    _ = unsafe write(log, "x", 1)
                    if number == 150 { kill(getpid(), SIGKILL) }
                }
            }
            _ = Semaphore().wait(atMost: .seconds(30))
        }
        let promised = Directory.size(of: path + "/log")
        #expect(promised >= 150)
        let rows = try scratch.open().openRows(now: .at(1, boot: "boot-2"))
        #expect(rows.sales.count >= promised)
        // Whole records only: a sale, its attempt and its event came together.
        #expect(rows.attempts.map(\.sale) == rows.sales.map(\.id))
        #expect(rows.lastEventID == Int64(rows.sales.count))
        #expect(rows.sales.map(\.id) == (try (1...rows.sales.count).map { try Make.saleID($0) }))
    }
}
