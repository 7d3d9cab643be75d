extension Configuration {
    /// Which kiosk this is and what it says about itself.
    package struct Kiosk: Hashable, Sendable {
        /// The language of slips and pages; both languages stand side by side where rule G3 asks for it.
        package enum Language: String, Hashable, Sendable, CaseIterable {
            case chinese = "zh-Hans"
            case english = "en"
        }

        /// `[0-9A-Z]{1,10}`, the first part of every order number (rule A2). Required.
        package let id: String
        /// The place, for people; at most 64 bytes.
        package let site: String?
        /// Printed on the slip; at most 64 bytes.
        package let merchantName: String?
        /// Whom the payer can call, printed on the slip; at most 64 bytes.
        package let contact: String?
        package let language: Language
        /// An ISO 4217 code, as on the wire.
        package let currency: String
        /// East of Greenwich, -12:00 to +14:00: for times that people read.
        package let utcOffsetSeconds: Int
        /// Names `board/NAME.json`; `nil` for none.
        package let board: String?

        init(_ section: Section) {
            id = section.parsed(
                "id",
                bytes: 1...10,
                placeholder: "",
                "must be 1 to 10 digits and capital letters A to Z, such as \"K0007\"",
            ) { $0.utf8.allSatisfy(\.isDigitOrCapital) ? $0 : nil }
            site = section.optionalString("site", bytes: 1...64)
            merchantName = section.optionalString("merchantName", bytes: 1...64)
            contact = section.optionalString("contact", bytes: 1...64)
            language = section.choice("language", default: .chinese)
            currency = section.parsed(
                "currency",
                bytes: 3...3,
                default: "CNY",
                placeholder: "",
                "must be three capital letters such as \"CNY\"",
            ) { $0.utf8.allSatisfy { (0x41...0x5A).contains($0) } ? $0 : nil }
            utcOffsetSeconds = section.parsed(
                "utcOffset",
                bytes: 6...6,
                default: "+08:00",
                placeholder: 0,
                "must be an offset from -12:00 to +14:00, such as \"+08:00\"",
                Self.offset,
            )
            board = section.optionalParsed(
                "board",
                bytes: 1...64,
                "must be lower-case letters, digits and hyphens, such as \"qemu-virt\"",
            ) { BoardFile.isName($0) ? $0 : nil }
        }

        /// Seconds of an offset written `+08:00`.
        private static func offset(_ text: String) -> Int? {
            let bytes = Array(text.utf8)
            let digits = [1, 2, 4, 5].map { Int(bytes[$0]) - 0x30 }
            guard bytes[3] == UInt8(ascii: ":"), digits.allSatisfy((0...9).contains),
                digits[2] <= 5, let sign = ["+": 1, "-": -1][text.prefix(1)]
            else { return nil }
            let minutes = sign * ((digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3])
            return (-12 * 60...14 * 60).contains(minutes) ? minutes * 60 : nil
        }
    }
}

extension UInt8 {
    /// Whether this is one of `0-9A-Z`.
    fileprivate var isDigitOrCapital: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self)
    }
}
