/// A WeChat payment code: 18 digits beginning 10 to 15 (wire facts, 1.16). A secret while it lives (rule G1).
///
/// It prints masked, however it is printed; only ``digits`` gives the digits away, and only the dialect asks for them.
package struct PaymentCode: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible,
    CustomReflectable
{
    /// The 18 digits for `auth_code`. Never stored, never logged.
    package let digits: String

    init?(_ digits: String) {
        let bytes = Array(digits.utf8)
        guard bytes.count == 18, bytes.allSatisfy({ (0x30...0x39).contains($0) }),
            bytes[0] == UInt8(ascii: "1"), bytes[1] <= UInt8(ascii: "5")
        else { return nil }
        self.digits = digits
    }

    /// First two and last four digits, as rule G1 allows.
    package var masked: String { digits.prefix(2) + "…" + digits.suffix(4) }

    package var description: String { masked }
    package var debugDescription: String { masked }
    package var customMirror: Mirror { Mirror(self, children: ["masked": masked]) }
}

/// What a scanner read, recognised by its digits alone.
package enum ScannedCode: Hashable, Sendable {
    case weChat(PaymentCode)
    /// Another wallet's code: refused by name (rule B8), sent nowhere.
    case otherWallet(OtherWallet)
    /// Not a payment code: a product's bar code, a web address, noise that looked like text.
    case notAPaymentCode

    package enum OtherWallet: String, Hashable, Sendable, CaseIterable {
        case alipay
        case unionPay = "union-pay"
    }

    /// Recognises a frame's text, already freed of terminators and symbology identifiers.
    package init(recognising text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 24, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else {
            self = .notAPaymentCode
            return
        }
        if let code = PaymentCode(text) {
            self = .weChat(code)
        } else if (16...24).contains(bytes.count), ("25"..."30").contains(text.prefix(2)) {
            self = .otherWallet(.alipay)
        } else if bytes.count == 19, text.hasPrefix("62") {
            self = .otherWallet(.unionPay)
        } else {
            self = .notAPaymentCode
        }
    }
}

/// A keyed hash of a payment code: tells whether two scans are the same code without keeping the code (rules B8, G1).
///
/// The shell makes it (HMAC-SHA-256 under a key of this installation, 32 lower-case hexadecimal characters).
package struct CodeFingerprint: Hashable, Sendable {
    package let text: String
    package init(_ text: String) { self.text = text }
}
