import Glibc
import Synchronization
import TestKit
import Testing

@testable import Journal

/// One payment and one revoke on a disk that fails at every place, one after the other.
@Suite("Storage that fails at every call (A1, A3, C6)")
struct StorageWalkTests {
    /// `KIOSKPAY_FULL_TESTS=1` takes every place.
    static let isFull =
        unsafe getenv("KIOSKPAY_FULL_TESTS").map { unsafe String(cString: $0) } == "1"

    private static func places(_ count: Int, few: Int) -> [Int] {
        guard !isFull, count > few else { return Array(1...max(1, count)) }
        return (0..<few).map { 1 + $0 * count / few }
    }

    @Test("An error or a full disk at any call of SQLite: what was acknowledged is there, whole")
    func everyCall() async throws {
        let end = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent],
        ) {
            StorageWalkTests.report { try StorageWalkTests.walkCalls() }
        }
        Self.expectSound(end)
    }

    @Test(
        "The power goes at any write, and any part of what was not synced survives: nothing is lost or torn"
    )
    func powerCut() async throws {
        let end = await #expect(
            processExitsWith: .success,
            observing: [\.standardOutputContent],
        ) {
            StorageWalkTests.report { try StorageWalkTests.walkCuts() }
        }
        Self.expectSound(end)
    }

    private static func walkCalls() throws {
        RecordingDisk.install()
        RecordingDisk.begin(nil)
        let payment = try StoredPayment()
        let whole = try Scratch()
        RecordingDisk.begin(nil)
        let journal = try StoredPayment.open(whole)
        guard payment.store(in: journal) == payment.records.count, journal.close() else {
            throw Failed(what: "a disk without faults")
        }
        let count = RecordingDisk.calls
        for number in Self.places(count, few: 16) {
            for fault in [
                RecordingDisk.Fault.inputOutput(first: number, last: number),
                .inputOutput(first: number, last: .max), .full(first: number),
            ] {
                let scratch = try Scratch()
                RecordingDisk.begin(fault)
                var acknowledged = 0
                do {
                    let journal = try StoredPayment.open(scratch)
                    acknowledged = payment.store(in: journal)
                    _ = journal.close()
                } catch {
                    guard error.kind != .damaged, error.kind != .notAJournal else {
                        throw Failed(what: "\(fault) of \(count): \(error)")
                    }
                }
                RecordingDisk.begin(nil)
                try payment.proveSound(
                    scratch,
                    acknowledged: acknowledged,
                    "\(fault) of \(count)"
                )
            }
        }
    }

    private static func walkCuts() throws {
        RecordingDisk.install()
        RecordingDisk.begin(nil)
        let payment = try StoredPayment()
        let scratch = try Scratch()
        RecordingDisk.begin(nil)
        // When each record was acknowledged, as the number of steps before.
        var acknowledged: [Int] = []
        var journal = try StoredPayment.open(scratch)
        // With the file of starts, which follows the schema (``Directory/replace``).
        RecordingDisk.folderWasSynced()
        for (index, record) in payment.records.enumerated() {
            try journal.store(record, urgent: true)
            acknowledged.append(RecordingDisk.steps.count)
            switch index {
            case 3:
                // The log is copied into the file and begins anew.
                try Database.open(scratch.place.database, for: .writing).checkpoint()
            case 6:
                // The log is copied and cut.
                guard journal.close() else { throw Failed(what: "close") }
                journal = try StoredPayment.open(scratch)
            default: break
            }
        }
        guard journal.close() else { throw Failed(what: "close") }
        let steps = RecordingDisk.steps
        let starts = try scratch.place.text(of: scratch.place.starts) ?? ""
        let survivals: [PowerCut.Survival] = [
            .none, .all, .some(percent: 10), .some(percent: 50), .some(percent: 90),
        ]
        var generator = SplitMix64(seed: 4)
        for place in Self.places(steps.count, few: 24) {
            for survival in survivals {
                let cut = PowerCut(after: steps.prefix(place), survival, using: &generator)
                let image = try Scratch()
                for (name, bytes) in cut.files where name.hasPrefix("journal.db") {
                    try overwrite(image.path + "/" + name, with: bytes)
                }
                if cut.files["journal.db"]?.isEmpty == false {
                    try overwrite(image.place.starts, with: Array(starts.utf8))
                }
                RecordingDisk.begin(nil)
                try payment.proveSound(
                    image,
                    acknowledged: acknowledged.count { $0 <= place },
                    "step \(place) of \(steps.count), \(survival)"
                )
            }
        }
    }

    private static let sound = "sound"

    /// In the process of its own: says what was found.
    private static func report(_ walk: () throws -> Void) {
        do {
            try walk()
            print(sound)
        } catch {
            print("\(error)")
        }
    }

    private static func expectSound(_ end: ExitTest.Result?) {
        let words = end.map { String(decoding: $0.standardOutputContent, as: UTF8.self) } ?? ""
        #expect(words == sound + "\n")
    }
}
