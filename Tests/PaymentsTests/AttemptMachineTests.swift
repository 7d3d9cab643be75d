import Payments
import Testing

/// Pairs of state and event that a shell in order never makes, and those that lost a race: decided all the same.
@Suite("The attempt's machine, pair by pair")
struct AttemptMachineTests {
    private static let start = BootTime(nanoseconds: 1_000)

    private static func machine() throws -> AttemptMachine {
        guard case .weChat(let code) = ScannedCode(recognising: TillRig.code) else {
            throw NoCode()
        }
        return AttemptMachine(code: code, timing: Timing())
    }

    private struct NoCode: Error {}

    @Test("Before its record is stored nothing moves it (A1)")
    func recording() throws {
        var machine = try Self.machine()
        let state = machine.state
        #expect(machine.submitEnded(.neverLeft(reason: "x"), at: Self.start).isEmpty)
        #expect(machine.queryEnded(.paid(proof), at: Self.start).isEmpty)
        for timer in AttemptMachine.Timer.allCases {
            #expect(machine.timerFired(timer, at: Self.start).isEmpty)
        }
        #expect(machine.state == state)
    }

    @Test("It submits once, however often its record is said to be stored (A2)")
    func submitsOnce() throws {
        var machine = try Self.machine()
        let steps = machine.committed(at: Self.start)
        #expect(steps.count == 1)
        #expect(machine.committed(at: Self.start).isEmpty)
        // No query is out, so none is answered.
        #expect(machine.queryEnded(.paid(proof), at: Self.start).isEmpty)
        #expect(machine.state == .submitted)
    }

    @Test("Decided is decided: everything later is the queue's business (B6)")
    func decided() throws {
        var machine = try Self.machine()
        _ = machine.committed(at: Self.start)
        #expect(machine.abandoned().contains(.abandonSubmit))
        #expect(machine.state == .decided)
        #expect(machine.abandoned().isEmpty)
        #expect(machine.committed(at: Self.start).isEmpty)
        #expect(machine.submitStarted(at: Self.start).isEmpty)
        #expect(machine.submitStarted(at: Self.start).isEmpty)
        let paid = SubmitOutcome.ended(.paid(proof), lastByte: Self.start)
        #expect(machine.submitEnded(paid, at: Self.start).isEmpty)
        #expect(machine.queryEnded(.paid(proof), at: Self.start).isEmpty)
        for timer in AttemptMachine.Timer.allCases {
            #expect(machine.timerFired(timer, at: Self.start).isEmpty)
        }
    }

    @Test("Timers that lost their race do nothing")
    func lostRaces() throws {
        var machine = try Self.machine()
        _ = machine.committed(at: Self.start)
        _ = machine.submitStarted(at: Self.start)
        for timer in [AttemptMachine.Timer.poll, .window, .lastQuery, .refusalCheck] {
            #expect(machine.timerFired(timer, at: Self.start).isEmpty)
        }
        let refused = SubmitOutcome.ended(.refused(notEnough), lastByte: Self.start)
        _ = machine.submitEnded(refused, at: Self.start)
        for timer in [AttemptMachine.Timer.silence, .poll, .window, .lastQuery] {
            #expect(machine.timerFired(timer, at: Self.start).isEmpty)
        }
        #expect(machine.state == .checkingRefusal(notEnough))
        _ = machine.timerFired(.refusalCheck, at: Self.start)
        // One query is out already: the poll waits for its answer.
        #expect(machine.timerFired(.poll, at: Self.start).isEmpty)
        #expect(machine.state == .polling)
    }

    @Test("A refusal checked past the platform's own end is unsettled at once (B2)")
    func checkedTooLong() throws {
        var machine = try Self.machine()
        _ = machine.committed(at: Self.start)
        _ = machine.submitStarted(at: Self.start)
        let refused = SubmitOutcome.ended(.refused(notEnough), lastByte: Self.start)
        _ = machine.submitEnded(refused, at: Self.start + .seconds(44))
        let steps = machine.timerFired(.refusalCheck, at: Self.start + .seconds(49))
        #expect(steps.contains(.decide(.unsettled)))
    }
}
