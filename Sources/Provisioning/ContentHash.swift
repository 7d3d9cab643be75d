internal import COpenSSL

/// A hash that nobody can find two contents for, the same on every machine and for ever: for what must be recognised again and
/// is no secret. What is one goes through ``KeyedHash``.
package enum ContentHash {
    /// SHA-256 in 64 lower-case hexadecimal characters.
    package static func sha256(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        // Both arrays outlive the call; the digest has room for the longest hash there is.
        let isDone = unsafe EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1
        // As in ``KeyedHash``: without memory the process ends.
        precondition(isDone, "OpenSSL could not hash a few bytes: memory is out.")
        return Hexadecimal.text(digest[..<Int(length)])
    }
}

/// Bytes in lower-case hexadecimal characters.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
