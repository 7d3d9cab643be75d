import Payments
import Sandbox
import TestKit

/// Compares what every party knows when a test is over: platform, journal, slips, lights, events, log.
///
/// A class, so that a finding can be made of what is being checked. Independent on purpose: it reads the journal with SQLite
/// alone and knows the rules from the documents, not from the machines.
final class Audit {
    /// What a test wants to be different at its end.
    struct Allowance: Sendable {
        /// Orders that cannot be settled: their money stays with the merchant until a person acts.
        var openOrders = 0
        /// Words of violations that the test provokes.
        var violations: Set<String> = []
        /// Slips may be missing: a kill or a printer without paper loses them (rule D4).
        var missingSlips = false
        /// Sales that are still active: paid and offered, or claimed.
        var activeSales = 0
        /// Orders from before the journal's events and the platform's ledger begin: submitted, though nobody saw it.
        var earlierOrders: Set<String> = []
    }

    private(set) var findings: [String] = []
    private let ledger: [LedgerEntry]
    private let sales: [JournalFile.Row]
    private let attempts: [JournalFile.Row]
    private let revokes: [JournalFile.Row]
    private let events: [JournalFile.Row]
    /// Ids of events that recoveries began anew with: what was lost before them is not missing (rule A6).
    private let recoveries: Set<Int>
    private let slips: [String]
    private let allowance: Allowance
    private let isFixedPrice: Bool

    /// - Parameter journal: a connection of the caller's, if the file as it lies there is not to be judged.
    init(_ kiosk: Kiosk, _ allowance: Allowance, journal given: JournalFile? = nil) throws {
        self.allowance = allowance
        isFixedPrice = kiosk.settings.sale["mode"] == "\"fixed\""
        ledger = kiosk.sandbox.ledger()
        slips = kiosk.printer.slips.flatMap(\.parts)
        let path = kiosk.stateDirectory + "/journal.db"
        guard Files.exists(path) else {
            // The daemon never began: then nothing was ever sent either.
            (sales, attempts, revokes, events, recoveries) = ([], [], [], [], [])
            checkLedger()
            return
        }
        let journal = try given ?? JournalFile(path)
        sales = try journal.rows("SELECT * FROM sales ORDER BY number")
        attempts = try journal.rows("SELECT * FROM attempts ORDER BY number")
        revokes = try journal.rows("SELECT * FROM revokes ORDER BY number")
        events = try journal.rows("SELECT * FROM events ORDER BY id")
        recoveries = Set(
            try journal.rows("SELECT event_id FROM custody WHERE kind = 'recovered'")
                .compactMap { $0["event_id"].flatMap { Int($0) } }
        )
        let health = try journal.rows("PRAGMA integrity_check").flatMap(\.values)
        expect(health == ["ok"], "SQLite finds the journal damaged: \(health)")
        expect(
            try journal.rows("PRAGMA foreign_key_check").isEmpty,
            "the journal's rows do not refer to each other"
        )
        checkLedger()
        checkSales()
        checkAttempts()
        checkTruths()
        checkEvents()
        checkSlips()
        checkLights(kiosk)
        checkViolations(kiosk)
        findings += Secrets(kiosk).findings
    }

    private func expect(_ holds: Bool, _ finding: @autoclosure () -> String) {
        if !holds { findings.append(finding()) }
    }

    private func attempt(_ order: String) -> JournalFile.Row? {
        attempts.first { $0["order_number"] == order }
    }

    private func entry(_ order: String?) -> LedgerEntry? {
        ledger.first { $0.order == order }
    }

    private func entries(of sale: String?) -> [LedgerEntry] {
        attempts.filter { $0["sale"] == sale }.compactMap { entry($0["order_number"]) }
    }

    // MARK: - Money

    /// Rules A1, B5: whatever was submitted was recorded before, once, with the same amount.
    private func checkLedger() {
        for entry in ledger where !allowance.earlierOrders.contains(entry.order) {
            let submits = entry.history.compactMap { event in
                if case .received(.submit, let firstByte) = event.kind { firstByte } else { nil }
            }
            guard let first = submits.first else {
                expect(entry.charged == nil, "\(entry) was charged without a submit")
                continue
            }
            expect(submits.count == 1, "\(entry.order) was submitted \(submits.count) times")
            guard let row = attempt(entry.order) else {
                findings.append("\(entry) is in no journal (rule A1)")
                continue
            }
            let prepared = row["prepared_boot_ns"].flatMap { Int64($0) } ?? .max
            expect(
                prepared <= first.nanoseconds,
                "\(entry.order) was sent before it was recorded (rule A1)"
            )
            if let amount = entry.amount {
                expect(
                    row["amount"] == String(amount.minorUnits)
                        && row["currency"] == amount.currency.code,
                    "\(entry.order) was submitted with another amount than recorded"
                )
            }
        }
    }

