import Payments

/// The event stream (interfaces, 3): ids without gaps, told once in each run, in order, and only when stored.
struct EventStream: Invariant {
    private var last: Int64 = 0
    private var told: Int64 = 0

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .stored(let record):
            for case .event(let row) in record.rows {
                guard row.id == last + 1 else { return "event \(row.id) follows \(last)" }
                last = row.id
            }
        case .acts(.announce(let event)):
            guard event.id <= last else { return "event \(event.id) is told before it is stored" }
            guard event.id > told else { return "event \(event.id) is told after \(told)" }
            told = event.id
        case .rewritten:
            last = books.lastEvent
            told = last
        default: break
        }
        return nil
    }
}

/// Each call gets one answer, and none stays without.
struct OneAnswerEach: Invariant {
    private var open: Set<RequestID> = []

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .asked(let request), .called(let request, _, _): open.insert(request)
        case .acts(.answer(let request, _)):
            guard open.remove(request) != nil else {
                return "call \(request.number) is answered twice, or was never made"
            }
        case .isGone: open = []
        default: break
        }
        return nil
    }

    func closed(_ books: Books) -> String? {
        open.isEmpty ? nil : "\(open.count) calls never got an answer"
    }
}
