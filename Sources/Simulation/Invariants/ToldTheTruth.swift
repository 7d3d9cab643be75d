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

    mutating func saw(_ fact: Fact, _ books: Books) -> String? {
        switch fact {
        case .hears(.queryEnded(let order, let verdict)):
            switch verdict {
            case .orderNotExist, .notPaid(_, nil):
                confirmed[order] = Confirmed(made: books.orders[order]?.answerMade ?? 0)
            case .paid, .notPaid, .unknown, .configuration: break
            }
        case .stored(let record):
            // A stored event reaches whoever listens, if not in this run then by replay.
            for case .event(let event) in record.rows {
                guard let sale = event.sale else { continue }
                if let truth = event.truth { told[sale] = truth }
                if event.kind == .moneyReturned, books.sales[sale]?.row?.state != .delivered {
                    told[sale] = "being-returned"
                }
            }
        case .acts(.announce(let event)):
            guard let sale = event.sale, let truth = event.truth else { return nil }
            return tell(truth, sale, books)
        case .acts(.notice(.ended(let row, _))):
            guard let truth = row.truth else { return nil }
            told[row.id] = truth
            return tell(truth, row.id, books)
        case .acts(.print(let slip)):
            switch slip.kind {
            case .receipt: return tell("paid", slip.sale, books)
            case .notCompleted(let truth, _): return tell(truth.word, slip.sale, books)
            case .moneyReturned:
                guard let sale = books.sales[slip.sale], sale.orders.contains(where: \.isCharged)
                else { return nil }
                return "told that the money of \(slip.sale) is back, and it is not"
            }
        default: break
        }
        return nil
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
            guard let truth = told[sale.id] else { continue }
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
