import Glibc
import Sandbox
import TestKit
import Testing

@Suite("Journals that were copied, restored or damaged, end to end (rules A5, A6)")
struct CustodyTests {
    private static let files = ["journal.db", "journal.db-wal"]

    private static func copy(_ kiosk: Kiosk) -> [String: [UInt8]] {
        var copy: [String: [UInt8]] = [:]
        for name in files { copy[name] = Files.bytes(kiosk.stateDirectory + "/" + name) }
        return copy
    }

    private static func putBack(_ copy: [String: [UInt8]], _ kiosk: Kiosk) throws {
        for name in files + ["journal.db-shm"] { Files.remove(kiosk.stateDirectory + "/" + name) }
        for (name, bytes) in copy { try Files.write(bytes, to: kiosk.stateDirectory + "/" + name) }
    }

    private static func journal(_ kiosk: Kiosk) throws -> JournalFile {
        try JournalFile(kiosk.stateDirectory + "/journal.db")
    }

    private static func reverses(_ kiosk: Kiosk, _ order: String) -> Int {
        kiosk.sandbox.entry(of: order)?.history.count {
            if case .received(.reverse, _) = $0.kind { true } else { false }
        } ?? 0
    }

    /// No charge without an owner: delivered, in the queue, or with a person.
    private static func checkOwners(_ kiosk: Kiosk) throws {
        let rows = try journal(kiosk).rows(
            """
            SELECT order_number, attempts.state, sales.state AS sale_state FROM attempts
            JOIN sales ON sales.id = attempts.sale
            """
        )
        for entry in kiosk.sandbox.ledger() where entry.holdsMoney {
            let row = rows.first { $0["order_number"] == entry.order }
            let isOwned =
                row?["state"] == "paid"
                ? row?["sale_state"] == "delivered"
                : ["revoking", "refunding", "parked"].contains(row?["state"] ?? "")
            #expect(isOwned, "\(entry) has no owner: \(String(describing: row))")
        }
        #expect(try journal(kiosk).rows("PRAGMA integrity_check").flatMap(\.values) == ["ok"])
    }

    @Test("A restored backup: nothing is sold or revoked before a person adopts it (A5)")
    func restoredBackup() async throws {
        let allowance = Audit.Allowance(missingSlips: true)
        try await Kiosk.run(allowing: allowance, isAudited: false) { kiosk in
            try kiosk.start()
            try kiosk.payOnce()
            let open = try kiosk.sell()
            kiosk.show(try named("password-never-paid"))
            try kiosk.awaitState(open, "confirming")
            let order = try kiosk.order(of: open)
            try kiosk.kill()
            let backup = Self.copy(kiosk)
            try kiosk.start()
            try kiosk.settle()
            try kiosk.payOnce()
            try kiosk.stop()
            try Self.putBack(backup, kiosk)
            let reverses = Self.reverses(kiosk, order)

            for _ in 0..<2 {
                try kiosk.start(isReady: false)
                try kiosk.awaitReason("journal-adoption")
                #expect(try kiosk.askSale().status == 503)
                #expect(try kiosk.ask("GET", "/v1/status").text.contains("kioskpay journal adopt"))
                // Longer than the revoke's earliest moment.
                kiosk.pause(.milliseconds(900))
                #expect(Self.reverses(kiosk, order) == reverses)
                try kiosk.stop()
            }
            try kiosk.start(isReady: false)
            let socket = kiosk.files.socket
            // Without a terminal nobody can say yes.
            let asked = try kiosk.tool("journal", "adopt", "--socket", socket)
            #expect(asked.exitCode == 1 && asked.output.contains("--yes"), "\(asked)")
            #expect(asked.output.contains("1 orders are open"), "\(asked)")
            #expect(try kiosk.status().reasons.contains("journal-adoption"))
            let adopted = try kiosk.tool("journal", "adopt", "--socket", socket, "--yes")
            #expect(adopted.exitCode == 0, "\(adopted)")
            try kiosk.awaitReady()
            try kiosk.settle()
            #expect(try kiosk.ask("POST", "/v1/journal/adopt").status == 200)
            try kiosk.payOnce()
            try kiosk.stop()
            let custody = try Self.journal(kiosk).rows("SELECT * FROM custody")
            #expect(custody.map { $0["kind"] } == ["adopted"])
            #expect(custody.first?["said_by"]?.contains("user") == true)
            // Its own from now on.
            try kiosk.start()
            try kiosk.payOnce()
        }
    }

