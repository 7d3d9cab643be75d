import Payments

/// Finds order numbers in bytes of which nothing else is known (rule A6). Also an index holds every order number, so the number
/// of an order mostly outlives its row.
///
/// Other bytes look like numbers too: a time that happens to end in those of `X-`, with the next column's text behind it (one
/// in a thousand or two), or what an application calls a sale. So a number counts if its kiosk's name is known, or if it lies
/// where a row or an index has its order number.
struct OrderScan {
    /// What stands before the dash of a number, as rows and columns say.
    private(set) var kiosks: Set<String>
    /// Up to ten characters before the dash, cut only by what no kiosk's name can hold, and the part behind it. Bounded by the
    /// file, in which each stands.
    private var runs: Set<String> = []

    init(kiosks: Set<String>) { self.kiosks = kiosks }

    /// - Parameter isKnown: whether a row of this order was found.
    mutating func add(_ page: [UInt8], isKnown: (OrderNumber) throws(JournalError) -> Bool)
        throws(JournalError)
    {
        let length = OrderNumber.randomLength
        guard page.count > length else { return }
        for dash in 1..<(page.count - length) where page[dash] == UInt8(ascii: "-") {
            let tail = page[(dash + 1)...(dash + length)]
            guard tail.allSatisfy(Self.isOfName) else { continue }
            let head = page[max(0, dash - 10)..<dash].reversed().prefix(while: Self.isOfName)
                .reversed()
            guard !head.isEmpty else { continue }
            var run =
                String(decoding: head, as: UTF8.self) + "-" + String(decoding: tail, as: UTF8.self)
            guard let order = OrderNumber(resolve(run)), try !isKnown(order) else { continue }
            let place = (dash - head.count)..<(dash + length + 1)
            if let column = RecordCarver.orderNumber(in: page, within: place) {
                run = String(decoding: page[column], as: UTF8.self)
                guard let order = OrderNumber(run), try !isKnown(order) else { continue }
                kiosks.insert(Self.head(run))
            }
            runs.insert(run)
        }
    }

    /// The numbers found, each once.
    ///
    /// In front of a number can stand text of another column. So a kiosk's name that is known counts; without any, the shortest
    /// text that ever stood there, and whatever does not end in it is taken as it stands: nothing found may be lost.
    var orders: Set<OrderNumber> {
        guard kiosks.isEmpty else {
            let named = runs.filter { name(before: $0) != nil }
            return Set(named.compactMap { OrderNumber(resolve($0)) })
        }
        var scan = self
        let shortest = runs.map(Self.head).min { $0.utf8.count < $1.utf8.count }
        scan.kiosks = Set([shortest].compactMap { $0 })
        return Set(runs.compactMap { OrderNumber(scan.resolve($0)) })
    }

    /// The longest known name that ends where the number's own part begins.
    private func name(before run: String) -> String? {
        let head = Self.head(run)
        return kiosks.filter { head.hasSuffix($0) }.max { $0.utf8.count < $1.utf8.count }
    }

    private func resolve(_ run: String) -> String {
        name(before: run).map { $0 + run.drop { $0 != "-" } } ?? run
    }

    private static func head(_ run: String) -> String { String(run.prefix { $0 != "-" }) }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
    }
}