    /// What was charged and not returned is what was delivered, and never twice for one sale.
    private func checkSales() {
        var open = 0
        var active = 0
        for sale in sales {
            let id = sale["id"] ?? ""
            let state = sale["state"] ?? ""
            let held = entries(of: id).filter(\.holdsMoney)
            expect(held.count <= 1, "sale \(id) holds \(held.count) payments")
            switch state {
            case "delivered":
                expect(held.count == 1, "sale \(id) is delivered, and its money is not here")
                expect(
                    held.first?.charged?.minorUnits == sale["amount"].flatMap { Int64($0) }
                        && held.first?.transactionID == sale["transaction_id"],
                    "sale \(id) is delivered for another payment than \(held)"
                )
            case "cancelled", "expired", "undelivered":
                open += held.count
            default:
                active += 1
            }
        }
        expect(open <= allowance.openOrders, "\(open) payments are held without goods: \(ledger)")
        expect(active == allowance.activeSales, "\(active) sales are active: \(sales)")
    }

    /// Section C: every attempt has come to an end, and the right one.
    private func checkAttempts() {
        var open = 0
        for row in attempts {
            let order = row["order_number"] ?? ""
            let sale = sales.first { $0["id"] == row["sale"] }
            let entry = entry(order)
            let wasSubmitted = entry?.amount != nil
            let outcome = row["outcome"]
            switch row["state"] {
            case "paid":
                let isKept = ["delivered", "paid", "delivering"].contains(sale?["state"] ?? "")
                expect(isKept, "\(order) is paid and its sale is \(sale?["state"] ?? "missing")")
                expect(entry?.holdsMoney == true, "\(order) is paid here and not there")
            case "void":
                expect(!wasSubmitted, "\(order) is void and reached the platform (rule B5)")
            case "undone":
                let wasCharged = entry?.charged != nil
                expect(entry?.holdsMoney != true, "\(order) is undone and holds money")
                // REVOKED and CLOSED need not name a payment that was taken (rule C3).
                let namesPayment = entry?.caseName != "reverse-hides-payment"
                let ends =
                    wasCharged && namesPayment
                    ? ["returned"] : ["nothing-kept"] + (wasCharged ? [] : ["nothing-charged"])
                expect(
                    ends.contains(outcome ?? ""),
                    "\(order) ended as \(outcome ?? "nothing"), charged: \(wasCharged)"
                )
                let revoke = revokes.first { $0["order_number"] == order }
                expect(revoke?["settled_boot_id"] != nil, "\(order) is undone and not settled")
            case "refunded":
                expect(entry?.holdsMoney != true, "\(order) is refunded and holds money (rule C5)")
                expect(
                    entry?.charged != nil && outcome == "returned",
                    "\(order) is refunded, and ended as \(outcome ?? "nothing")"
                )
            default:
                open += 1
            }
        }
        expect(open <= allowance.openOrders, "\(open) attempts are open: \(attempts)")
    }

    // MARK: - What people were told

    /// Rule G3: each truth told, now or on the way, was true.
    private func checkTruths() {
        for sale in sales {
            check(truth: sale["truth"], of: entries(of: sale["id"]), where: "sale \(sale)")
            if sale["state"] == "expired" || sale["state"] == "cancelled" {
                expect(sale["truth"] != nil, "sale \(sale) ended and says nothing (rule G3)")
                expect(sale["truth"] != "paid", "sale \(sale) ended and says paid (rule G3)")
            }
        }
        for event in events where event["kind"] == "sale" {
            // An order that never left the kiosk is in no ledger.
            let told =
                event["order_number"].map { entry($0).map { [$0] } ?? [] }
                ?? entries(of: event["sale"])
            check(truth: event["truth"], of: told, where: "event \(event)")
        }
    }

    private func check(truth: String?, of entries: [LedgerEntry], where place: String) {
        switch truth {
        case nil, "not-known-yet":
            break
        case "nothing-taken":
            expect(
                entries.allSatisfy { $0.charged == nil },
                "nothing taken was said of \(entries): \(place)"
            )
        case "paid":
            expect(entries.contains { $0.charged != nil }, "paid was said of \(entries): \(place)")
        case "being-returned":
            expect(
                entries.contains { $0.charged != nil && ($0.returned != nil || isOpen($0)) },
                "being returned was said of \(entries): \(place)"
            )
        default:
            findings.append("an unknown truth: \(place)")
        }
    }

    private func isOpen(_ entry: LedgerEntry) -> Bool {
        allowance.openOrders > 0
            && ["revoking", "refunding", "parked"].contains(attempt(entry.order)?["state"] ?? "")
    }

