import Payments

/// A payer at the kiosk, and what the kiosk's application does for this one sale.
struct Visit {
    /// What is shown to the scanner, one after another, as long as the sale takes codes.
    var cards: [Card]
    var nextCard = 0
    var dice: Dice
    let key: String
    var conduct = Conduct.remembers
    var asks = 0
    var sale: SaleID?
    /// The first claim that was acknowledged; of an application that forgets, the last.
    var claim: String?
    /// Offers that an application without a memory has answered.
    var offers = 0
    /// Claims on which goods have left.
    var usedClaims: Set<String> = []
    var isDispensed = false
    /// What the application has to report, until the kiosk has taken it.
    var report: Report?
    var reportTries = 0
    /// The application has lost its memory of this sale.
    var isForgotten = false
    var isOver = false

    /// How the application goes about a release (rule D1).
    enum Conduct {
        /// One claim for a sale, whatever comes.
        case remembers
        /// Each offer is new to it: it claims under a new key, and dispenses on every claim that is acknowledged.
        case forgets
        /// Says delivered without a claim, and dispenses when that is acknowledged.
        case reports
    }

    enum Report {
        case delivered
        case undelivered
    }

    struct Card {
        let course: Wallet.Course?
        /// What it is if it is no payment code of this wallet.
        let text: String?
        /// How long before it was shown the code was made.
        let age: Int64
        /// Shown again this much later.
        let repeated: Int64?
    }
}

/// One thing that a payer or the application does about a visit.
enum VisitStep {
    case ask
    case show(card: Int)
    case showAgain(ScannedCode, CodeFingerprint)
    case cancel
    case claim(key: String)
    case dispense
    case report
    /// Print the slip again.
    case reprint
}

/// The kiosk's application: claims, dispenses, reports. Honest: what it says once it does not take back.
struct Application {
    struct Call {
        let visit: Int
        let kind: Kind
    }

    enum Kind {
        case ask
        case claim(key: String)
        case cancel
        case report
        case person
    }

    var openCalls: [RequestID: Call] = [:]
    var nextRequest: UInt64 = 1
    /// Steps that are planned.
    var plannedSteps = 0
    /// The visit that a scan without a sale is for (fixed-price mode).
    var current = 0
    /// Visits that are not over, oldest first.
    var active: [Int] = []

    /// A person looks at a release that nobody reported (rule D3) within this time.
    static let personLooksWithin: Int64 = 30 * Span.minute

    /// Its connections to the kiosk are cut: no answer comes any more.
    mutating func kioskIsGone() { openCalls = [:] }
}

extension World {
    func drawnVisit(_ ordinal: Int, _ dice: inout Dice) -> Visit {
        var cards: [Visit.Card] = []
        switch dice.roll(30) {
        case 0:
            // Waves twenty expired codes.
            for _ in 0..<20 {
                cards.append(
                    Visit.Card(
                        course: .pays(after: 0),
                        text: nil,
                        age: Wallet.life + dice.span(0, Span.hour),
                        repeated: nil
                    )
                )
            }
        case 1: break
        default: for _ in 0...dice.roll(4) { cards.append(drawnCard(&dice)) }
        }
        var visit = Visit(cards: cards, dice: dice, key: "visit-\(ordinal)")
        visit.conduct = visit.dice.pick([.remembers, .remembers, .remembers, .forgets, .reports])
        return visit
    }

    private func drawnCard(_ dice: inout Dice) -> Visit.Card {
        var text: String?
        var age = dice.span(0, 50 * Span.second)
        let course: Wallet.Course
        switch dice.roll(24) {
        case 0...6: course = .pays(after: 0)
        case 7, 8: course = .pays(after: dice.span(Span.millisecond, 3 * Span.second))
        case 9: course = .pays(after: dice.span(3 * Span.second, 29 * Span.second))
        case 10...12: course = .typesPassword(after: dice.span(2 * Span.second, 25 * Span.second))
        case 13, 14: course = .typesPassword(after: dice.span(25 * Span.second, 60 * Span.second))
        case 15: course = .ignoresPassword
        case 16: course = .closesPassword(after: dice.span(Span.second, 40 * Span.second))
        case 17: course = .accepted(after: dice.span(Span.second, 20 * Span.second))
        case 18: course = .refused(.notEnough, leaves: .notPay)
        case 19: course = .refused(.cardKind, leaves: .payError)
        case 20: course = .refused(.trade, leaves: dice.oneIn(2) ? .payError : nil)
        case 21:
            course = .pays(after: 0)
            age = Wallet.life + dice.span(0, Span.minute)
        case 22:
            course = .pays(after: 0)
            text = dice.oneIn(2) ? "281234567890123456" : "6212345678901234567"
        default:
            course = .pays(after: 0)
            text = "https://shop.example"
        }
        let repeated = dice.oneIn(6) ? dice.spread(50 * Span.millisecond, 3 * Span.minute) : nil
        return Visit.Card(course: course, text: text, age: age, repeated: repeated)
    }
}
