import Payments

/// Rule G3: what the payer reads is true when it is told, and in the end.
struct ToldTheTruth: Invariant {
    private struct Confirmed {
        /// When the platform made the answer that says nothing is taken.
        let made: Int64
    }

    /// What was told last about each sale.
    private var told: [SaleID: String] = [:]
    private var confirmed: [OrderNumber: Confirmed] = [:]
    /// Orders that a revoke was sent for.
    private var reversed: Set<OrderNumber> = []
    /// Orders of which a verified reply said that money moved, as far as the kiosk can still know: heard in this run, or stored.
    private var learned: Set<OrderNumber> = []
    /// Orders of which stored events say that their money goes back, and no later ones anything else. What a journal that was
    /// put back or recovered has lost does not count.
    private var promised: Set<OrderNumber> = []

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .hears(.queryEnded(let order, let verdict)):
            switch verdict {
            case .paid, .notPaid(.refund, _), .notPaid(_, .some): learned.insert(order)
            case .notPaid(.revoked, nil) where reversed.contains(order),
                .notPaid(.closed, nil) where reversed.contains(order):
                // Says that nothing is kept, and not that nothing was taken (wire facts, 1.9).
                break
            case .orderNotExist, .notPaid(_, nil):
                confirmed[order] = Confirmed(made: books.orders[order]?.answerMade ?? 0)
            case .unknown, .configuration: break
            }
        case .hears(.submitEnded(let order, .ended(.paid, _))): learned.insert(order)
        case .starts:
            // What was heard and not stored is forgotten.
            learned = learned.filter { books.orders[$0].map(saysCharged) ?? false }
        case .acts(.reverse(let order)): reversed.insert(order)
        case .acts(.record(let record)):
            // An event that is being stored is told later; what counts is when it was decided.
            for case .event(let event) in record.rows where event.truth == "nothing-taken" {
                guard let sale = event.sale else { continue }
                if let problem = untrue(sale, books) { return problem }
            }
        case .stored(let record):
            // A stored event reaches whoever listens, if not in this run then by replay.
            if let problem = brokenPromise(record, books) { return problem }
            for case .event(let event) in record.rows {
                guard let sale = event.sale else { continue }
                if let truth = event.truth { told[sale] = truth }
                if event.kind == .moneyReturned, books.sales[sale]?.row?.state != .delivered {
                    told[sale] = "being-returned"
                }
            }
        case .rewritten: promised = []
        case .acts(.announce(let event)):
            guard let sale = event.sale else { return nil }
            guard let truth = event.truth else {
                // None of the four is known to be true any more: a person decides.
                if event.kind == .saleChanged, event.state?.isFinal == true { told[sale] = nil }
                return nil
            }
            return tell(truth, sale, books)
        case .acts(.notice(.ended(let row, _))):
            guard let truth = row.truth else { return nil }
            told[row.id] = truth
            if truth == "nothing-taken", let problem = untrue(row.id, books) { return problem }
            return tell(truth, row.id, books)
        case .acts(.print(let slip)):
            // A code of another wallet begins no sale, and is sent nowhere.
            guard let sale = slip.sale else { return nil }
            switch slip.kind {
            case .receipt: return tell("paid", sale, books)
            case .notCompleted(let truth, _):
                if truth == .nothingTaken, let problem = untrue(sale, books) { return problem }
                return tell(truth.word, sale, books)
            case .moneyReturned, .nothingKept:
                guard let file = books.sales[sale], file.orders.contains(where: \.isCharged)
                else { return nil }
                // Whoever asks for a copy names the sale; that it had another attempt is lost (rules A5, A6).
                if slip.isCopy, file.isLost { return nil }
                return "told that the money of \(sale) is back, and it is not"
            case .otherWallet:
                return untrue(sale, books)
            }
        default: break
        }
        return nil
    }

    /// Money whose return was told does not wait afterwards for a person who finds out where the goods are, and money that does
    /// is not told to be on its way.
    private mutating func brokenPromise(_ record: Record, _ books: Books) -> String? {
        var revokes: [OrderNumber: RevokeRow] = [:]
        for case .revoke(let row) in record.rows { revokes[row.order] = row }
        var told: Set<OrderNumber> = []
        for case .event(let event) in record.rows {
            guard let order = event.order, let truth = event.truth else { continue }
            promised.remove(order)
            // The latter promises that anything taken comes back by itself.
            if truth == "being-returned" || truth == "not-known-yet" { told.insert(order) }
        }
        promised.formUnion(told)
        for order in told.union(revokes.keys).sorted() where promised.contains(order) {
            guard let file = books.orders[order], file.isCharged,
                let row = revokes[order] ?? file.revoke, row.parked != nil, row.settled == nil,
                ParkedReason.aboutGoods.contains(row.parkedReason ?? "")
            else { continue }
            return "told that the money of \(order) goes back, and a person is to decide about it"
        }
        return nil
    }

    private func saysCharged(_ file: OrderFile) -> Bool {
        file.revoke?.chargeSeen == true || file.attempt?.state == .paid
            || file.attempt?.state == .refunded || file.attempt?.outcome == AttemptRow.returned
    }

    /// Nobody may say that nothing was taken who knows that something was.
    private func untrue(_ sale: SaleID, _ books: Books) -> String? {
        let orders = books.sales[sale]?.orders ?? []
        return orders.first { learned.contains($0.order) }.map { file in
            "told that nothing was taken of \(sale), and the kiosk knows that \(file.order) was charged"
        }
    }

    private func tell(_ truth: String, _ sale: SaleID, _ books: Books) -> String? {
        let orders = books.sales[sale]?.orders ?? []
        switch truth {
        case "paid":
            guard orders.contains(where: \.isCharged) else {
                return "told paid of \(sale), and it is not"
            }
        case "being-returned":
            guard orders.contains(where: \.wasCharged) else {
                return "told a return of \(sale), of which nothing was taken"
            }
        case "nothing-taken": return nothingTaken(sale, orders)
        default: break
        }
        return nil
    }

    private func nothingTaken(_ sale: SaleID, _ orders: [OrderFile]) -> String? {
        for file in orders where file.lastByte != nil {
            guard let confirmed = confirmed[file.order] else {
                return
                    "told that nothing was taken of \(sale), and no query confirmed it for \(file.order)"
            }
            if let charged = file.platform?.charged, charged <= confirmed.made {
                return "told that nothing was taken of \(sale), and \(file.order) was charged"
            }
        }
        return nil
    }

    func closed(_ books: Books) -> String? {
        for sale in books.saleList {
            guard let truth = told[sale.id], !sale.isLost else { continue }
            let isWithPerson = sale.orders.contains {
                $0.attempt?.state == .parked || $0.attempt?.state == .writtenOff
            }
            let isHeld = sale.orders.contains(where: \.isCharged) && !isWithPerson
            switch truth {
            case "paid" where sale.row?.state != .delivered && !isWithPerson:
                return
                    "\(sale.id) was last told paid and ends as \(sale.row.map { "\($0.state)" } ?? "nothing")"
            case "nothing-taken" where isHeld, "being-returned" where isHeld,
                "not-known-yet" where isHeld:
                return "\(sale.id) was last told \(truth), and the money is kept"
            default: break
            }
        }
        return nil
    }
}
