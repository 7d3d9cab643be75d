import Payments
import Synchronization
import TestKit
import Testing

@testable import Devices

@Suite("Lights (interfaces, 4)")
struct LightsTests {
    @Test("Each situation as a sequence of times and levels")
    func patterns() {
        #expect(
            played(.outOfService, .seconds(5)) == ["0 fault"]
        )
        #expect(
            played(.busy, .milliseconds(1600)) == ["0 busy", "500 -", "1000 busy", "1500 -"]
        )
        #expect(played(.approved, .seconds(10)) == ["0 approved", "3000 -"])
        #expect(played(.declined, .seconds(10)) == ["0 declined", "3000 -"])
        #expect(played(.presentCode, .seconds(10)) == ["0 ready"])
        #expect(
            played(.ready, .milliseconds(3100)) == ["0 ready", "1000 -", "2000 ready", "3000 -"]
        )
    }

    @Test(
        "A technician is wanted: fault blinks beside the others, not when out of service"
    )
    func overlay() {
        #expect(
            played(.presentCode, .milliseconds(1100), needsTechnician: true)
                == ["0 ready+fault", "500 ready", "1000 ready+fault"]
        )
        #expect(played(.outOfService, .seconds(2), needsTechnician: true) == ["0 fault"])
    }

    @Test("No two situations look the same, and none flashes faster than 2 Hz")
    func distinct() {
        let seen = LightSituation.allCases.map { played($0, .seconds(6)) }
        #expect(Set(seen).count == LightSituation.allCases.count)
        for signal in [LightSignal.oncePerSecond, .slow, LightPattern.technician] {
            #expect(signal.nextChange(after: .zero).map { $0 >= .milliseconds(250) } ?? true)
        }
    }

    @Test(
        "A result is seen for its three seconds, then what follows; what ranks above it interrupts"
    )
    func results() {
        var score = LightScore(at: at(0))
        score.displayChanged(to: LightDisplay(.approved), at: at(1000))
        score.displayChanged(to: LightDisplay(.declined), at: at(1500))
        score.displayChanged(to: LightDisplay(.ready), at: at(1600))
        #expect(lit(&score, 2000) == "approved")
        #expect(lit(&score, 4000) == "declined")
        #expect(lit(&score, 6999) == "declined")
        #expect(lit(&score, 7000) == "ready")

        score.displayChanged(to: LightDisplay(.declined), at: at(8000))
        score.displayChanged(to: LightDisplay(.presentCode), at: at(8100))
        score.displayChanged(to: LightDisplay(.busy), at: at(8200))
        #expect(lit(&score, 8200) == "busy")
        score.displayChanged(to: LightDisplay(.outOfService), at: at(8300))
        #expect(lit(&score, 8300) == "fault")
    }

    @Test("Approved goes dark by itself: it is never lit for the next customer")
    func neverLatched() {
        var score = LightScore(at: at(0))
        score.displayChanged(to: LightDisplay(.approved), at: at(0))
        #expect(lit(&score, 60_000) == "-")
        #expect(score.nextChange(after: at(60_000)) == nil)
        // The next sale's result is shown anew.
        score.displayChanged(to: LightDisplay(.approved), at: at(61_000))
        #expect(lit(&score, 61_000) == "approved")
    }

    @Test("The same display again does not start its pattern anew")
    func repeated() {
        var score = LightScore(at: at(0))
        for time in stride(from: 0, to: 3000, by: 100) {
            score.displayChanged(to: LightDisplay(.busy), at: at(time))
            #expect(lit(&score, time) == (time / 500 % 2 == 0 ? "busy" : "-"))
        }
    }

    @Test("However fast displays change, no light comes on more than twice a second")
    func neverAboveTwoHertz() {
        var random = SplitMix64(seed: 7)
        var score = LightScore(at: at(0))
        var limit = FlashLimit(shown: .safe)
        var cameOn: [LightName: [Int]] = [:]
        for time in 0..<60_000 where Int.random(in: 0..<30, using: &random) == 0 {
            let situation = LightSituation.allCases.randomElement(using: &random) ?? .ready
            score.displayChanged(
                to: LightDisplay(situation, needsTechnician: Bool.random(using: &random)),
                at: at(time)
            )
            let before = limit.shown
            _ = limit.changed(to: score.levels(at: at(time)), at: at(time))
            for name in LightName.allCases where limit.shown[name] && !before[name] {
                cameOn[name, default: []].append(time)
            }
        }
        #expect(cameOn.count == 5)
        for times in cameOn.values {
            for (earlier, later) in zip(times, times.dropFirst()) {
                #expect(later - earlier >= 500)
            }
        }
    }

    @Test("What had to wait is told when to ask again")
    func waits() {
        var limit = FlashLimit(shown: .dark)
        #expect(limit.changed(to: LightLevels([.busy]), at: at(0)) == nil)
        #expect(limit.changed(to: .dark, at: at(100)) == nil)
        #expect(limit.changed(to: LightLevels([.busy]), at: at(200)) == at(500))
        #expect(limit.shown == .dark)
        #expect(limit.changed(to: LightLevels([.busy]), at: at(500)) == nil)
        #expect(limit.shown == LightLevels([.busy]))
    }

    @Test(
        "The player shows out of service first and last, and what it is told between",
        .timeLimit(.minutes(1))
    )
    func player() async {
        let driver = RecordedLights()
        let lights = PlayedLights(onState: { _ in }, open: { driver })
        var shown = driver.shown.makeAsyncIterator()
        lights.show(LightDisplay(.presentCode))
        #expect(await shown.next() == LightLevels([.ready]))
        lights.show(LightDisplay(.busy))
        #expect(await shown.next() == LightLevels([.busy]))
        #expect(await shown.next() == .dark)
        lights.show(LightDisplay(.presentCode))
        #expect(await shown.next() == LightLevels([.ready]))
        lights.stop()
        #expect(await shown.next() == .safe)
        #expect(await shown.next() == nil)
    }

    @Test("The trace has one line per change, after all five at the opening")
    func trace() throws {
        let folder = try TestFolder()
        let path = folder.file("lights")
        let lights = try TraceLights(file: path)
        #expect(lights.set(LightLevels([.ready, .fault])))
        #expect(lights.set(LightLevels([.busy])))
        lights.close()
        let lines = Files.text(path).split(separator: "\n").map {
            $0.split(separator: " ")
        }
        let changes = lines.map { $0.dropFirst().joined(separator: " ") }
        #expect(
            changes == [
                "ready 0", "busy 0", "approved 0", "declined 0", "fault 1",
                "ready 1", "ready 0", "busy 1", "fault 0",
            ]
        )
        let times = lines.compactMap { Int64($0[0]) }
        #expect(times.count == lines.count)
        #expect(times == times.sorted())
    }

    @Test("Lights that cannot be opened say what is wrong and what to do", .timeLimit(.minutes(1)))
    func errors() async throws {
        let lines = GPIOLightLines(ready: 0, busy: 1, approved: 2, declined: 4, fault: 5)
        let noChip = await firstState(.gpiod(chip: "no-such-chip", lines: lines, activeLow: false))
        #expect(noChip.contains("no-such-chip"))
        #expect(noChip.contains("correct lights.chip"))
        let twice = GPIOLightLines(ready: 0, busy: 0, approved: 2, declined: 4, fault: -1)
        let noLines = await firstState(.gpiod(chip: "gpiochip0", lines: twice, activeLow: false))
        #expect(noLines.contains("five different line numbers"))
        #expect(await firstState(.trace(file: "/no/such/folder/lights")).contains("lights.file"))
        #expect(openStatusLights(.none, onState: { _ in }).state == .none)
    }

    @Test("Lights that come late, go and come back are told each time, and show what is wanted")
    func lateAndLost() {
        let driver = FailingLights()
        let told = Log()
        var held = HeldLights(
            open: { () throws(LightsError) -> any LightDriver in try driver.opened() },
            onState: { state in told.add(state) }
        )
        let ready = LightLevels([.ready])
        // Not there: tried again after 250 ms and not before, and told once.
        #expect(held.show(ready, at: at(0)) == at(250))
        #expect(held.show(ready, at: at(100)) == at(250))
        #expect(driver.openings == 1)
        #expect(held.show(ready, at: at(250)) == at(750))
        #expect(told.states.map(\.isWorking) == [false])
        driver.isThere = true
        #expect(held.show(ready, at: at(750)) == nil)
        #expect(driver.shown == [ready])
        #expect(told.states.map(\.isWorking) == [false, true])
        // Lost after a while: the shortest pause again.
        driver.isThere = false
        let busy = LightLevels([.busy])
        #expect(held.show(busy, at: at(60_000)) == at(60_250))
        #expect(driver.closings == 1)
        driver.isThere = true
        // Its blinking may have been seen: nothing comes on twice within 500 ms.
        #expect(held.show(busy, at: at(60_250)) == at(60_500))
        #expect(held.show(busy, at: at(60_500)) == nil)
        #expect(driver.shown.last == busy)
        #expect(told.states.map(\.isWorking) == [false, true, false, true])
        held.release()
        #expect(driver.shown.last == .safe)
        #expect(driver.closings == 2)
    }

    /// The sentence of the first state that lights of these settings tell.
    private func firstState(_ settings: LightsSettings) async -> String {
        let (states, continuation) = AsyncStream.makeStream(of: LightsState.self)
        let lights = openStatusLights(settings, onState: { continuation.yield($0) })
        defer { lights.stop() }
        for await case .failed(let error) in states {
            #expect(lights.state == .failed(error))
            return error.description
        }
        return ""
    }

    // MARK: Playing without a clock

    private func at(_ milliseconds: Int) -> BootTime {
        BootTime(nanoseconds: Int64(milliseconds) * 1_000_000)
    }

    /// What is lit, from the pure score alone: time in milliseconds and names, one entry per
    /// change.
    private func played(
        _ situation: LightSituation,
        _ duration: Duration,
        needsTechnician: Bool = false,
    ) -> [String] {
        var score = LightScore(at: at(0))
        score.displayChanged(
            to: LightDisplay(situation, needsTechnician: needsTechnician),
            at: at(0)
        )
        var entries: [String] = []
        var now: BootTime? = at(0)
        while let time = now, time <= at(0) + duration {
            entries.append("\(time.nanoseconds / 1_000_000) \(names(score.levels(at: time)))")
            now = score.nextChange(after: time)
        }
        return entries
    }

    private func lit(_ score: inout LightScore, _ time: Int) -> String {
        score.timePassed(to: at(time))
        return names(score.levels(at: at(time)))
    }

    private func names(_ levels: LightLevels) -> String {
        let lit = LightName.allCases.filter { levels[$0] }.map(\.rawValue)
        return lit.isEmpty ? "-" : lit.joined(separator: "+")
    }
}