    /// The table of the local interface: which state may follow which; ids without gaps.
    private func checkEvents() {
        let ids = events.compactMap { $0["id"].flatMap { Int($0) } }
        let hasGaps = zip([0] + ids, ids).contains { last, id in
            id != last + 1 && !recoveries.contains(id)
        }
        expect(!hasGaps, "the events' ids have gaps: \(ids)")
        var last: [String: String] = [:]
        for row in attempts where allowance.earlierOrders.contains(row["order_number"] ?? "") {
            last[row["sale"] ?? ""] = Self.earlier
        }
        for event in events where event["kind"] == "sale" {
            guard let sale = event["sale"], let state = event["state"] else { continue }
            let before = last[sale] ?? ""
            let isScanFirst = before.isEmpty && state == "submitting" && isFixedPrice
            // Parked, and then reported undelivered after all (rules C1, D3): the truth changes.
            let isReportedLate =
                ["undelivered", "expired"].contains(state) && before == state
                && event["reason"] == "undelivered"
            expect(
                Self.successors[before]?.contains(state) == true || isScanFirst || isReportedLate
                    || before == Self.earlier,
                "sale \(sale) went from \(before.isEmpty ? "nothing" : before) to \(state)"
            )
            last[sale] = state
        }
        for sale in sales {
            let id = sale["id"] ?? ""
            let isOffered = events.contains { $0["kind"] == "release" && $0["sale"] == id }
            expect(
                !isOffered || !["cancelled", "expired"].contains(sale["state"] ?? ""),
                "goods were offered for sale \(id), which is \(sale["state"] ?? "nothing")"
            )
            expect(
                last[id] == sale["state"] || last[id] == Self.earlier,
                "the last event of sale \(id) says \(last[id] ?? "nothing"), its row "
                    + "\(sale["state"] ?? "nothing")"
            )
        }
    }

    /// Stands for the state of a sale that no event has told.
    private static let earlier = "earlier"

    /// Interfaces, 3. A restart can lie in between: an attempt that was found open has expired. Cancelled follows paid
    /// where a cancel came while Paid was being committed (rule B9); goods are never offered then.
    private static let successors: [String: Set<String>] = [
        "": ["awaiting_code"],
        "awaiting_code": ["submitting", "cancelled", "expired"],
        "submitting": ["paid", "confirming", "declined", "cancelled", "cancelling", "expired"],
        "confirming": ["paid", "declined", "expired", "cancelled", "cancelling"],
        "declined": ["submitting", "expired", "cancelled"],
        "cancelling": ["cancelled"],
        "paid": ["delivering", "delivered", "undelivered", "cancelled"],
        "delivering": ["delivered", "undelivered"],
    ]

    /// Rules D4 and G3 on paper.
    private func checkSlips() {
        for row in attempts {
            guard let order = row["order_number"] else { continue }
            let mine = slips.filter { $0.contains(order) }
            let wasPaid = events.contains {
                $0["state"] == "paid" && $0["order_number"] == order
            }
            let receipts = mine.filter { $0.contains("已支付") }
            expect(
                receipts.isEmpty || wasPaid,
                "a receipt was printed for \(order), which was never paid (rule D4)"
            )
            let isCancelled = sales.contains {
                $0["id"] == row["sale"] && $0["state"] == "cancelled"
            }
            expect(
                receipts.isEmpty || !isCancelled,
                "a receipt was printed for \(order), cancelled"
            )
            let originals = receipts.count { !$0.contains("COPY") }
            expect(originals <= 1, "\(originals) receipts of \(order) are not marked as copies")
            guard !allowance.missingSlips else { continue }
            let due = wasPaid && !isCancelled ? 1 : 0
            expect(originals == due, "\(originals) receipts of \(order), not \(due)")
        }
        for sale in sales where !allowance.missingSlips {
            let words: String? =
                switch sale["truth"] {
                case "not-known-yet": "结果尚未确定"
                case "being-returned": "已扣款，正在退回"
                default: nil
                }
            guard let words else { continue }
            let orders = attempts.filter { $0["sale"] == sale["id"] }.compactMap {
                $0["order_number"]
            }
            let found = slips.contains { slip in
                slip.contains(words) && orders.contains { slip.contains($0) }
            }
            expect(found, "no slip tells the truth of sale \(sale)")
        }
    }

    private func checkLights(_ kiosk: Kiosk) {
        let lights = LightsTrace(Files.text(kiosk.files.lightsFile))
        expect(lights.strangeLines.isEmpty, "the lights' trace has \(lights.strangeLines)")
        let paid = events.count { $0["kind"] == "sale" && $0["state"] == "paid" }
        expect(
            lights.times("approved") <= paid,
            "the light said approved \(lights.times("approved")) times for \(paid) payments"
        )
    }

    /// The platform itself checks form, signature, certificate and timing of every request.
    private func checkViolations(_ kiosk: Kiosk) {
        for violation in kiosk.sandbox.violations() {
            let word = violation.rule.word
            expect(
                allowance.violations.contains { word.hasPrefix($0) },
                "the platform saw \(violation)"
            )
        }
    }
}
