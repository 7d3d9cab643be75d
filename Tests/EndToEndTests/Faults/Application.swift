import Sandbox
import StrictJSON

/// The kiosk's application, which lives on while the daemon dies: it dispenses when the kiosk has acknowledged that it may,
/// asks again after a restart what it asked before, and knows what it gave away.
final class Application {
    /// What it does with a sale that is paid.
    enum Way: Sendable {
        /// Claims, dispenses, reports.
        case claims
        /// Reports delivered and dispenses when that is acknowledged: both in one (rule D1).
        case reports
        /// Cannot dispense and says so (rule D2).
        case failsToDispense
        /// Dispenses when it hears that the kiosk counts the sale as delivered.
        case dispensesUnasked
    }

    /// What a person does with a parked order.
    enum Decision: Sendable {
        case retry
        case writeOff
    }

    let kiosk: Kiosk
    let way: Way
    /// Ids of sales whose goods have left.
    private(set) var dispensed: Set<String> = []
    /// Orders whose money a person has written off.
    private var writtenOff: Set<String> = []
    private var current: String?

    init(_ kiosk: Kiosk, _ way: Way) {
        self.kiosk = kiosk
        self.way = way
    }

    func sell() throws -> SaleView {
        try kiosk.awaitReady()
        let sale = try kiosk.sell()
        current = sale.id
        return sale
    }

    /// It has been told of a sale.
    func knows(_ sale: SaleView) { current = sale.id }

    /// Sells as soon as the kiosk does, however often it refuses before.
    func sellPatiently() throws -> SaleView {
        var sold: SaleView?
        try kiosk.wait("a sale") {
            let answer = try kiosk.askSale()
            if answer.status == 201 { sold = try SaleView(answer) }
            return sold != nil
        }
        guard let sold else { throw HarnessError("No sale.") }
        current = sold.id
        return sold
    }

    /// Does with a paid sale what this application does. All of it can be done twice.
    func finish(_ sale: SaleView) throws {
        switch way {
        case .claims:
            let claim = try kiosk.act(sale, "delivering", body: #"{"claim":"locker-7"}"#)
            guard claim.status == 200 else { return }
            dispensed.insert(sale.id)
            try kiosk.act(sale, "delivered")
        case .reports:
            guard try kiosk.act(sale, "delivered").status == 200 else { return }
            dispensed.insert(sale.id)
        case .failsToDispense:
            try kiosk.act(sale, "undelivered")
        case .dispensesUnasked:
            if try kiosk.sale(sale.id).state == "delivered" { dispensed.insert(sale.id) }
        }
    }

    /// Waits until the queue is empty. A person decides what is parked, and does it again where the kiosk forgot.
    func clearQueue(_ decide: () -> Decision) throws {
        try kiosk.wait("the queue to be cleared", within: .seconds(60)) {
            let list = try kiosk.ask("GET", "/v1/revokes").json()
            let orders = try list.objects("revokes", maximumCount: 100)
            for order in orders where try order.string("state", bytes: 1...32) == "parked" {
                try settle(
                    try order.string("order", bytes: 1...32),
                    of: try order.string("sale", bytes: 1...64),
                    decide()
                )
            }
            return orders.isEmpty
        }
    }

    private func settle(_ order: String, of sale: String, _ decision: Decision) throws {
        let path = "/v1/revokes/\(order)/"
        switch decision {
        case .retry:
            // Where only goods that did not come out entitle to the money, that is what is said.
            guard try kiosk.ask("POST", path + "retry").problem == "needs-report" else { return }
            try kiosk.ask("POST", "/v1/sales/\(sale)/undelivered")
        case .writeOff:
            let word = #"{"outcome":"written-off","note":"the payer cannot be found"}"#
            // Noted before the answer: the daemon may die with it on its way.
            writtenOff.insert(order)
            try kiosk.ask("POST", path + "settle", body: word)
        }
    }

    /// On a disk that has failed nothing is stored before a restart. Waits until no money is held that belongs to no delivered
    /// goods.
    func awaitReturn() throws {
        try kiosk.wait("the money to be back") {
            kiosk.sandbox.ledger().filter(\.holdsMoney).count <= dispensed.count
        }
    }

    /// After a restart: brings what it began, and what the kiosk still has open, to its end.
    func resume() throws {
        try finishCurrent()
        try kiosk.wait("the interrupted sale to end") {
            guard let active = try kiosk.status().activeSale else { return true }
            let sale = try kiosk.sale(active)
            switch sale.state {
            case "paid", "delivering": try finish(sale)
            case "awaiting_code", "declined": try kiosk.act(sale, "cancel")
            default: break
            }
            return false
        }
        // The kiosk itself may have counted it as delivered by now.
        try finishCurrent()
        current = nil
    }

    private func finishCurrent() throws {
        guard let current else { return }
        let sale = try kiosk.sale(current)
        if ["paid", "delivering", "delivered"].contains(sale.state) { try finish(sale) }
    }

    /// ``findings(_:)``, once what is on its way to the disk has got there.
    func lastingFindings(_ allowance: Audit.Allowance) throws -> [String] {
        var last: [String] = []
        _ = try kiosk.bell.wait(atMost: .seconds(5)) {
            last = try findings(allowance)
            return last.isEmpty
        }
        return last
    }

    /// What of the platform's ledger does not fit what was given away, and what the audit finds. For a kiosk at rest.
    private func findings(_ allowance: Audit.Allowance) throws -> [String] {
        var findings = try Audit(kiosk, allowance).findings
        let journal = try JournalFile(kiosk.stateDirectory + "/journal.db")
        var sales: [String: String] = [:]
        for row in try journal.rows("SELECT order_number, sale FROM attempts") {
            sales[row["order_number"] ?? ""] = row["sale"]
        }
        var kept: [String: Int] = [:]
        for entry in kiosk.sandbox.ledger() where entry.charged != nil {
            guard let sale = sales[entry.order] else {
                findings.append("\(entry) belongs to no sale")
                continue
            }
            if entry.holdsMoney, !writtenOff.contains(entry.order) { kept[sale, default: 0] += 1 }
        }
        for sale in Set(kept.keys).union(dispensed) {
            let isReleased = dispensed.contains(sale)
            if kept[sale, default: 0] != (isReleased ? 1 : 0) {
                findings.append(
                    "sale \(sale) holds \(kept[sale] ?? 0) payments; goods left: \(isReleased)"
                )
            }
        }
        return findings
    }
}
