import Sandbox
import TestKit
import Testing

/// One customer's visit, from the sale to the end of everything that it leaves behind.
enum CrashScenario: String, CaseIterable, Sendable {
    case paid
    case claimed
    case password
    case secondCode
    case expired
    case latePayment
    case cancelled
    case undelivered
    case networkCut
    /// The kiosk itself counts it as delivered.
    case autoDelivered
    /// Too old to be reversed: refunded (rule C5).
    case refunded
    /// The refund is refused; a person asks for it again.
    case parkedThenRetried
    /// The refund cannot end by itself; a person settles it.
    case parkedThenSettled
    /// Nothing can be written when the payment comes (rule A3).
    case diskFull
    /// Paid cannot be synced, so a restart can find it stored all the same (rule A3).
    case paidUnsynced
    /// The same of the claim (rule D1).
    case claimUnsynced
    /// The journal of another machine, with an order that is open; a person adopts it (rule A5).
    case adopted
    /// The journal turns out to be damaged while an order is open; a person recovers it (rule A6).
    case damaged

    /// Whether the disk under the journal fails, which takes a library before the system's.
    var breaksDisk: Bool {
        switch self {
        case .diskFull, .paidUnsynced, .claimUnsynced: true
        default: false
        }
    }

    var settings: KioskSettings {
        var settings = KioskSettings()
        settings.deliveryWait = 60
        switch self {
        case .autoDelivered: settings.sale["autoDeliver"] = "true"
        case .paidUnsynced, .claimUnsynced:
            // The money goes back when nobody can be offered the goods any more.
            settings.deliveryWait = 2
            // What SQLite lost, it does not know: nothing is stored before the next start, however often it is tried.
            settings.timing["probeSeconds"] = 30
        default: break
        }
        return settings
    }

    /// Slips may be lost with the daemon. What is written off stays in the platform's ledger; that it is no more than that is
    /// the application's to find.
    var allowance: Audit.Allowance {
        Audit.Allowance(openOrders: self == .parkedThenSettled ? .max : 0, missingSlips: true)
    }

    var way: Application.Way {
        switch self {
        case .paid: .reports
        case .undelivered: .failsToDispense
        case .autoDelivered: .dispensesUnasked
        default: .claims
        }
    }

    /// What has happened before the daemon starts that is to die.
    func prepare(_ stage: CrashStage) throws {
        let kiosk = stage.kiosk
        stage.disk?.lift()
        switch self {
        case .adopted:
            try kiosk.start()
            let open = try kiosk.sell()
            kiosk.show(try named("no-reply-paid"))
            try kiosk.awaitState(open, "confirming", "paid")
            try kiosk.kill()
            try Files.write("1 another-machine\n", to: kiosk.stateDirectory + "/starts")
        case .damaged:
            try kiosk.start()
            let open = try kiosk.sell()
            try kiosk.awaitSubmit { kiosk.show(try named("no-reply-paid")) }
            try kiosk.sandbox.setNetwork(.cut)
            try kiosk.awaitState(open, "expired")
            // An orderly end leaves nothing in the log that would stand before the damage.
            try kiosk.stop()
            try Self.damageIndex(kiosk)
            try kiosk.sandbox.setNetwork(.up)
        default: break
        }
    }

    /// Damages an index that neither the start nor the queue looks at, so that only the full check finds it, and every row can
    /// be read.
    private static func damageIndex(_ kiosk: Kiosk) throws {
        let path = kiosk.stateDirectory + "/journal.db"
        // The second of the table: of the idempotency keys.
        let rows = try JournalFile(path).rows(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_sales_2'"
        )
        guard let page = rows.first?["rootpage"].flatMap({ Int($0) }) else {
            throw HarnessError("No index of the idempotency keys.")
        }
        var bytes = Files.bytes(path) ?? []
        for offset in 0..<4_096 { bytes[(page - 1) * 4_096 + offset] = 0xA5 }
        try Files.write(bytes, to: path)
    }

    /// What a person does about the journal of a daemon that has started.
    func tend(_ kiosk: Kiosk) throws {
        switch self {
        case .adopted:
            guard try kiosk.status().reasons.contains("journal-adoption") else { return }
            #expect(try kiosk.ask("POST", "/v1/journal/adopt").status == 200)
        case .damaged:
            // Set aside by this start, or found by its check.
            try kiosk.awaitReason("journal-damaged")
            try kiosk.stop()
            let recovered = try kiosk.tool("journal", "recover")
            #expect(recovered.exitCode == 0, "\(recovered)")
            try kiosk.start(isReady: false)
        default: break
        }
    }

