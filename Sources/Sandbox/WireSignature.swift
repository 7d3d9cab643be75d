internal import COpenSSL

/// How requests and replies of API v2 are signed (wire facts, 1.6).
///
/// Written for the stand-in alone: the product's own signing must agree with it, not share it.
enum WireSignature: String, Hashable, Sendable, CaseIterable {
    case md5 = "MD5"
    case hmacSHA256 = "HMAC-SHA256"

    /// The signature of every field but `sign` itself, upper-case hexadecimal.
    func sign(_ fields: [(name: String, value: String)], key: String) -> String {
        digest(Self.text(of: fields) + "&key=" + key, key: key)
    }

    /// What is signed, up to the key: empty values dropped, names in ascending byte order.
    static func text(of fields: [(name: String, value: String)]) -> String {
        fields
            .filter { $0.name != "sign" && !$0.value.isEmpty }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            .map { $0.name + "=" + $0.value }
            .joined(separator: "&")
    }

    private func digest(_ text: String, key: String) -> String {
        let message = Array(text.utf8)
        let keyBytes = Array(key.utf8)
        var output = [UInt8](repeating: 0, count: 64)
        var length: UInt32 = 0
        // OpenSSL reads exactly the counts given and writes at most EVP_MAX_MD_SIZE (64) bytes; all buffers outlive
        // the call. With these two digests, which every OpenSSL 3 build has, a failure leaves the length 0.
        switch self {
        case .md5:
            _ = unsafe EVP_Digest(message, message.count, &output, &length, EVP_md5(), nil)
        case .hmacSHA256:
            _ = unsafe HMAC(
                EVP_sha256(),
                keyBytes,
                Int32(keyBytes.count),
                message,
                message.count,
                &output,
                &length
            )
        }
        return output.prefix(Int(length)).map(Self.hexadecimal).joined()
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = Array("0123456789ABCDEF")
        return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
}