    @Test(
        "A card of another machine, adopted while the daemon is stopped; what is paid goes to a person (A5)"
    )
    func clonedCard() async throws {
        let allowance = Audit.Allowance(openOrders: 1, missingSlips: true)
        try await Kiosk.run(allowing: allowance, isAudited: false) { kiosk in
            try kiosk.start()
            let sale = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            let order = try kiosk.order(of: sale)
            try kiosk.kill()
            try Files.write("1 another-machine\n", to: kiosk.stateDirectory + "/starts")
            try kiosk.start(isReady: false)
            try kiosk.awaitReason("journal-adoption")
            try kiosk.stop()
            #expect(try kiosk.tool("journal", "adopt").exitCode == 1)
            let adopted = try kiosk.tool("journal", "adopt", "--yes")
            #expect(adopted.exitCode == 0 && adopted.output.contains("200 CNY"), "\(adopted)")
            try kiosk.start()
            try kiosk.wait("the paid order to be with a person") {
                try kiosk.ask("GET", "/v1/revokes").text.contains("\"parked\"")
            }
            #expect(Self.reverses(kiosk, order) == 0)
            try kiosk.payOnce()
            // A second start does not take the new sale for an old one.
            try kiosk.stop()
            try kiosk.start()
            try Self.checkOwners(kiosk)
        }
    }

    @Test("A journal that is lost: nothing is sold until a person says so (A5)")
    func lost() async throws {
        try await Kiosk.run(allowing: Audit.Allowance(missingSlips: true), isAudited: false) {
            kiosk in
            try kiosk.start()
            try kiosk.payOnce()
            try kiosk.stop()
            try Self.putBack([:], kiosk)
            try kiosk.start(isReady: false)
            try kiosk.awaitReason("journal-adoption")
            #expect(try kiosk.askSale().status == 503)
            #expect(try kiosk.ask("POST", "/v1/journal/adopt").status == 200)
            try kiosk.awaitReady()
            try kiosk.payOnce()
        }
    }

    @Test(
        "A damaged journal: set aside, out of service, recovered, and no charge without an owner (A6)",
        arguments: ["garbage", "cut", "log"]
    )
    func damaged(how: String) async throws {
        let allowance = Audit.Allowance(openOrders: 1, missingSlips: true)
        try await Kiosk.run(allowing: allowance, isAudited: false) { kiosk in
            try Self.dieWithOpenOrder(kiosk)
            try Self.damage(kiosk, how)

            for _ in 0..<2 {
                try kiosk.start(isReady: false)
                try kiosk.awaitReason("journal-damaged")
                #expect(try kiosk.askSale().status == 503)
                #expect(kiosk.log.contains("kioskpay journal recover"))
                #expect(try kiosk.ask("POST", "/v1/journal/adopt").problem == "journal-damaged")
                #expect(try kiosk.tool("journal", "verify").exitCode == 1)
                #expect(try kiosk.tool("journal", "recover").exitCode == 1)
                try kiosk.stop()
            }
            let recovered = try kiosk.tool("journal", "recover")
            #expect(recovered.exitCode == 0, "\(recovered)")
            let verified = try kiosk.tool("journal", "verify", "--json")
            #expect(verified.exitCode == 0, "\(verified)")
            #expect(try kiosk.tool("journal", "recover").output.contains("nothing was changed"))
            try kiosk.start()
            try kiosk.wait("the open order to be with a person") {
                try kiosk.ask("GET", "/v1/revokes").text.contains("\"parked\"")
            }
            try kiosk.payOnce()
            try Self.checkOwners(kiosk)
        }
    }

    /// One sale is delivered, and of another nobody but the platform knows that it is paid.
    private static func dieWithOpenOrder(_ kiosk: Kiosk) throws {
        try kiosk.start()
        try kiosk.payOnce()
        let open = try kiosk.sell()
        kiosk.show(try named("no-reply-paid"))
        try kiosk.awaitState(open, "confirming", "paid")
        try kiosk.kill()
    }

    /// What a person has done about a journal.
    enum Care: String, CaseIterable, Sendable {
        case recover
        case adopt
    }

