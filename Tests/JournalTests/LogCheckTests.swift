import Glibc
import Payments
import Testing

@testable import Journal

@Suite("Commits that SQLite would pass over are noticed (rules A1, A6)")
struct LogCheckTests {
    private static let frame = 4_096 + 24

    private func finding(_ log: [UInt8]) throws -> LogCheck.Finding {
        let scratch = try Scratch()
        try overwrite(scratch.place.log, with: log)
        return try LogCheck.finding(of: scratch.place.log)
    }

    @Test("A log as it was written is sound, cut at any commit too; a commit cut short is one")
    func cuts() throws {
        let log = try KioskCard.sold(isClosed: false).files["journal.db-wal"] ?? []
        #expect(try finding(log) == .sound)
        #expect(try finding([]) == .sound)
        let frames = (log.count - 32) / Self.frame
        for frame in 0..<frames {
            let end = 32 + frame * Self.frame
            // Frames that follow whole ones are read; SQLite itself leaves out those without a commit.
            #expect(try finding(Array(log[..<end])) == .sound)
        }
        // The first frame of the newest commit did not reach the disk, its last one did.
        let commits = (0..<frames).filter {
            log[32 + $0 * Self.frame + 4..<40 + $0 * Self.frame].contains { $0 != 0 }
        }
        let newest = try #require(commits.dropLast().last) + 1
        var torn = log
        for offset in 100..<200 { torn[32 + newest * Self.frame + offset] = 0xEE }
        #expect(try finding(torn) == .cutShort)
        // So with any of the earlier commits it was not the power.
        for frame in [0, newest / 2, newest - 1] {
            var damaged = log
            damaged[32 + frame * Self.frame + 3_000] ^= 0x10
            #expect(try finding(damaged) == .damaged, "frame \(frame)")
        }
        for offset in [0, 9, 17, 25] {
            var damaged = log
            damaged[offset] ^= 0x10
            #expect(try finding(damaged) == .damaged, "header at \(offset)")
        }
    }

    @Test("What an emptied and refilled log still holds of the time before is no damage")
    func reused() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        for round in 0..<6 {
            for number in 1...20 { try journal.store([.sale(Make.sale(round * 20 + number))]) }
            try checkpoint(scratch.place)
            #expect(try LogCheck.finding(of: scratch.place.log) == .sound)
        }
        #expect(journal.close())
    }

    /// The journal's own housekeeper may hold the checkpoint's lock at that moment.
    private func checkpoint(_ place: Directory) throws {
        let database = try Database.open(place.database, for: .writing)
        for _ in 0..<200 {
            do throws(JournalError) {
                return try database.checkpoint()
            } catch {
                guard error.kind == .busy else { throw error }
                usleep(10_000)
            }
        }
        Issue.record("the journal's log stayed locked for two seconds")
    }
}
