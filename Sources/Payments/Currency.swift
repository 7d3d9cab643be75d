/// An ISO 4217 currency and how many decimals its smallest unit stands for.
package struct Currency: Hashable, Sendable, CustomStringConvertible {
    /// Three capital letters, as on the wire (`fee_type`).
    package let code: String

    /// `nil` unless `code` is three capital letters A to Z.
    package init?(_ code: String) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            return nil
        }
        self.code = code
    }

    private init(known code: String) { self.code = code }

    package static let cny = Currency(known: "CNY")

    /// Decimals of the smallest unit: the platform has no decimals for yen and won (wire facts, 1.17).
    package var fractionDigits: Int {
        switch code {
        case "JPY", "KRW", "VND", "CLP": 0
        default: 2
        }
    }

    package var description: String { code }
}
