/// A printed slip, read as a payer would: which kind it is and what it names. Line ends mean nothing, because long values are
/// set on lines of their own.
struct SlipText: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable {
        case receipt
        case notKnownYet = "not known yet"
        case beingReturned = "being returned"
        case nothingTaken = "nothing taken"
        case other = "unreadable"
    }

    let kind: Kind
    let isCopy: Bool
    private let text: String

    init(_ lines: [String]) {
        let text = lines.joined().filter { !$0.isWhitespace }
        self.text = text
        isCopy = text.contains("副本")
        let titles: [(String, Kind)] = [
            ("微信支付收据", .receipt), ("结果尚未确定", .notKnownYet), ("已扣款，正在退回", .beingReturned),
            ("没有扣款", .nothingTaken),
        ]
        let kinds = titles.filter { text.contains($0.0) }.map(\.1)
        kind = kinds.count == 1 ? kinds[0] : .other
    }

    func names(_ value: String) -> Bool {
        text.contains(value.filter { !$0.isWhitespace })
    }

    /// Whether it claims that the payer has paid.
    var saysPaid: Bool { text.contains("已支付") }
}
