/// A positive amount of money in the currency's smallest unit (rule E1).
///
/// There is no arithmetic on purpose: a kiosk sells one amount and undoes that same amount.
package struct Money: Hashable, Sendable, CustomStringConvertible {
    /// The smallest units (fen for CNY): 1 to ``maximum``.
    package let minorUnits: Int64
    package let currency: Currency

    /// Ten million yuan. Far above any kiosk's price, far below where `total_fee` of any dialect or a sum overflows.
    package static let maximum: Int64 = 1_000_000_000

    /// `nil` for zero, negative and amounts above ``maximum`` (rule E1).
    package init?(minorUnits: Int64, currency: Currency) {
        guard (1...Self.maximum).contains(minorUnits) else { return nil }
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// Reads the digits of a wire field such as `total_fee`: digits only, no sign, no decimals, no leading zero.
    package init?(digits: String, currency: Currency) {
        let bytes = digits.utf8
        guard let first = bytes.first, first != UInt8(ascii: "0"), bytes.count <= 10,
            bytes.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(digits)
        else { return nil }
        self.init(minorUnits: value, currency: currency)
    }

    /// The amount as people write it: `2.00` for 200 fen, `200` for 200 yen.
    package var decimal: String {
        let digits = currency.fractionDigits
        guard digits > 0 else { return String(minorUnits) }
        let text = String(minorUnits)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    package var description: String { "\(decimal) \(currency)" }
}
