import Payments

/// Rule C3: an order is undone when a verified query says REVOKED, CLOSED or REFUND; or when, after a verified revoke
/// SUCCESS without recall, ORDERNOTEXIST or PAYERROR is said and said again at least 60 s later.
struct SettledIsProven: Invariant {
    private struct Answers {
        var isProven = false
        /// When the revoke's SUCCESS was heard.
        var accepted: Int64?
        /// When each of the two answers was first heard after the acceptance.
        var notExist: Int64?
        var payError: Int64?
        var isSaidAgain = false
    }

    private var answers: [OrderNumber: Answers] = [:]
    private let again: Int64

    init(_ timing: Timing) { again = timing.confirmAgain.wholeNanoseconds }

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .hears(.reverseEnded(let order, .accepted(recall: false))):
            var heard = answers[order] ?? Answers()
            heard.accepted = heard.accepted ?? books.now
            answers[order] = heard
        case .hears(.queryEnded(let order, let verdict)):
            hear(verdict, order, books.now, made: books.orders[order]?.answerMade ?? 0)
        case .stored(let record):
            for case .attempt(let row) in record.rows where row.state == .undone {
                let heard = answers[row.order] ?? Answers()
                guard heard.isProven || heard.isSaidAgain else {
                    return "\(row.order) is stored as undone and nothing proves it"
                }
            }
        default: break
        }
        return nil
    }

    private mutating func hear(
        _ verdict: QueryVerdict,
        _ order: OrderNumber,
        _ now: Int64,
        made: Int64,
    ) {
        var heard = answers[order] ?? Answers()
        // An answer that is older than the acceptance says nothing about it.
        let isNewer = heard.accepted.map { $0 <= made } ?? false
        switch verdict {
        case .notPaid(.revoked, _), .notPaid(.closed, _), .notPaid(.refund, _):
            heard.isProven = true
        case .orderNotExist where isNewer:
            heard.isSaidAgain = heard.isSaidAgain || now - (heard.notExist ?? now) >= again
            heard.notExist = heard.notExist ?? now
        case .notPaid(.payError, _) where isNewer:
            heard.isSaidAgain = heard.isSaidAgain || now - (heard.payError ?? now) >= again
            heard.payError = heard.payError ?? now
        case .paid where isNewer, .notPaid(.notPay, _) where isNewer,
            .notPaid(.userPaying, _) where isNewer, .notPaid(.accept, _) where isNewer:
            // It lives after all: what was accepted before proves nothing.
            heard.accepted = nil
            heard.notExist = nil
            heard.payError = nil
            heard.isSaidAgain = false
        case .paid, .orderNotExist, .notPaid, .unknown, .configuration: break
        }
        answers[order] = heard
    }
}