    /// Plays it. Throws wherever the daemon dies.
    func play(_ stage: CrashStage) throws {
        switch self {
        case .adopted:
            try stage.kiosk.awaitReason("journal-adoption")
            try tend(stage.kiosk)
            try visit(stage)
        case .damaged:
            // Nothing is sold any more; the queue goes on.
            try stage.kiosk.awaitReason("journal-damaged")
        default:
            try visit(stage)
        }
        try settle(stage.application)
    }

    private func visit(_ stage: CrashStage) throws {
        let (application, kiosk) = (stage.application, stage.kiosk)
        let sale = try application.sell()
        switch self {
        case .paid, .claimed, .undelivered:
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            try application.finish(sale)
            try kiosk.awaitState(sale, "delivered", "undelivered")
        case .password, .adopted, .damaged:
            kiosk.show(.passwordThenPaid)
            try kiosk.awaitState(sale, "paid")
            try application.finish(sale)
        case .secondCode:
            kiosk.show(try named("too-little-money"))
            try kiosk.awaitState(sale, "declined")
            try kiosk.showAgain(sale, until: "paid") { Codes.make() }
            try application.finish(sale)
        case .expired:
            kiosk.show(.passwordNeverPaid)
            try kiosk.awaitState(sale, "expired")
        case .latePayment:
            kiosk.show(try named("late-payment"))
            try kiosk.awaitState(sale, "expired")
        case .cancelled:
            try kiosk.awaitSubmit { kiosk.show(try named("no-reply-paid")) }
            try kiosk.act(sale, "cancel")
            try kiosk.awaitState(sale, "cancelled")
        case .networkCut:
            try kiosk.awaitSubmit { kiosk.show(try named("no-reply-paid")) }
            try kiosk.sandbox.setNetwork(.cut)
            try kiosk.awaitState(sale, "expired")
            try kiosk.awaitReason("network")
            try kiosk.sandbox.setNetwork(.up)
        case .autoDelivered:
            kiosk.show()
            try kiosk.awaitState(sale, "delivered")
            try application.finish(sale)
        case .refunded:
            kiosk.show(try named("refund-no-reply"))
            try kiosk.awaitState(sale, "expired")
        case .parkedThenRetried:
            kiosk.show(try named("refund-refused"))
            try kiosk.awaitState(sale, "expired")
        case .parkedThenSettled:
            kiosk.show(try named("refund-change"))
            try kiosk.awaitState(sale, "expired")
        case .diskFull:
            try kiosk.awaitSubmit { kiosk.show(try named("paid-slowly")) }
            stage.disk?.arm(.full, at: 1)
            try kiosk.awaitReason("storage")
            stage.disk?.lift()
            try kiosk.awaitState(sale, "expired")
        case .paidUnsynced:
            try kiosk.awaitSubmit { kiosk.show(try named("paid-slowly")) }
            stage.disk?.failNextSync()
            try kiosk.awaitReason("storage")
        case .claimUnsynced:
            kiosk.show()
            try kiosk.awaitEvent("the offer") { $0.name == "release" && $0.sale == sale.id }
            stage.disk?.failNextSync()
            try application.finish(sale)
            try kiosk.awaitReason("storage")
        }
    }

    /// A whole payment that must work; proves that the kiosk is well.
    func payOnce(_ kiosk: Kiosk) throws {
        guard self == .autoDelivered else {
            try kiosk.payOnce()
            return
        }
        try kiosk.awaitReady()
        let sale = try kiosk.sell()
        kiosk.show()
        try kiosk.awaitState(sale, "delivered")
    }

    /// Waits until nothing is open, and does with parked orders what a person does.
    func settle(_ application: Application) throws {
        switch self {
        case .parkedThenRetried, .adopted, .damaged: try application.clearQueue { .retry }
        case .parkedThenSettled: try application.clearQueue { .writeOff }
        case .paidUnsynced, .claimUnsynced:
            guard try application.kiosk.status().reasons.contains("storage") else { fallthrough }
            try application.awaitReturn()
        default: try application.kiosk.settle()
        }
    }
}
