import Sandbox
import Testing

@testable import kioskpay

@Suite("What the lights may do")
struct LightCourseTests {
    /// A trace of `name on off` in milliseconds; without an end the light stays lit.
    static func course(_ flashes: (String, Int64, Int64?)...) -> LightCourse {
        let changes = flashes.flatMap { name, on, off in
            [LightTrace.Change(milliseconds: on, name: name, isLit: true)]
                + (off.map { [LightTrace.Change(milliseconds: $0, name: name, isLit: false)] } ?? [])
        }
        return LightCourse(changes.sorted { $0.milliseconds < $1.milliseconds })
    }

    @Test("Lines of the trace, as they are written and as they are not")
    func lines() {
        let change = LightTrace.Change(line: "123 busy 1")
        #expect(change == LightTrace.Change(milliseconds: 123, name: "busy", isLit: true))
        for line in ["", "busy 1", "x busy 1", "1 busy 2", "1  busy 1", "1 busy 1 2"] {
            #expect(LightTrace.Change(line: line) == nil, "\(line)")
        }
    }

    @Test("Paid: busy, then approved for three seconds")
    func approved() {
        let good = Self.course(("busy", 0, 60), ("approved", 60, 3060))
        #expect(good.results == ["approved"])
        #expect(good.problems(expecting: .approved, mayBlink: false).isEmpty)
        let blinking = Self.course(("busy", 0, 500), ("busy", 1000, 1400), ("approved", 1400, 4400))
        #expect(blinking.problems(expecting: .approved, mayBlink: true).isEmpty)
    }

    @Test("Everything that is wrong with a paid course is found")
    func wrongApproved() {
        let wrong = [
            // Too short, too long, still lit, twice.
            Self.course(("busy", 0, 60), ("approved", 60, 2000)),
            Self.course(("busy", 0, 60), ("approved", 60, 5000)),
            Self.course(("busy", 0, 60), ("approved", 60, nil)),
            Self.course(("busy", 0, 60), ("approved", 60, 3060), ("approved", 4000, 7000)),
            // Never busy, busy only afterwards, busy for ever, steady instead of blinking.
            Self.course(("approved", 60, 3060)),
            Self.course(("approved", 0, 3000), ("busy", 3100, 3200)),
            Self.course(("busy", 0, nil), ("approved", 60, 3060)),
            Self.course(("busy", 0, 2000), ("approved", 2000, 5000)),
            // The wrong result, both results, none.
            Self.course(("busy", 0, 60), ("declined", 60, 3060)),
            Self.course(("busy", 0, 60), ("declined", 60, 3060), ("approved", 3100, 6100)),
            Self.course(("busy", 0, 60)),
        ]
        for (number, course) in wrong.enumerated() {
            #expect(!course.problems(expecting: .approved, mayBlink: false).isEmpty, "\(number)")
        }
    }

    @Test("A verdict that took its time was waited for under a blinking light")
    func mustBlink() {
        let course = Self.course(("busy", 0, 60), ("approved", 60, 3060))
        let problems = course.problems(expecting: .approved, mayBlink: true)
        #expect(problems == ["busy did not blink"])
    }

    @Test("Declined first and approved after, in this order alone")
    func twoResults() {
        let good = Self.course(
            ("busy", 0, 60),
            ("declined", 60, 3060),
            ("busy", 3100, 3200),
            ("approved", 3200, 6200)
        )
        #expect(good.problems(expecting: .declinedThenApproved, mayBlink: false).isEmpty)
        #expect(!good.problems(expecting: .approved, mayBlink: false).isEmpty)
        let reversed = Self.course(
            ("busy", 0, 60),
            ("approved", 60, 3060),
            ("busy", 3100, 3200),
            ("declined", 3200, 6200)
        )
        #expect(!reversed.problems(expecting: .declinedThenApproved, mayBlink: false).isEmpty)
    }

    @Test("Not paid: approved was never lit, not even for a moment")
    func declined() {
        let good = Self.course(("busy", 0, 500), ("busy", 1000, 1500), ("declined", 1600, 4600))
        #expect(good.problems(expecting: .declined, mayBlink: true).isEmpty)
        let flicker = Self.course(
            ("busy", 0, 500),
            ("approved", 500, 520),
            ("busy", 1000, 1500),
            ("declined", 1600, 4600)
        )
        #expect(flicker.problems(expecting: .declined, mayBlink: true) == ["approved was lit"])
    }

    @Test("Out of service outranks the result, which may be shown after it")
    func outOfService() {
        let busy = [("busy", Int64(0), Int64?(500)), ("busy", 1000, 1500)]
        let away = Self.course(busy[0], busy[1], ("declined", 1600, 1602), ("fault", 1602, 6000))
        #expect(away.results == ["fault"])
        #expect(away.problems(expecting: .outOfService, mayBlink: true).isEmpty)
        let soon = Self.course(busy[0], busy[1], ("fault", 1602, 3000), ("declined", 3000, 6000))
        #expect(soon.problems(expecting: .outOfService, mayBlink: true).isEmpty)
        // The network was back before anybody could see the fault: declined alone was seen.
        let atOnce = Self.course(busy[0], busy[1], ("fault", 1602, 1700), ("declined", 1700, 4600))
        #expect(atOnce.results == ["declined"])
        #expect(atOnce.problems(expecting: .outOfService, mayBlink: true).isEmpty)
        // Without any fault the kiosk never said that it was out of service.
        let declined = Self.course(busy[0], busy[1], ("declined", 1600, 4600))
        #expect(!declined.problems(expecting: .outOfService, mayBlink: true).isEmpty)
    }

    @Test("Two flashes within less than half a second are faster than 2 Hz")
    func flashRate() {
        #expect(Self.course(("busy", 0, 200), ("busy", 500, 700)).flashProblems.isEmpty)
        // Different lights do not make one flash.
        #expect(Self.course(("busy", 0, 200), ("fault", 100, 300)).flashProblems.isEmpty)
        #expect(Self.course(("busy", 0, 100), ("busy", 250, 300)).flashProblems.count == 1)
    }
}
