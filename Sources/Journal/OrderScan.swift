import Payments

/// Finds order numbers in bytes of which nothing else is known (rule A6). Also an index holds every order number, so the number
/// of an order mostly outlives its row.
struct OrderScan {
    /// What stands before the dash of a number, if it is already known from rows.
    private(set) var kiosks: Set<String>
    /// Up to ten characters before the dash, cut only by what no kiosk's name can hold, and the part behind it.
    private var runs: Set<String> = []

    /// Most different numbers remembered; a damaged file holds thousands, not millions, that no row explains.
    private static let mostRuns = 200_000

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
            let run =
                String(decoding: head, as: UTF8.self) + "-" + String(decoding: tail, as: UTF8.self)
            guard let order = OrderNumber(resolve(run)), try !isKnown(order) else { continue }
            if runs.count < Self.mostRuns { runs.insert(run) }
        }
    }

    /// The numbers found, each once.
    ///
    /// In front of a number can stand text of another column. So a kiosk's name that is known counts; without one, the shortest
    /// text that ever stood there, since an index has nothing in front of it.
    var orders: Set<OrderNumber> {
        var scan = self
        if scan.kiosks.isEmpty,
            let shortest = runs.map(Self.head).min(by: { $0.utf8.count < $1.utf8.count })
        {
            scan.kiosks = [shortest]
        }
        return Set(runs.compactMap { OrderNumber(scan.resolve($0)) })
    }

    private func resolve(_ run: String) -> String {
        let head = Self.head(run)
        let known = kiosks.filter { head.hasSuffix($0) }.max { $0.utf8.count < $1.utf8.count }
        guard let known else { return run }
        return known + run.dropFirst(head.count)
    }

    private static func head(_ run: String) -> String { String(run.prefix { $0 != "-" }) }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
    }
}