/// A driver whose changes can be awaited.
private final class RecordedLights: LightDriver {
    let shown: AsyncStream<LightLevels>
    private let continuation: AsyncStream<LightLevels>.Continuation

    init() {
        (shown, continuation) = AsyncStream.makeStream()
    }

    func set(_ levels: LightLevels) -> Bool {
        continuation.yield(levels)
        return true
    }

    func close() { continuation.finish() }
}

/// A driver that is there or not, used from one thread.
private final class FailingLights: LightDriver {
    private struct State {
        var isThere = false
        var openings = 0
        var closings = 0
        var shown: [LightLevels] = []
    }

    private let state = Mutex(State())

    var isThere: Bool {
        get { state.withLock { $0.isThere } }
        set { state.withLock { $0.isThere = newValue } }
    }
    var openings: Int { state.withLock { $0.openings } }
    var closings: Int { state.withLock { $0.closings } }
    var shown: [LightLevels] { state.withLock { $0.shown } }

    func opened() throws(LightsError) -> any LightDriver {
        state.withLock { $0.openings += 1 }
        guard isThere else { throw LightsError(description: "Not there.") }
        return self
    }

    func set(_ levels: LightLevels) -> Bool {
        state.withLock { state in
            if state.isThere { state.shown.append(levels) }
            return state.isThere
        }
    }

    func close() { state.withLock { $0.closings += 1 } }
}

/// What was told.
private final class Log {
    private(set) var states: [LightsState] = []
    func add(_ state: LightsState) { states.append(state) }
}

extension LightsState {
    fileprivate var isWorking: Bool { self == .working }
}
