import Payments
import Testing
import WeChatPay

@Suite("Credentials of API v2")
struct CredentialsTests {
    private let goodKey = Array(PlatformTwin.keyText.utf8)

    private func error(
        appID: String = PlatformTwin.appID,
        merchantID: String = PlatformTwin.merchantID,
        subAppID: String? = nil,
        subMerchantID: String? = nil,
        key: [UInt8]? = nil,
    ) -> V2SettingError? {
        do throws(V2SettingError) {
            _ = try V2Credentials(
                appID: appID,
                merchantID: merchantID,
                subAppID: subAppID,
                subMerchantID: subMerchantID,
                signType: .hmacSHA256,
                key: SecretKey(key ?? goodKey),
            )
            return nil
        } catch {
            return error
        }
    }

    @Test("What can be right is taken")
    func good() {
        #expect(error() == nil)
        #expect(error(subMerchantID: "1900000109") == nil)
        #expect(error(subAppID: "wx8888888888888888", subMerchantID: "1900000109") == nil)
    }

    @Test("A wrong setting is named with what to do, in one sentence")
    func wrong() throws {
        let long = String(repeating: "1", count: 33)
        let cases: [(V2SettingError?, String)] = [
            (error(appID: ""), "wechat.appID"),
            (error(appID: "wx 1"), "wechat.appID"),
            (error(appID: "wx微信"), "wechat.appID"),
            (error(appID: long), "wechat.appID"),
            (error(merchantID: ""), "wechat.merchantID"),
            (error(merchantID: "10000100\n"), "wechat.merchantID"),
            (error(merchantID: "١٢٣"), "wechat.merchantID"),
            (error(merchantID: long), "wechat.merchantID"),
            (error(subMerchantID: "x"), "wechat.subMerchantID"),
            (error(subMerchantID: PlatformTwin.merchantID), "wechat.subMerchantID"),
            (error(subAppID: "wx8888888888888888"), "wechat.subAppID"),
            (error(subAppID: "", subMerchantID: "1900000109"), "wechat.subAppID"),
            (error(key: []), "wechat.keyFile"),
            (error(key: Array(goodKey.dropLast())), "wechat.keyFile"),
            (error(key: goodKey + [0x0A]), "wechat.keyFile"),
            (error(key: goodKey.dropLast() + [0x0A]), "wechat.keyFile"),
            (error(key: [UInt8](repeating: 0xE6, count: 32)), "wechat.keyFile"),
        ]
        for (index, (error, key)) in cases.enumerated() {
            let error = try #require(error, "case \(index)")
            #expect(error.key == key, "case \(index)")
            #expect(error.description.hasPrefix(key), "case \(index)")
            #expect(error.description.hasSuffix("."), "case \(index)")
            #expect(!error.description.contains("\n"), "case \(index)")
        }
        #expect(error(key: goodKey + [0x0A])?.description.contains("33 bytes") == true)
    }

    @Test("The terminal's address is one")
    func address() throws {
        let credentials = try V2Credentials(
            appID: PlatformTwin.appID,
            merchantID: PlatformTwin.merchantID,
            signType: .md5,
            key: SecretKey(goodKey),
        )
        let kiosk = try #require(KioskID("K0007"))
        for good in ["203.0.113.7", "2001:db8::7", "::ffff:203.0.113.7"] {
            _ = try V2Dialect(credentials: credentials, terminalIP: good, kiosk: kiosk)
        }
        let wrong = [
            "", "203.0.113", "203.0.113.256", "203.0.113.7\u{0}", "203.0.113.7 ", "kiosk",
            "fe80::1%eth0",
        ]
        for text in wrong {
            #expect(throws: V2SettingError.self, "\(text)") {
                try V2Dialect(credentials: credentials, terminalIP: text, kiosk: kiosk)
            }
        }
    }

    @Test("The key is not printed, however it is printed (G1)")
    func printing() throws {
        let key = SecretKey(goodKey)
        let credentials = try V2Credentials(
            appID: PlatformTwin.appID,
            merchantID: PlatformTwin.merchantID,
            subMerchantID: "1900000109",
            signType: .hmacSHA256,
            key: key,
        )
        var texts = ["\(key)", String(reflecting: key)]
        #expect(texts == ["secret key of 32 bytes", "secret key of 32 bytes"])
        texts += ["\(credentials)", String(reflecting: credentials)]
        let whole = "merchant 10000100 for 1900000109, app wx2421b1c4370ec43b, HMAC-SHA256"
        #expect(Array(texts.suffix(2)) == [whole, whole])
        #expect(Mirror(reflecting: key).children.isEmpty)
        #expect(Mirror(reflecting: credentials).children.isEmpty)
    }
}
