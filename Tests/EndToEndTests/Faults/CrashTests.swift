import Glibc
import Sandbox
import TestKit
import Testing

/// The daemon dies at its own crash points (`Sources/Kiosk/CrashPoint.swift`), one after the other.
@Suite("Dead at every boundary, end to end (A1, C6, D1, D3)")
struct CrashTests {
    /// `CrashPoint` ends the process with it.
    private static let died = DaemonProcess.End.exit(86)
    /// Points of one scenario in a quick run.
    private static let fewPoints = 4
    /// `KIOSKPAY_CRASH_REPLAY=paid/before-submit:1` plays that point alone.
    private static let replay = Tests.variable("KIOSKPAY_CRASH_REPLAY")?.split(separator: "/")

    private static var scenarios: [CrashScenario] {
        guard let replay, let name = replay.first else { return CrashScenario.allCases }
        return CrashScenario(rawValue: String(name)).map { [$0] } ?? []
    }

    @Test(
        "After death at a record, an act or a reply, every charge is released or returned",
        arguments: scenarios
    )
    func walk(_ scenario: CrashScenario) async throws {
        try await Kiosk.run(scenario.settings, allowing: scenario.allowance) { kiosk in
            let application = Application(kiosk, scenario.way)
            let points = try Self.points(of: scenario, application)
            let left = try Replays.run(Self.choose(points, scenario)) {
                try Self.visit($0, scenario, application)
            }
            #expect(left.isEmpty, "\(scenario.rawValue) never reached \(left)")
            try kiosk.start()
            try scenario.payOnce(kiosk)
        }
    }

    /// Dies there if it is reached, and comes back; whether it was reached.
    private static func visit(
        _ point: String,
        _ scenario: CrashScenario,
        _ application: Application,
    ) throws -> Bool {
        let isReached = try die(at: point, in: scenario, application)
        try comeBack(scenario, application, "\(scenario.rawValue)/\(point)")
        return isReached
    }

    /// Starts the daemon, lets everything come to its end, and looks at what every party knows.
    private static func comeBack(
        _ scenario: CrashScenario,
        _ application: Application,
        _ place: String,
    ) throws {
        let kiosk = application.kiosk
        try kiosk.sandbox.setNetwork(.up)
        try kiosk.start(isReady: false)
        try application.resume()
        try scenario.settle(application)
        for finding in try application.lastingFindings(scenario.allowance) {
            Issue.record("\(place): \(finding)")
        }
        try kiosk.kill()
    }

    @Test(
        "After death in the midst of the recovery from another death, too (C6: at any instant)",
        arguments: scenarios.filter { [.claimed, .networkCut, .refunded].contains($0) }
    )
    func walkRecovery(_ scenario: CrashScenario) async throws {
        try await Kiosk.run(scenario.settings, allowing: scenario.allowance) { kiosk in
            let application = Application(kiosk, scenario.way)
            let firsts = try Self.points(of: scenario, application)
            // In its midst most is open.
            let first = firsts[firsts.count / 2]
            _ = try Self.die(at: first, in: scenario, application)
            try kiosk.sandbox.setNetwork(.up)
            let seconds = try Self.trace(scenario, application) { try application.resume() }
            try kiosk.kill()
            #expect(seconds.contains("before-record:1"), "\(seconds)")
            for second in Self.choose(seconds, scenario) {
                guard try Self.die(at: first, in: scenario, application) else { continue }
                try kiosk.sandbox.setNetwork(.up)
                try Self.dieAgain(at: second, application) {
                    try application.resume()
                    try scenario.settle(application)
                }
                let place = "\(scenario.rawValue)/\(first), then \(second)"
                try Self.comeBack(scenario, application, place)
            }
            try kiosk.start()
            try scenario.payOnce(kiosk)
        }
    }

    /// Plays the scenario to its end once and reads what was passed; each point with its count.
    private static func points(
        of scenario: CrashScenario,
        _ application: Application,
    ) throws -> [String] {
        let points = try trace(scenario, application) {
            try scenario.play(application)
            try application.resume()
        }
        try application.kiosk.kill()
        for name in ["before-record", "after-record", "on-committed", "before-submit"] {
            #expect(points.contains("\(name):1"), "\(points)")
        }
        return points
    }

    /// The points that the daemon passes while it starts, `play` runs and all is settled.
    private static func trace(
        _ scenario: CrashScenario,
        _ application: Application,
        _ play: () throws -> Void,
    ) throws -> [String] {
        let kiosk = application.kiosk
        let file = kiosk.folder + "/points"
        Files.remove(file)
        try kiosk.start(isReady: false, environment: ["KIOSKPAY_CRASH_TRACE": file])
        try play()
        try scenario.settle(application)
        var counts: [Substring: Int] = [:]
        return Files.text(file).split(separator: "\n").map { name in
            counts[name, default: 0] += 1
            return "\(name):\(counts[name, default: 0])"
        }
    }

    private static func choose(_ points: [String], _ scenario: CrashScenario) -> [String] {
        if let replay { return replay.dropFirst().map(String.init) }
        guard !Tests.isFull, points.count > fewPoints else { return points }
        // Evenly spread, and not the same places in every scenario.
        let offset = (CrashScenario.allCases.firstIndex(of: scenario) ?? 0) * 7
        return (0..<fewPoints).map { part in
            points[(part * points.count / fewPoints + offset) % points.count]
        }
    }

    /// Whether the daemon died there in the scenario; it does not run afterwards in either case.
    private static func die(
        at point: String,
        in scenario: CrashScenario,
        _ application: Application,
    ) throws -> Bool {
        try dieAgain(at: point, application) {
            try scenario.play(application)
            try application.resume()
        }
    }

    /// Whether the daemon died there while `play` ran; it does not run afterwards in either case.
    @discardableResult
    private static func dieAgain(
        at point: String,
        _ application: Application,
        _ play: () throws -> Void,
    ) throws -> Bool {
        let kiosk = application.kiosk
        do {
            try kiosk.start(isReady: false, environment: ["KIOSKPAY_CRASH_AT": point])
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
