import Payments
import Sandbox

/// Everything the demo shows, at one moment.
struct DemoView: Hashable, Sendable {
    static let lights = ["ready", "busy", "approved", "declined", "fault"]

    var lit: Set<String> = []
    /// The last sale's number and state; `nil` before any.
    var sale: (id: String, state: String)? {
        events.last { $0.kind == "sale" }.flatMap { event in
            event.sale.flatMap { sale in event.state.map { (sale, $0) } }
        }
    }
    var events: [KioskEvent] = []
    /// The last slip's lines, and how many came out so far.
    var slip: [String] = []
    var slipCount = 0
    /// How often the person turned to the next part of a slip that is longer than the window.
    var slipTurns = 0
    /// The stand-in's orders, oldest first: number, state, what became of the money.
    var ledger: [String] = []
    var isNetworkUp = true
    var hasPaper = true
    var isScannerPlugged = true
    var isDaemonRunning = true
    /// What the last key did, or why it did nothing.
    var hint = ""

    /// What the payer reads now: the last message there was.
    var message: PayerText? { events.last { $0.message != nil }?.message }

    /// Whether a sale is not over.
    var isSaleActive: Bool {
        guard let sale else { return false }
        return !["delivered", "undelivered", "cancelled", "expired"].contains(sale.state)
    }

    static func ledgerLine(_ entry: LedgerEntry) -> String {
        let money =
            switch (entry.charged, entry.returned) {
            case (nil, _): "nothing"
            case (let charged?, nil): "\(charged.decimal) kept"
            case (let charged?, .some): "\(charged.decimal) returned"
            }
        let faults = entry.violations.isEmpty ? "" : " VIOLATION"
        return "\(entry.order.suffix(6)) \(entry.state.rawValue) \(money)\(faults)"
    }
}
