import COpenSSL

/// The signature of API v2, of requests and of replies alike (wire facts, 1.6).
enum V2Signature {
    /// `name=value` of every field that has a value, but for `sign`, by name and joined with `&`.
    static func base(of fields: V2Fields) -> String {
        fields.sorted.filter { $0.name != "sign" }
            .map { "\($0.name)=\($0.value)" }
            .joined(separator: "&")
    }

    /// The signature in upper-case hexadecimal; `nil` only if OpenSSL fails, and then nothing
    /// verifies and an unsigned request is refused: neither can take money.
    static func make(
        of fields: V2Fields,
        key: SecretKey,
        type: V2Credentials.SignType,
    ) -> String? {
        let base = base(of: fields).utf8
        var message: [UInt8] = []
        // All at once, so that growing leaves no copy of the key behind.
        message.reserveCapacity(base.count + 5 + key.count)
        message.append(contentsOf: base)
        message.append(contentsOf: "&key=".utf8)
        key.withBytes { bytes in
            for index in bytes.indices { message.append(bytes[index]) }
        }
        // The array is ours alone; every byte of it may be overwritten.
        defer { unsafe OPENSSL_cleanse(&message, message.count) }
        return switch type {
        case .md5: md5(message).map(hexadecimal)
        case .hmacSHA256: hmacSHA256(message, key: key).map(hexadecimal)
        }
    }

    /// Whether `sign` is the signature of `fields`, found out in time that does not depend on where
    /// it differs.
    static func verifies(
        _ sign: String,
        of fields: V2Fields,
        key: SecretKey,
        type: V2Credentials.SignType,
    ) -> Bool {
        guard let right = make(of: fields, key: key, type: type) else { return false }
        let received = Array(sign.utf8)
        let expected = Array(right.utf8)
        guard received.count == expected.count else { return false }
        // Both arrays hold `expected.count` bytes.
        return unsafe CRYPTO_memcmp(received, expected, expected.count) == 0
    }

    /// Whether this machine's OpenSSL offers the digest (MD5 is missing where FIPS rules are on).
    static func isAvailable(_ type: V2Credentials.SignType) -> Bool {
        make(of: V2Fields(), key: SecretKey([0]), type: type) != nil
    }

    private static func md5(_ message: [UInt8]) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: 16)
        var length = 0
        // MD5 writes 16 bytes, which `digest` has; no pointer outlives the call.
        let worked = unsafe EVP_Q_digest(
            nil,
            "MD5",
            nil,
            message,
            message.count,
            &digest,
            &length
        )
        return worked == 1 && length == digest.count ? digest : nil
    }

    private static func hmacSHA256(_ message: [UInt8], key: SecretKey) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: 32)
        var length = 0
        let worked = key.withBytes { bytes in
            // `digest` has the 32 bytes it is said to have; no pointer outlives the call.
            unsafe bytes.withUnsafeBytes { key in
                unsafe EVP_Q_mac(
                    nil,
                    "HMAC",
                    nil,
                    "SHA256",
                    nil,
                    key.baseAddress,
                    key.count,
                    message,
                    message.count,
                    &digest,
                    digest.count,
                    &length
                ) != nil
            }
        }
        return worked && length == digest.count ? digest : nil
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
