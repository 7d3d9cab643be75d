import Glibc
import Sandbox
import TestKit
import Testing

/// The daemon dies at its own crash points (`Sources/Kiosk/CrashPoint.swift`), one after the other.
@Suite(
    "Dead at every boundary, end to end (A1, A3, A5, A6, C6, D1, D3)",
    EveryBoundary()
)
struct CrashTests {
    /// `CrashPoint` ends the process with it.
    private static let died = DaemonProcess.End.exit(86)
    /// Points of one scenario in a quick run.
    private static let fewPoints = 4
    /// `KIOSKPAY_CRASH_REPLAY=paid/before-submit:1` plays that point alone, `KIOSKPAY_CRASH_REPLAY=paid` that scenario.
    private static let replay = Tests.variable("KIOSKPAY_CRASH_REPLAY")?.split(separator: "/")

    private static var scenarios: [CrashScenario] {
        guard let replay, let name = replay.first else {
            return CrashScenario.allCases.filter { !$0.breaksDisk || Preload.isAvailable }
        }
        return CrashScenario(rawValue: String(name)).map { [$0] } ?? []
    }

    @Test(
        "After death at a record, an act or a reply, every charge is released or returned",
        arguments: scenarios
    )
    func walk(_ scenario: CrashScenario) async throws {
        try await Kiosk.run(scenario.settings, allowing: scenario.allowance) { kiosk in
            let stage = try CrashStage(scenario, kiosk)
            let points = try Self.points(of: stage)
            let left = try Replays.run(Self.choose(points, scenario)) { try Self.visit($0, stage) }
            if !left.isEmpty { try Self.judge(left, stage) }
            try kiosk.start()
            try scenario.payOnce(kiosk)
        }
    }

    /// Points that one play passed and no other reached: how often something is asked differs from play to play. One that two
    /// more undisturbed plays pass as well should have been reached.
    private static func judge(_ left: [String], _ stage: CrashStage) throws {
        print("\(stage.scenario.rawValue): never reached \(left)")
        var wrong = Set(left)
        for _ in 0..<2 { wrong.formIntersection(try points(of: stage)) }
        #expect(wrong.isEmpty, "\(stage.scenario.rawValue) never reached \(wrong)")
    }

    /// Dies there if it is reached, and comes back; whether it was reached.
    private static func visit(_ point: String, _ stage: CrashStage) throws -> Bool {
        let isReached = try die(at: point, in: stage)
        try comeBack(stage, point)
        return isReached
    }

    /// Starts the daemon, lets everything come to its end, and looks at what every party knows.
    private static func comeBack(_ stage: CrashStage, _ place: String) throws {
        let (scenario, application) = (stage.scenario, stage.application)
        try stage.kiosk.sandbox.setNetwork(.up)
        try stage.kiosk.start(isReady: false)
        try scenario.tend(stage.kiosk)
        try application.resume()
        try scenario.settle(application)
        for finding in try application.lastingFindings(scenario.allowance) {
            Issue.record("\(scenario.rawValue)/\(place): \(finding)")
        }
        try stage.kiosk.kill()
    }

    @Test(
        "After death in the midst of the recovery from another death, too (C6: at any instant)",
        arguments: scenarios.filter { [.claimed, .networkCut, .refunded].contains($0) }
    )
    func walkRecovery(_ scenario: CrashScenario) async throws {
        try await Kiosk.run(scenario.settings, allowing: scenario.allowance) { kiosk in
            let stage = try CrashStage(scenario, kiosk)
            let firsts = try Self.points(of: stage)
            // In its midst most is open.
            let first = firsts[firsts.count / 2]
            _ = try Self.die(at: first, in: stage)
            try kiosk.sandbox.setNetwork(.up)
            let seconds = try Self.trace(stage) { try stage.application.resume() }
            try kiosk.kill()
            #expect(seconds.contains("before-record:1"), "\(seconds)")
            let chosen = Self.choose(seconds, scenario)
            let left = try Replays.run(chosen) { second in
                guard try Self.die(at: first, in: stage) else { return false }
                try kiosk.sandbox.setNetwork(.up)
                let isReached = try Self.dieAgain(at: second, stage) {
                    try stage.application.resume()
                    try scenario.settle(stage.application)
                }
                try Self.comeBack(stage, "\(first), then \(second)")
                return isReached
            }
            // What a recovery passes depends on how far the death before it let things come.
            print("\(scenario.rawValue)/\(first): never reached \(left) of \(chosen.count) points")
            #expect(left.count < chosen.count)
            try kiosk.start()
            try scenario.payOnce(kiosk)
        }
    }

    /// Plays the scenario to its end once and reads what was passed; each point with its count.
    private static func points(of stage: CrashStage) throws -> [String] {
        let scenario = stage.scenario
        try scenario.prepare(stage)
        let points = try trace(stage) {
            try scenario.play(stage)
            try stage.application.resume()
        }
        try stage.kiosk.kill()
        try comeBack(stage, "alive")
        var due = ["before-record", "after-record", "on-committed"]
        if scenario != .damaged { due.append("before-submit") }
        for name in due { #expect(points.contains("\(name):1"), "\(points)") }
        return points
    }

    /// The points that the daemon passes while it starts, `play` runs and all is settled.
    private static func trace(_ stage: CrashStage, _ play: () throws -> Void) throws -> [String] {
        let file = stage.kiosk.folder + "/points"
        Files.remove(file)
        try stage.start(environment: ["KIOSKPAY_CRASH_TRACE": file])
        try play()
        try stage.scenario.settle(stage.application)
        let names = Files.text(file).split(separator: "\n")
        EveryBoundary.note(names, of: stage.scenario)
        var counts: [Substring: Int] = [:]
        return names.map { name in
            counts[name, default: 0] += 1
            return "\(name):\(counts[name, default: 0])"
        }
    }

    private static func choose(_ points: [String], _ scenario: CrashScenario) -> [String] {
        if let replay, replay.count > 1 { return replay.dropFirst().map(String.init) }
        guard !Tests.isFull, points.count > fewPoints else { return points }
        // Evenly spread, and not the same places in every scenario.
        let offset = (CrashScenario.allCases.firstIndex(of: scenario) ?? 0) * 7
        return (0..<fewPoints).map { part in
            points[(part * points.count / fewPoints + offset) % points.count]
        }
    }

    /// Whether the daemon died there in the scenario; it does not run afterwards in either case.
    private static func die(at point: String, in stage: CrashStage) throws -> Bool {
        try stage.scenario.prepare(stage)
        return try dieAgain(at: point, stage) {
            try stage.scenario.play(stage)
            try stage.application.resume()
        }
    }

    /// Whether the daemon died there while `play` ran; it does not run afterwards in either case.
    private static func dieAgain(
        at point: String,
        _ stage: CrashStage,
        _ play: () throws -> Void,
    ) throws -> Bool {
        let kiosk = stage.kiosk
        do {
            try stage.start(environment: ["KIOSKPAY_CRASH_AT": point])
            try play()
        } catch {
            // Whatever failed first, if the daemon is gone, that is why.
            guard let daemon = kiosk.daemon, daemon.waitForEnd(atMost: .seconds(2)) != nil else {
                throw HarnessError("\(point): \(error)")
            }
        }
        let daemon = try kiosk.running()
        guard daemon.hasEnded else {
            try kiosk.kill()
            return false
        }
        let end = try kiosk.awaitEnd(of: daemon, within: .seconds(2))
        #expect(end == died, "\(point)")
        return end == died
    }
}
