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

    var way: Application.Way {
        switch self {
        case .paid: .reports
        case .undelivered: .failsToDispense
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
        }
        try kiosk.settle()
    }
}
