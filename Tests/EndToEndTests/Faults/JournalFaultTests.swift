import Sandbox
import TestKit
import Testing

/// The disk under the real daemon's journal fails at every call of one payment.
@Suite(
    "The journal's disk fails at every call, end to end (A1, A3, D1)",
    .enabled(if: Preload.isAvailable, "needs a C compiler")
)
struct JournalFaultTests {
    private static let fewCalls = 5

    @Test(
        "Whatever call fails, every charge is released or returned",
        arguments: JournalFaults.Fault.allCases
    )
    func everyCall(_ fault: JournalFaults.Fault) async throws {
        var settings = KioskSettings()
        // Short, so that money goes back within a test while nothing can be stored.
        settings.deliveryWait = 2
        // A daemon without storage tells nobody on paper, and one that is killed prints nothing.
        let allowance = Audit.Allowance(missingSlips: true)
        try await Kiosk.run(settings, allowing: allowance) { kiosk in
            let application = Application(kiosk, .claims)
            let faults = try JournalFaults(in: kiosk.folder)
            try kiosk.start(environment: faults.environment)
            let reach = try Reach {
                let count = try Self.count(fault, faults, application)
                // As in the walk: a daemon that has just started has nothing of the file in memory.
                if fault == .inputOutput { try Self.restart(kiosk, faults) }
                try kiosk.settle()
                return count
            }
            #expect(reach.sure > 10)
            let places = Tests.places(reach.most, few: Self.fewCalls)
            let missed = try Replays.run(places) { number in
                let place = "\(fault.rawValue) at call \(number) of \(reach.counts)"
                var hasStruck = false
                do {
                    hasStruck = try Self.play(fault, at: number, faults, application)
                } catch {
                    throw HarnessError("\(place): \(error)")
                }
                for finding in try application.lastingFindings(allowance) {
                    Issue.record("\(place): \(finding)")
                }
                return hasStruck
            }
            reach.report("the journal's disk, \(fault.rawValue)", places: places, missed: missed)
            try kiosk.payOnce()
        }
    }

    @Test(
        "Told that the money goes back while nothing can be stored, and restarted at once: it goes back (A3, G3)"
    )
    func toldAndRestarted() async throws {
        let allowance = Audit.Allowance(missingSlips: true)
        try await Kiosk.run(allowing: allowance) { kiosk in
            let application = Application(kiosk, .claims)
            let faults = try JournalFaults(in: kiosk.folder)
            try kiosk.start(environment: faults.environment)
            let reach = try Reach {
                let count = try Self.count(.inputOutput, faults, application)
                try Self.restart(kiosk, faults)
                try kiosk.settle()
                return count
            }
            var told: Set<String> = []
            let places = Tests.places(reach.most, few: 12)
            let missed = try Replays.run(places) { number in
                try kiosk.awaitReady()
                faults.arm(.inputOutput, at: number)
                try Self.visit(application)
                let hasStruck = faults.hasStruck
                try kiosk.kill()
                faults.lift()
                let noted = Files.text(kiosk.files.socket + ".returns")
                told.formUnion(noted.split(whereSeparator: \.isWhitespace).map(String.init))
                // Well inside the time to claim; it finds what SQLite has lost sight of.
                try kiosk.start(isReady: false, environment: faults.environment)
                try kiosk.awaitReady()
                try application.resume()
                try kiosk.settle()
                return hasStruck
            }
            reach.report("told and restarted at once", places: places, missed: missed)
            let kept = try JournalFile(kiosk.stateDirectory + "/journal.db")
                .rows("SELECT order_number FROM attempts WHERE state = 'paid'")
                .compactMap { $0["order_number"] }
            #expect(told.isDisjoint(with: kept))
            let orders = kiosk.sandbox.ledger().filter { told.contains($0.order) }
            #expect(!orders.isEmpty)
            #expect(orders.allSatisfy { $0.charged != nil && !$0.holdsMoney })
            for finding in try application.lastingFindings(allowance) {
                Issue.record("\(finding)")
            }
        }
    }

    /// Calls of one visit with a good disk.
    private static func count(
        _ fault: JournalFaults.Fault,
        _ faults: JournalFaults,
        _ application: Application,
    ) throws -> Int {
        try application.kiosk.awaitReady()
        let before = faults.calls(fault)
        try visit(application)
        return Int(faults.calls(fault) - before)
    }

    private static func restart(_ kiosk: Kiosk, _ faults: JournalFaults) throws {
        try kiosk.kill()
        faults.lift()
        try kiosk.start(isReady: false, environment: faults.environment)
    }

    /// A visit on a disk that fails at that call, until everything has come to its end; whether the call was reached.
    private static func play(
        _ fault: JournalFaults.Fault,
        at number: Int,
        _ faults: JournalFaults,
        _ application: Application,
    ) throws -> Bool {
        let kiosk = application.kiosk
        try kiosk.awaitReady()
        faults.arm(fault, at: number)
        try visit(application)
        let hasStruck = faults.hasStruck
        if fault == .inputOutput {
            // What SQLite lost, it does not know: only a start reads the disk anew, and finds what a failed sync has kept. By
            // then the money is back, and nothing may be released for it.
            // A read that failed alone stops nothing, and what is under way then goes on after the start.
            if try kiosk.status().reasons.contains("storage") { try application.awaitReturn() }
            try restart(kiosk, faults)
        }
        faults.lift()
        try kiosk.awaitReady()
        try application.resume()
        try kiosk.settle()
        return hasStruck
    }

    /// A customer who pays at once, as far as the kiosk gets.
    private static func visit(_ application: Application) throws {
        let kiosk = application.kiosk
        try kiosk.awaitReady()
        let answer = try kiosk.askSale()
        guard answer.status == 201 else { return }
        let sale = try SaleView(answer)
        application.knows(sale)
        kiosk.show()
        try kiosk.wait("the end of the visit, or of the storage") {
            let status = try kiosk.ask("GET", "/v1/status")
            // It cannot even be read, or it says so itself.
            if status.status != 200 { return true }
            if try StatusView(status).reasons.contains("storage") { return true }
            // Asked, not listened for: a stream that cannot read the journal ends, and an application begins a new one.
            guard let now = try? kiosk.sale(sale.id) else { return false }
            if ["paid", "delivering"].contains(now.state) { try application.finish(now) }
            return ["delivered", "undelivered", "expired", "cancelled"].contains(now.state)
        }
    }
}
