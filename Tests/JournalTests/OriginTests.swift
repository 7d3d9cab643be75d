import Glibc
import Payments
import Testing

@testable import Journal

@Suite("A copy is noticed (rule A5)")
struct OriginTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func start(machineID: String = "machine-a") throws -> JournalOrigin {
        let journal = try scratch.open(machineID: machineID)
        defer { _ = journal.close() }
        return journal.origin
    }

    private var startsFile: String? { try? scratch.place.text(of: scratch.place.starts) }

    private func differs(_ origin: JournalOrigin) -> Bool {
        if case .differs = origin { true } else { false }
    }

    @Test("Start after start on one machine is the same journal, and both counters go up")
    func same() throws {
        for number in 1...3 {
            #expect(try start() == .same)
            #expect(startsFile == "\(number) machine-a\n")
        }
    }

    @Test("The card in another machine differs, start after start, and is the same again at home")
    func otherMachine() throws {
        #expect(try start() == .same)
        for _ in 0..<3 { #expect(try differs(start(machineID: "machine-b"))) }
        #expect(try start() == .same)
    }

    @Test("An older journal put back differs until a person says otherwise")
    func restoredBackup() throws {
        for _ in 0..<3 { _ = try start() }
        try scratch.place.replace(scratch.place.starts, with: "4 machine-a\n")
        for _ in 0..<2 { #expect(try differs(start())) }
        #expect(startsFile == "4 machine-a\n")
    }

    @Test("A lost journal, a lost or foreign file and a file put back differ")
    func lostParts() throws {
        for _ in 0..<3 { _ = try start() }
        _ = unsafe unlink(scratch.place.starts)
        #expect(try differs(start()))
        for text in ["1 machine-a\n", "3 machine-b\n", "", "x\n", "3 machine-a", "-3 machine-a\n"] {
            try scratch.place.replace(scratch.place.starts, with: text)
            #expect(try differs(start()), "\(text)")
        }
        try scratch.place.replace(scratch.place.starts, with: "3 machine-a\n")
        #expect(try start() == .same)
        for file in [scratch.place.database, scratch.place.log] { _ = unsafe unlink(file) }
        #expect(try differs(start()))
    }

    @Test("The whole state directory put back differs until a person adopts it")
    func putBack() throws {
        for _ in 0..<2 { #expect(try start() == .same) }
        // A file system that does not say when a file was made cannot tell.
        try #require(Directory.exists(scratch.place.birth))
        let place = scratch.place
        let files = [place.database, place.log, place.starts, place.birth]
            .filter(Directory.exists)
        for file in files {
            let bytes = try FileBytes(file).bytes(at: 0, count: Directory.size(of: file))
            _ = unsafe unlink(file)
            try overwrite(file, with: bytes)
        }
        for _ in 0..<2 { #expect(try differs(start())) }
        #expect(startsFile == "2 machine-a\n")
        #expect(try scratch.care().adoptionPlan.reason?.contains("put back") == true)
        try scratch.care().adopt(by: "a person", now: .at(5))
        #expect(try start() == .same)
        #expect(try start() == .same)
        // Without the note nothing is known, as in the directory of an older version.
        _ = unsafe unlink(place.birth)
        #expect(try start() == .same)
        #expect(Directory.exists(place.birth))
    }

    @Test("A power cut between the two counters changes nothing, also at the very first start")
    func powerCut() throws {
        _ = try start()
        _ = unsafe unlink(scratch.place.starts)
        #expect(try start() == .same)
        #expect(startsFile == "1 machine-a\n")
        _ = try start()
        try scratch.place.replace(scratch.place.starts, with: "1 machine-a\n")
        for number in 2...4 {
            #expect(try start() == .same)
            #expect(startsFile == "\(number) machine-a\n")
        }
    }

    @Test("The latest synchronised time is the clock's floor; other times are not (rule F1)")
    func latestWall() throws {
        var journal = try scratch.open(now: .at(0, synchronised: false))
        #expect(journal.latestWall == nil)
        try journal.store([.event(Make.event(1, at: .at(9_999, synchronised: false)))])
        #expect(journal.latestWall == nil)
        try journal.store([.event(Make.event(2, at: .at(100)))])
        try journal.store([.event(Make.event(3, at: .at(130)))])
        try journal.store([.sale(Make.sale(1, at: .at(10)))])
        #expect(journal.latestWall == Moment.at(130).wall)
        #expect(journal.close())
        // After a restart it may be a minute behind, never ahead.
        journal = try scratch.open(now: .at(0, synchronised: false))
        #expect(journal.latestWall == Moment.at(100).wall)
        #expect(journal.close())
        #expect(try scratch.open(now: .at(500)).latestWall == Moment.at(500).wall)
    }
}
