/// The kiosk's name on the platform: `[0-9A-Z]{1,10}`, the first part of every order number (rule A2).
package struct KioskID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init?(_ text: String) {
        guard (1...10).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
        else { return nil }
        self.text = text
    }

    package var description: String { text }
}

/// The merchant's own number of one attempt (`out_trade_no`), never used twice (rule A2).
///
/// `kiosk.id`, `-`, 20 characters of Crockford base 32: 100 random bits, at most 31 characters, legal in every dialect.
package struct OrderNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    package static let randomLength = 20

    package let text: String

    /// A new number. `generator` must be the system's in the daemon (rule A2); a seeded one is for tests.
    package init(kiosk: KioskID, using generator: inout some RandomNumberGenerator) {
        text = kiosk.text + "-" + Base32.random(length: Self.randomLength, using: &generator)
    }

    /// Reads a stored or received number; `nil` if it has not the form this kiosk family makes.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, KioskID(String(parts[0])) != nil,
            parts[1].utf8.count == Self.randomLength,
            parts[1].utf8.allSatisfy(Base32.alphabet.contains)
        else { return nil }
        self.text = text
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
    package var description: String { text }
}

/// The kiosk's own name of one sale: `S` and 16 characters of Crockford base 32.
package struct SaleID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    package init(using generator: inout some RandomNumberGenerator) {
        text = "S" + Base32.random(length: 16, using: &generator)
    }

    /// Reads an id that came from outside; `nil` if it cannot be one of ours.
    package init?(_ text: String) {
        guard text.utf8.count == 17, text.utf8.first == UInt8(ascii: "S"),
            text.utf8.dropFirst().allSatisfy(Base32.alphabet.contains)
        else { return nil }
        self.text = text
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
    package var description: String { text }
}
