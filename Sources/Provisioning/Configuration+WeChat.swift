extension Configuration {
    /// Whose money it is and how the platform is reached.
    package struct WeChat: Hashable, Sendable {
        package enum SignType: String, Hashable, Sendable, CaseIterable {
            case md5 = "MD5"
            /// With a hyphen, as on the wire.
            case hmacSHA256 = "HMAC-SHA256"
        }

        /// The platform's interfaces. Only `v2` is built so far; the others are refused.
        private enum Dialect: String, CaseIterable {
            case v2
            case v3
            case global
        }

        /// `https://host` or `https://host:port`.
        package let baseURL: String
        /// The other city's host; `nil` for none. By default only the platform itself has one.
        package let standbyURL: String?
        /// 1 to 32 letters, digits, `_` and `-` (wire facts, 1.5). Required.
        package let appID: String
        /// 1 to 32 digits (wire facts, 1.5). Required.
        package let merchantID: String
        /// Provider mode only (wire facts, 1.5).
        package let subAppID: String?
        /// Set in provider mode: the merchant who is paid; never equal to ``merchantID`` (wire facts, 1.5).
        package let subMerchantID: String?
        package let signType: SignType
        /// The APIv2 key. Required.
        package let keyFile: SecretFile
        /// The merchant's certificate in PEM form, shown for reverse and refund. Required.
        package let certificateFile: SecretFile
        /// That certificate's private key in PEM form, without a pass phrase. Required.
        package let privateKeyFile: SecretFile
        /// `spbill_create_ip`: IPv4 or IPv6; `nil` to use the machine's own address.
        package let terminalIP: String?
        /// The authorities that may vouch for the platform; `nil` for the system's.
        package let caFile: SecretFile?

        init(_ section: Section) {
            let dialect = section.choice("dialect", default: Dialect.v2)
            section.require(
                dialect == .v2,
                "dialect",
                "\"\(dialect.rawValue)\" is not supported by this version; use \"v2\"",
            )
            let platform = "https://api.mch.weixin.qq.com"
            baseURL = section.parsed(
                "baseURL",
                bytes: 9...300,
                default: platform,
                placeholder: "",
                HostURL.rule,
                HostURL.https,
            )
            // Only for the platform itself: requests of a stand-in must never go to the real one.
            let standby = section.optionalParsed(
                "standbyURL",
                bytes: 9...300,
                HostURL.rule,
                HostURL.https,
            )
            let hasDefault = baseURL == platform && !section.mentions("standbyURL")
            standbyURL = hasDefault ? "https://api2.mch.weixin.qq.com" : standby
            section.require(
                standbyURL != baseURL,
                "standbyURL",
                and: ["wechat.baseURL"],
                "is the same as wechat.baseURL; name another host or set it to null",
            )
            appID = section.parsed("appID", bytes: 1...32, placeholder: "", Self.appRule, Self.app)
            merchantID = section.parsed(
                "merchantID",
                bytes: 1...32,
                placeholder: "",
                Self.merchantRule,
                Self.merchant,
            )
            subAppID = section.optionalParsed("subAppID", bytes: 1...32, Self.appRule, Self.app)
            subMerchantID = section.optionalParsed(
                "subMerchantID",
                bytes: 1...32,
                Self.merchantRule,
                Self.merchant,
            )
            signType = section.choice("signType", default: .hmacSHA256)
            keyFile = section.file("keyFile")
            certificateFile = section.file("certificateFile")
            privateKeyFile = section.file("privateKeyFile")
            terminalIP = section.optionalParsed(
                "terminalIP",
                bytes: 2...64,
                "must be an IPv4 or IPv6 address such as \"203.0.113.7\", or null",
            ) { HostURL.isAddress($0) ? $0 : nil }
            caFile = section.optionalFile("caFile")
            Self.checkUnused(section)
            checkProvider(section)
        }

        /// Whether requests go to WeChat Pay itself and not to a stand-in.
        var isPlatform: Bool {
            [baseURL, standbyURL ?? ""].contains { url in
                let host = url.dropFirst("https://".count).prefix { $0 != ":" }
                return host.hasSuffix(".mch.weixin.qq.com")
            }
        }

        private func checkProvider(_ section: Section) {
            section.require(
                subMerchantID != merchantID,
                "subMerchantID",
                and: ["wechat.merchantID"],
                "is the same as wechat.merchantID; leave it out unless a provider takes the payment",
            )
            section.require(
                subAppID == nil || subMerchantID != nil,
                "subAppID",
                and: ["wechat.subMerchantID"],
                "stands without wechat.subMerchantID; add that, or remove this",
            )
        }

        /// The keys of API v3: checked for form so that they can be prepared, and not used by `v2`.
        private static func checkUnused(_ section: Section) {
            _ = section.optionalParsed(
                "certificateSerial",
                bytes: 40...40,
                "must be 40 hexadecimal digits in capitals, as the merchant console shows them",
            ) { text in
                let isHexadecimal = text.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x46).contains($0)
                }
                return isHexadecimal ? text : nil
            }
            _ = section.optionalFile("apiV3KeyFile")
            _ = section.optionalFile("platformPublicKeyFile")
            _ = section.optionalParsed(
                "platformPublicKeyID",
                bytes: 12...64,
                "must begin with PUB_KEY_ID_, as the merchant console shows it",
            ) { $0.hasPrefix("PUB_KEY_ID_") ? $0 : nil }
        }

        private static let appRule =
            "must be 1 to 32 letters, digits, \"_\" or \"-\"; copy it from the merchant console"
        private static let merchantRule =
            "must be 1 to 32 digits; copy it from the merchant console"

        private static func app(_ text: String) -> String? {
            let isIdentifier = text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || "_-".utf8.contains(byte)
            }
            return isIdentifier ? text : nil
        }

        private static func merchant(_ text: String) -> String? {
            text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? text : nil
        }
    }
}
