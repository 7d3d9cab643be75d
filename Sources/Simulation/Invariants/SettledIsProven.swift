import Payments

/// Rule C3: an order is undone when a verified query says REVOKED, CLOSED or REFUND; or when, after a verified revoke
/// SUCCESS without recall, ORDERNOTEXIST or PAYERROR is said and said again at least 60 s later. A refund is done when its
/// query says so (rule C5).
struct SettledIsProven: Invariant {
    private struct Answers {
        var isProven = false
        /// When the revoke's SUCCESS was heard.
        var accepted: Int64?
        /// When each of the two answers was first heard after the acceptance.
        var notExist: Int64?
        var payError: Int64?
        var isSaidAgain = false
        var isRefunded = false
    }

    private var answers: [OrderNumber: Answers] = [:]
    /// When the last query of an order was sent: its answer can be no older.
    private var asked: [OrderNumber: Int64] = [:]
    private let again: Int64

    init(_ timing: Timing) { again = timing.confirmAgain.wholeNanoseconds }

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .acts(.query(let order, _)): asked[order] = books.now
        case .hears(.reverseEnded(let order, .accepted(recall: false))):
            var heard = answers[order] ?? Answers()
            heard.accepted = heard.accepted ?? books.now
            answers[order] = heard
        case .hears(.queryEnded(let order, let verdict)):
            hear(verdict, order, books.now, made: books.orders[order]?.answerMade ?? 0)
        case .hears(.refundQueryEnded(let order, .refunded)):
            answers[order, default: Answers()].isRefunded = true
        case .stored(let record):
            for case .attempt(let row) in record.rows {
                if let problem = ended(row, record, books) { return problem }
            }
        case .rewritten, .starts:
            for file in books.orderList { remember(file) }
        default: break
        }
        return nil
    }

    /// What the stored row knows was said, whatever was heard since and is lost with the process.
    private mutating func remember(_ file: OrderFile) {
        guard let row = file.revoke, row.accepted != nil else { return }
        var heard = answers[file.order] ?? Answers()
        heard.accepted = heard.accepted ?? 0
        switch row.toConfirm {
        case QueryVerdict.orderNotExist.word: heard.notExist = heard.notExist ?? 0
        case TradeState.payError.rawValue: heard.payError = heard.payError ?? 0
        default: break
        }
        answers[file.order] = heard
    }

    /// A person's word ends an order too, if it is recorded with it (rule C5).
    private func ended(_ row: AttemptRow, _ record: Record, _ books: Books) -> String? {
        let heard = answers[row.order] ?? Answers()
        let isProven: Bool
        switch row.state {
        case .undone: isProven = heard.isProven || heard.isSaidAgain
        case .refunded: isProven = heard.isRefunded
        case .writtenOff: isProven = false
        case .prepared, .submitted, .polling, .refused, .paid, .revoking, .refunding, .parked,
            .void:
            return nil
        }
        let isPersonsWord = record.rows.contains { other in
            if case .settlement(let word) = other { word.order == row.order } else { false }
        }
        if row.state == .undone, row.outcome == AttemptRow.nothingCharged, !isPersonsWord,
            books.orders[row.order]?.wasCharged == true
        {
            return "\(row.order) is stored as nothing charged, and was charged"
        }
        guard !isProven, !isPersonsWord else { return nil }
        if row.state == .undone, heard.notExist != nil || heard.payError != nil {
            return "\(row.order) is stored as undone on an answer that was not said again in time"
        }
        return "\(row.order) is stored as \(row.state) and nothing proves it"
    }

    private mutating func hear(
        _ verdict: QueryVerdict,
        _ order: OrderNumber,
        _ now: Int64,
        made: Int64,
    ) {
        var heard = answers[order] ?? Answers()
        let sent = asked[order] ?? now
        // An answer that is older than the acceptance says nothing about it.
        let isNewer = heard.accepted.map { $0 <= made } ?? false
        switch verdict {
        case .notPaid(.revoked, _), .notPaid(.closed, _), .notPaid(.refund, _):
            heard.isProven = true
        case .orderNotExist where isNewer:
            heard.isSaidAgain = heard.isSaidAgain || sent - (heard.notExist ?? now) >= again
            heard.notExist = heard.notExist ?? now
        case .notPaid(.payError, _) where isNewer:
            heard.isSaidAgain = heard.isSaidAgain || sent - (heard.payError ?? now) >= again
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
