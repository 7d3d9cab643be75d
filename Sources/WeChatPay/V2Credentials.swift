/// Who this kiosk is to API v2, and the key it shares with the platform (wire facts, 1.5 and 1.6).
package struct V2Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// How requests are signed; the platform signs its replies the same way.
    package enum SignType: String, Hashable, Sendable, CaseIterable {
        case md5 = "MD5"
        /// With a hyphen: any other spelling is refused by the platform.
        case hmacSHA256 = "HMAC-SHA256"

        /// Whether this machine's OpenSSL can sign so: one for regulated places refuses MD5.
        package var isAvailable: Bool { V2Signature.isAvailable(self) }
    }

    /// The provider's own in provider mode.
    package let appID: String
    package let merchantID: String
    /// Provider mode only, and there only where the sub-merchant's own payer ids are wanted.
    package let subAppID: String?
    /// Set in provider mode: the merchant who is paid.
    package let subMerchantID: String?
    package let signType: SignType
    /// The APIv2 key; the provider's in provider mode.
    let key: SecretKey

    /// - Throws: one sentence about the first setting that cannot be right.
    package init(
        appID: String,
        merchantID: String,
        subAppID: String? = nil,
        subMerchantID: String? = nil,
        signType: SignType,
        key: SecretKey,
    ) throws(V2SettingError) {
        try Self.check(appID: appID, key: "wechat.appID")
        try Self.check(merchantID: merchantID, key: "wechat.merchantID")
        if let subMerchantID {
            try Self.check(merchantID: subMerchantID, key: "wechat.subMerchantID")
            if subMerchantID == merchantID {
                throw V2SettingError(
                    "wechat.subMerchantID",
                    "equals wechat.merchantID; leave it out unless a provider collects.",
                )
            }
        }
        if let subAppID {
            try Self.check(appID: subAppID, key: "wechat.subAppID")
            if subMerchantID == nil {
                throw V2SettingError(
                    "wechat.subAppID",
                    "is set without wechat.subMerchantID; add that, or remove this."
                )
            }
        }
        try Self.check(key: key)
        guard signType.isAvailable else {
            throw V2SettingError(
                "wechat.signType",
                "names \(signType.rawValue), which this machine's OpenSSL refuses; use the other.",
            )
        }
        self.appID = appID
        self.merchantID = merchantID
        self.subAppID = subAppID
        self.subMerchantID = subMerchantID
        self.signType = signType
        self.key = key
    }

    private static func check(appID: String, key: String) throws(V2SettingError) {
        guard (1...32).contains(appID.utf8.count), appID.utf8.allSatisfy(\.isIdentifierByte) else {
            throw V2SettingError(
                key,
                "must be 1 to 32 letters, digits, _ or -; copy it from the merchant console.",
            )
        }
    }

    private static func check(merchantID: String, key: String) throws(V2SettingError) {
        guard (1...32).contains(merchantID.utf8.count), merchantID.utf8.allSatisfy(\.isDigit) else {
            throw V2SettingError(
                key,
                "must be 1 to 32 digits; copy it from the merchant console."
            )
        }
    }

    private static func check(key: SecretKey) throws(V2SettingError) {
        guard key.count == 32 else {
            throw V2SettingError(
                "wechat.keyFile",
                """
                holds \(key.count) bytes, but an APIv2 key has exactly 32; \
                store it without a line end, as set in the merchant console.
                """,
            )
        }
        let isPlain = key.withBytes { bytes in
            bytes.indices.allSatisfy { (0x21...0x7E).contains(bytes[$0]) }
        }
        guard isPlain else {
            throw V2SettingError(
                "wechat.keyFile",
                """
                holds a blank, a line end or a byte that is no ASCII character; \
                an APIv2 key is 32 letters and digits, as set in the merchant console.
                """,
            )
        }
    }

    package var description: String {
        let sub = subMerchantID.map { " for \($0)" } ?? ""
        return "merchant \(merchantID)\(sub), app \(appID), \(signType.rawValue)"
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
