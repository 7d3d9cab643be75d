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
            let before = faults.calls(fault)
            try Self.visit(application)
            let count = Int(faults.calls(fault) - before)
            #expect(count > 10)
            for number in Tests.places(count, few: Self.fewCalls) {
                try kiosk.awaitReady()
                faults.arm(fault, at: number)
                do {
                    try Self.visit(application)
                    if fault == .inputOutput {
                        // What SQLite lost, it does not know: only a start reads the disk anew, and finds what a failed sync
                        // has kept. By then the money is back, and nothing may be released for it.
                        try Self.awaitReturn(application)
                        try kiosk.kill()
                        faults.lift()
                        try kiosk.start(isReady: false, environment: faults.environment)
                    }
                    faults.lift()
                    try kiosk.awaitReady()
                    try application.resume()
                    try kiosk.settle()
                } catch {
                    throw HarnessError("\(fault.rawValue) at call \(number) of \(count): \(error)")
                }
                for finding in try application.lastingFindings(allowance) {
                    Issue.record("\(fault.rawValue) at call \(number) of \(count): \(finding)")
                }
            }
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
            let before = faults.calls(.inputOutput)
            try Self.visit(application)
            let count = Int(faults.calls(.inputOutput) - before)
            var told: Set<String> = []
            for number in Tests.places(count, few: 12) {
                try kiosk.awaitReady()
                faults.arm(.inputOutput, at: number)
                try Self.visit(application)
                // The next start is well inside the time to claim, and finds what SQLite has lost sight of.
                try kiosk.kill()
                faults.lift()
                let noted = Files.text(kiosk.files.socket + ".returns")
                told.formUnion(noted.split(whereSeparator: \.isWhitespace).map(String.init))
                try kiosk.start(isReady: false, environment: faults.environment)
                try kiosk.awaitReady()
                try application.resume()
                try kiosk.settle()
            }
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

    /// Waits until no money is held that belongs to no delivered goods. A read that failed alone stops nothing, and what is
    /// under way then goes on after the start.
    private static func awaitReturn(_ application: Application) throws {
        let kiosk = application.kiosk
        guard try kiosk.status().reasons.contains("storage") else { return }
        try kiosk.wait("the money to be back") {
            kiosk.sandbox.ledger().filter(\.holdsMoney).count <= application.dispensed.count
        }
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