    @Test(
        "Killed before any of its steps and said again, `recover` and `adopt` come to the same end (A5, A6)",
        .enabled(if: Preload.isAvailable, "needs a C compiler"),
        arguments: Care.allCases
    )
    func killedMidway(_ care: Care) async throws {
        let allowance = Audit.Allowance(openOrders: 1, missingSlips: true)
        try await Kiosk.run(allowing: allowance, isAudited: false) { kiosk in
            try Self.dieWithOpenOrder(kiosk)
            switch care {
            case .recover: try Self.damage(kiosk, "cut")
            case .adopt:
                try Files.write("1 another-machine\n", to: kiosk.stateDirectory + "/starts")
            }
            try kiosk.start(isReady: false)
            try kiosk.awaitReason(care == .recover ? "journal-damaged" : "journal-adoption")
            try kiosk.stop()

            let before = FolderCopy(of: kiosk.stateDirectory)
            let faults = try JournalFaults(in: kiosk.folder)
            func run() throws -> Kiosk.ToolRun {
                care == .recover
                    ? try kiosk.tool("journal", "recover", environment: faults.environment)
                    : try kiosk.tool("journal", "adopt", "--yes", environment: faults.environment)
            }
            let first = faults.steps
            #expect(try run().exitCode == 0)
            let count = Int(faults.steps - first)
            #expect(count > 20)
            let whole = try Self.outcome(kiosk)
            for number in Tests.places(count, few: 8) {
                try before.putBack()
                faults.kill(at: number)
                #expect(try run().exitCode == nil, "\(number) of \(count)")
                faults.lift()
                let again = try run()
                #expect(again.exitCode == 0, "\(number) of \(count): \(again)")
                #expect(try Self.outcome(kiosk) == whole, "\(number) of \(count)")
            }
            try kiosk.start(isReady: false)
            if try kiosk.status().reasons.contains("journal-adoption") {
                #expect(try kiosk.ask("POST", "/v1/journal/adopt").status == 200)
            }
            try kiosk.wait("the open order to have its end, or to be with a person") {
                let status = try kiosk.status()
                return status.queueCount == status.parkedCount && status.reasons.isEmpty
            }
            try kiosk.payOnce()
            try Self.checkOwners(kiosk)
        }
    }

    /// What became of every order and sale.
    private static func outcome(_ kiosk: Kiosk) throws -> [[String: String]] {
        let journal = try journal(kiosk)
        return try journal.rows("SELECT order_number, sale, amount, state FROM attempts ORDER BY 1")
            + journal.rows("SELECT id, amount, state FROM sales ORDER BY 1")
            + journal.rows("SELECT order_number, parked_reason FROM revokes ORDER BY 1")
            + journal.rows("SELECT kind FROM custody")
    }

    private static func damage(_ kiosk: Kiosk, _ how: String) throws {
        let path = kiosk.stateDirectory + "/journal.db"
        var database = Files.bytes(path) ?? []
        var log = Files.bytes(path + "-wal") ?? []
        switch how {
        case "garbage":
            database = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7_919) }
        case "cut":
            database = Array(database.prefix(database.count / 2)) + [1, 2, 3]
            database.replaceSubrange(0..<4, with: [0, 0, 0, 0])
        default:
            // A commit in the middle of the log.
            let frame = 32 + (log.count / 4_120 / 2) * 4_120
            log[frame + 2_000] ^= 0xFF
        }
        try Files.write(database, to: path)
        try Files.write(log, to: path + "-wal")
    }

    @Test(
        "Damage that only the full check finds ends the sales, and the next start sets it aside (A6)"
    )
    func foundInUse() async throws {
        try await Kiosk.run(allowing: Audit.Allowance(missingSlips: true), isAudited: false) {
            kiosk in
            try kiosk.start()
            try kiosk.payOnce()
            try kiosk.stop()
            let journal = try Self.journal(kiosk)
            let rows = try journal.rows("SELECT rootpage FROM sqlite_schema WHERE name = 'sales'")
            let page = rows.first?["rootpage"].flatMap { Int($0) } ?? 0
            var bytes = Files.bytes(kiosk.stateDirectory + "/journal.db") ?? []
            for offset in 0..<4_096 { bytes[(page - 1) * 4_096 + offset] = 0xA5 }
            try Files.write(bytes, to: kiosk.stateDirectory + "/journal.db")
            try kiosk.start(isReady: false)
            try kiosk.awaitReason("journal-damaged")
            #expect(try kiosk.askSale().status == 503)
            try kiosk.stop()
            let recovered = try kiosk.tool("journal", "recover")
            #expect(recovered.exitCode == 0, "\(recovered)")
            try kiosk.start()
            try kiosk.payOnce()
            try Self.checkOwners(kiosk)
        }
    }

    @Test("Export and verify beside a running daemon; no code and no fingerprint in it (G1)")
    func reading() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let sale = try kiosk.payOnce()
            let verified = try kiosk.tool("journal", "verify")
            #expect(verified.exitCode == 0 && verified.output.contains("is sound"), "\(verified)")
            let export = try kiosk.tool("journal", "export", "--since", "2020-01-01")
            #expect(export.exitCode == 0, "\(export)")
            let sales = export.output.split(separator: "\n").filter {
                $0.contains("\"table\":\"sales\"")
            }
            #expect(sales.count == 1 && sales.allSatisfy { $0.contains(sale.id) }, "\(export)")
            #expect(!export.output.contains("fingerprint"))
            for code in kiosk.codes { #expect(!export.output.contains(code)) }
            #expect(try kiosk.tool("journal", "export", "--table", "nonsense").exitCode == 2)
        }
    }
}
