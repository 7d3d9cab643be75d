import Payments
import Testing

@testable import Journal

@Suite("Which of two versions of a row is the later one (rule A6)")
struct VersionOrderTests {
    private func inOrder<Row>(_ older: Row, _ newer: Row, _ isLater: (Row, Row) -> Bool) {
        #expect(isLater(newer, older), "\(newer) after \(older)")
        #expect(!isLater(older, newer), "\(older) before \(newer)")
    }

    private func attempt(_ state: AttemptState, _ updated: Moment) throws -> AttemptRow {
        var row = try Make.attempt(1, sale: 1, state)
        row.updated = updated
        return row
    }

    @Test(
        "A boot whose clock nobody has set comes after the one before it, whatever that said of its own"
    )
    func unsetClock() throws {
        let synchronised = Moment.at(100)
        // The floor of time may be a minute behind.
        for wall in [Int64(99), 100, 160] {
            let unset = Moment.at(wall, boot: "boot-2", synchronised: false)
            inOrder(try attempt(.submitted, synchronised), try attempt(.revoking, unset)) {
                $0.isLater(than: $1)
            }
            inOrder(
                try Make.sale(1, .paid, at: synchronised),
                try Make.sale(1, .delivering, at: unset)
            ) { $0.isLater(than: $1) }
        }
        let later = Moment.at(160, boot: "boot-2", synchronised: false)
        inOrder(try attempt(.revoking, synchronised), try attempt(.revoking, later)) {
            $0.isLater(than: $1)
        }
    }

    @Test("An end is later than anything else, whatever the clocks say")
    func ends() throws {
        let early = Moment.at(1, boot: "boot-0", synchronised: false)
        inOrder(try attempt(.parked, .at(500)), try attempt(.undone, early)) {
            $0.isLater(than: $1)
        }
        inOrder(
            try Make.sale(1, .delivering, at: .at(500)),
            try Make.sale(1, .delivered, at: early)
        ) {
            $0.isLater(than: $1)
        }
    }

    @Test("Within a boot its clock decides, also about what is tried again after it was parked")
    func sameBoot() throws {
        inOrder(try attempt(.parked, .at(5)), try attempt(.revoking, .at(6))) {
            $0.isLater(than: $1)
        }
        inOrder(try attempt(.revoking, .at(5)), try attempt(.parked, .at(6))) {
            $0.isLater(than: $1)
        }
    }

    // An older parked row won at equal tries: a report that was acknowledged was lost with the newer one.
    @Test(
        "A row of the queue that is tried again is later than the parked one, and a parked one than what was tried before"
    )
    func parking() throws {
        var tried = try Make.revoke(1)
        tried.tries = 3
        var parked = tried
        parked.parked = .at(50)
        parked.parkedReason = "claimed-unreported"
        var again = parked
        again.parked = nil
        again.parkedReason = nil
        again.due = .at(60)
        var asked = again
        asked.tries = 4
        var settled = asked
        settled.settled = .at(70)
        var refunding = asked
        refunding.refundDecided = .at(65)
        for (older, newer) in [
            (tried, parked), (parked, again), (again, asked), (asked, settled), (asked, refunding),
        ] {
            inOrder(older, newer) { $0.isLater(than: $1) }
        }
    }
}
