import Glibc
package import Payments

/// API v2, mainland and Global: payment code, query, reverse and refund as XML over HTTPS (wire facts, 1).
///
/// Builds requests and says what replies mean; sends nothing, reads no clock. Every call takes the
/// generator its nonce comes from (rule F2).
package struct V2Dialect: Sendable {
    let credentials: V2Credentials
    private let terminalIP: String?
    private let kiosk: KioskID

    /// - Parameters:
    ///   - terminalIP: The address for `spbill_create_ip`, IPv4 or IPv6; `nil` for the one that each submit is given.
    ///   - kiosk: Goes out as `device_info`.
    package init(
        credentials: V2Credentials,
        terminalIP: String?,
        kiosk: KioskID,
    ) throws(V2SettingError) {
        guard terminalIP.map(Self.isAddress) ?? true else {
            throw V2SettingError(
                "wechat.terminalIP",
                "is no IPv4 or IPv6 address; give the kiosk's own address or leave it out.",
            )
        }
        self.credentials = credentials
        self.terminalIP = terminalIP
        self.kiosk = kiosk
    }

    /// Submits a payment code. The body holds the code: never store or log it (rule G1).
    ///
    /// - Parameters:
    ///   - description: Cut to 127 bytes. The platform requires one, so without any the payer reads the kiosk's id.
    ///   - ownAddress: The machine's address at this moment, IPv4 or IPv6 (wire facts, 1.8); asked for only where none is set.
    package func submit(
        order: OrderNumber,
        code: PaymentCode,
        amount: Money,
        description: String,
        ownAddress: @autoclosure () -> String,
        using generator: inout some RandomNumberGenerator,
    ) -> PlatformRequest {
        let text = WireText.clean(description, limit: 127)
        return request(
            path: "/pay/micropay",
            [
                ("device_info", kiosk.text),
                ("body", text.isEmpty ? kiosk.text : text),
                ("out_trade_no", order.text),
                ("total_fee", String(amount.minorUnits)),
                ("fee_type", amount.currency.code),
                ("spbill_create_ip", terminalIP ?? ownAddress()),
                ("auth_code", code.digits),
            ],
            using: &generator,
        )
    }

    /// Asks for the state of an order, by our own number.
    package func query(
        order: OrderNumber,
        using generator: inout some RandomNumberGenerator,
    ) -> PlatformRequest {
        request(path: "/pay/orderquery", [("out_trade_no", order.text)], using: &generator)
    }

    /// Undoes an order as a whole, by our own number. Doing it twice is harmless.
    package func reverse(
        order: OrderNumber,
        using generator: inout some RandomNumberGenerator,
    ) -> PlatformRequest {
        request(
            path: "/secapi/pay/reverse",
            [("out_trade_no", order.text)],
            needsClientCertificate: true,
            using: &generator,
        )
    }

    /// A call with the fields that every call has, signed.
    func request(
        path: String,
        _ own: [(name: String, value: String)],
        needsClientCertificate: Bool = false,
        using generator: inout some RandomNumberGenerator,
    ) -> PlatformRequest {
        var fields = V2Fields()
        let common = [
            ("appid", credentials.appID),
            ("mch_id", credentials.merchantID),
            ("sub_appid", credentials.subAppID ?? ""),
            ("sub_mch_id", credentials.subMerchantID ?? ""),
            ("nonce_str", Self.nonce(using: &generator)),
            ("sign_type", credentials.signType.rawValue),
        ]
        for (name, value) in common + own { fields.insert(value, named: name) }
        let sign = V2Signature.make(of: fields, key: credentials.key, type: credentials.signType)
        if let sign { fields.insert(sign, named: "sign") }
        return PlatformRequest(
            path: path,
            body: V2Writer.document(fields),
            needsClientCertificate: needsClientCertificate,
        )
    }

    /// 32 letters and digits, new for every request: 160 random bits in four draws, as every draw of the system's
    /// generator is a call of the kernel, on the way from the scan to the wire.
    private static func nonce(using generator: inout some RandomNumberGenerator) -> String {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUV".utf8)
        let bytes = (0..<4).flatMap { _ in
            let draw = generator.next()
            return (0..<8).map { alphabet[Int(draw >> ($0 * 5) & 31)] }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isAddress(_ text: String) -> Bool {
        // The byte check also keeps out NUL, at which the C function would stop reading.
        let signs = Array(":.abcdefABCDEF".utf8)
        guard text.utf8.count <= 45, text.utf8.allSatisfy({ $0.isDigit || signs.contains($0) })
        else { return false }
        var address = in6_addr()
        // An IPv6 address is the larger of the two results, so both fit.
        return unsafe inet_pton(AF_INET, text, &address) == 1
            || inet_pton(AF_INET6, text, &address) == 1
    }
}
