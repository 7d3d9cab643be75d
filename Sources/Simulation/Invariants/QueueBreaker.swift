import Payments

/// A request of the revoke queue, or its answer.
private enum QueueCall {
    case query
    case reverse
    case refund
    case refundQuery

    /// `nil` for what is not the queue's: the live sale asks about its own order.
    static func request(_ action: TillAction, _ books: Books) -> (Self, OrderNumber)? {
        let request: (Self, OrderNumber)? =
            switch action {
            case .query(let order, _): (.query, order)
            case .reverse(let order): (.reverse, order)
            case .refund(let order, _): (.refund, order)
            case .refundQuery(let order, _): (.refundQuery, order)
            default: nil
            }
        return request.flatMap { books.orders[$0.1]?.revoke == nil ? nil : $0 }
    }

    static func answer(_ event: TillEvent) -> (Self, OrderNumber, Answered)? {
        switch event {
        case .queryEnded(let order, .unknown(let cause)): (.query, order, Answered(cause))
        case .queryEnded(let order, _): (.query, order, .plainly)
        case .reverseEnded(let order, .unknown(let cause)): (.reverse, order, Answered(cause))
        case .reverseEnded(let order, .accepted(recall: true)): (.reverse, order, .unclearly)
        case .reverseEnded(let order, _): (.reverse, order, .plainly)
        case .refundEnded(let order, .unknown(let cause)): (.refund, order, Answered(cause))
        case .refundEnded(let order, _): (.refund, order, .plainly)
        case .refundQueryEnded(let order, .unknown(let cause)):
            (.refundQuery, order, Answered(cause))
        case .refundQueryEnded(let order, _): (.refundQuery, order, .plainly)
        default: nil
        }
    }
}

/// What came back.
private enum Answered {
    case plainly
    /// Something that says nothing about the order.
    case unclearly
    case never

    init(_ cause: UnknownCause) {
        if case .noReply = cause { self = .never } else { self = .unclearly }
    }
}

/// Rule C4: where a request of the queue gets no reply and nobody else has had one since it left, no other leaves until a
/// reply has come or the network is said to be back.
struct QueueBreaker: Invariant {
    private var sent: [OrderNumber: (call: QueueCall, at: Int64)] = [:]
    private var lastReply: Int64 = -1
    private var isNetworkThere = false
    private var isOpen = false

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .starts:
            self = QueueBreaker()
        // What was asked before is nobody's any more.
        case .hears(.journalAdopted): sent = [:]
        case .hears(let event): hear(event, books.now)
        case .acts(let action):
            guard let (call, order) = QueueCall.request(action, books) else { return nil }
            guard !isOpen else {
                return "a request about \(order) leaves while nothing gets through"
            }
            sent[order] = (call, books.now)
        default: break
        }
        return nil
    }

    private mutating func hear(_ event: TillEvent, _ now: Int64) {
        switch event {
        case .networkChanged(let isThere):
            if !isThere { isOpen = true } else if !isNetworkThere { replied(now) }
            isNetworkThere = isThere
        case .submitEnded(_, .ended(.unknown(.noReply), _)), .submitEnded(_, .neverLeft),
            .probeEnded(.unreachable):
            break
        case .submitEnded, .probeEnded: replied(now)
        default:
            guard let (call, order, answered) = QueueCall.answer(event) else { return }
            guard case .never = answered else { return replied(now) }
            guard let request = sent[order], request.call == call else { return }
            sent[order] = nil
            if lastReply < request.at { isOpen = true }
        }
    }

    /// Something gets through: a reply to anybody, or the network is there again.
    private mutating func replied(_ now: Int64) {
        lastReply = now
        isOpen = false
    }
}

/// Rule C4: back-off with full jitter. A single pause may be short by chance, half of many are not: of 30 or more a tenth of
/// the bound is reached by all but three.
struct QueueBackOff: Invariant {
    private struct Course {
        /// Answers in this run: at most the tries that the machine knows of.
        var answers = 0
        /// When an answer came that brought the order no nearer to its end.
        var unclearSince: Int64?
    }

    private var courses: [OrderNumber: Course] = [:]
    private var pauses = 0
    private var shortOnes = 0
    private let base: Int64
    private let cap: Int64

    init(_ timing: Timing) {
        base = timing.retryBase.wholeNanoseconds
        cap = timing.retryCap.wholeNanoseconds
    }

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .hears(let event):
            guard let (_, order, answered) = QueueCall.answer(event),
                books.orders[order]?.revoke != nil
            else { return nil }
            var course = courses[order] ?? Course()
            course.answers += 1
            course.unclearSince = nil
            if case .unclearly = answered { course.unclearSince = books.now }
            courses[order] = course
        case .acts(let action):
            guard let (_, order) = QueueCall.request(action, books), let course = courses[order],
                let since = course.unclearSince
            else { return nil }
            courses[order]?.unclearSince = nil
            pauses += 1
            let bound = min(cap, base << Int64(min(course.answers, 20)))
            if books.now - since < bound / 10 { shortOnes += 1 }
        case .isGone: courses = [:]
        default: break
        }
        return nil
    }

    func closed(_ books: Books) -> String? {
        guard pauses >= QueueBackOff.fewestPauses, shortOnes * 2 > pauses else { return nil }
        return "\(shortOnes) of \(pauses) pauses after an unclear answer are next to nothing"
    }

    private static let fewestPauses = 30
}
