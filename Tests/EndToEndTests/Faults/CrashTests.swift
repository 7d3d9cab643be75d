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
    /// How often is asked, and what crosses what, differs a little from play to play: a point that is not reached in one is
    /// played again, so often at most.
    private static let mostPlays = 6
    private static let allowance = Audit.Allowance(missingSlips: true)

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
        var settings = KioskSettings()
        settings.deliveryWait = 60
        try await Kiosk.run(settings, allowing: Self.allowance) { kiosk in
            let application = Application(kiosk, scenario.way)
            let points = try Self.points(of: scenario, application)
            var left = Self.choose(points, scenario)
            for _ in 0..<Self.mostPlays where !left.isEmpty {
                left = try left.filter { try !Self.visit($0, scenario, application) }
            }
            #expect(left.isEmpty, "\(scenario.rawValue) never reached \(left)")
            try kiosk.start()
            try kiosk.payOnce()
        }
    }

    /// Dies there if it is reached, and comes back; whether it was reached.
    private static func visit(
        _ point: String,
        _ scenario: CrashScenario,
        _ application: Application,
    ) throws -> Bool {
        let kiosk = application.kiosk
        let isReached = try die(at: point, in: scenario, application)
        try kiosk.sandbox.setNetwork(.up)
        try kiosk.start(isReady: false)
        try application.resume()
        try kiosk.settle()
        for finding in try application.lastingFindings(allowance) {
            Issue.record("\(scenario.rawValue)/\(point): \(finding)")
        }
        try kiosk.kill()
        return isReached
    }

    /// Plays the scenario to its end once and reads what was passed; each point with its count.
    private static func points(
        of scenario: CrashScenario,
        _ application: Application,
    ) throws -> [String] {
        let kiosk = application.kiosk
        let file = kiosk.folder + "/points"
        try kiosk.start(environment: ["KIOSKPAY_CRASH_TRACE": file])
        try scenario.play(application)
        try application.resume()
        try kiosk.kill()
        var counts: [Substring: Int] = [:]
        let points = Files.text(file).split(separator: "\n").map { name in
            counts[name, default: 0] += 1
            return "\(name):\(counts[name, default: 0])"
        }
        for name in ["before-record", "after-record", "on-committed", "before-submit"] {
            #expect(points.contains("\(name):1"), "\(points)")
        }
        return points
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

    /// Whether the daemon died there; it does not run afterwards in either case.
    private static func die(
        at point: String,
        in scenario: CrashScenario,
        _ application: Application,
    ) throws -> Bool {
        let kiosk = application.kiosk
        do {
            try kiosk.start(environment: ["KIOSKPAY_CRASH_AT": point])
            try scenario.play(application)
            try application.resume()
        } catch {
            // Whatever failed first, if the daemon is gone, that is why.
            guard let daemon = kiosk.daemon, daemon.waitForEnd(atMost: .seconds(2)) != nil else {
                throw HarnessError("\(scenario.rawValue)/\(point): \(error)")
            }
        }
        let daemon = try kiosk.running()
        guard daemon.hasEnded else {
            try kiosk.kill()
            return false
        }
        let end = try kiosk.awaitEnd(of: daemon, within: .seconds(2))
        #expect(end == died, "\(scenario.rawValue)/\(point)")
        return end == died
    }
}
