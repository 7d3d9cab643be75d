import Sandbox

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

    var settings: KioskSettings {
        var settings = KioskSettings()
        settings.deliveryWait = 60
        if self == .autoDelivered { settings.sale["autoDeliver"] = "true" }
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

    /// Plays it. Throws wherever the daemon dies.
    func play(_ application: Application) throws {
        let kiosk = application.kiosk
        let sale = try application.sell()
        switch self {
        case .paid, .claimed, .undelivered:
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            try application.finish(sale)
            try kiosk.awaitState(sale, "delivered", "undelivered")
        case .password:
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
        }
        try settle(application)
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
        case .parkedThenRetried: try application.clearQueue { .retry }
        case .parkedThenSettled: try application.clearQueue { .writeOff }
        default: try application.kiosk.settle()
        }
    }
}
