internal import COpenSSL
internal import Glibc

/// A keyed hash under a key of this installation (HMAC-SHA-256): recognises a thing again without keeping it (rules B8, G1).
///
/// The key is 32 random bytes in a file of the state directory, made at the first start. Losing it only means that codes
/// of the last two minutes are not recognised.
package struct KeyedHash: Sendable {
    private static let keyBytes = 32

    private let key: Secret

    /// Reads the key, or makes it. Blocks for a file.
    /// - Throws: one sentence naming the file.
    package init(directory: String) throws(KeyedHashError) {
        let path = directory + "/fingerprint.key"
        if let known = try Self.read(path) {
            key = Secret(known)
        } else {
            key = Secret(try Self.make(path))
        }
    }

    /// 32 lower-case hexadecimal characters.
    package func hash(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let key = key.bytes
        // All buffers outlive the call; the digest has room for the longest hash there is.
        unsafe HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &digest, &length)
        let digits = Array("0123456789abcdef".utf8)
        let text = digest[..<16].flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func read(_ path: String) throws(KeyedHashError) -> [UInt8]? {
        // The path outlives the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            let code = errno
            guard code == ENOENT else { throw KeyedHashError(path, "cannot be read", code) }
            return nil
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: keyBytes)
        // The array outlives the call and has the length passed.
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        // A torn file is made anew: nothing but the recognition of recent codes hangs on it.
        return count == keyBytes ? bytes : nil
    }

    private static func make(_ path: String) throws(KeyedHashError) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<keyBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
        // The path outlives the call.
        let descriptor = unsafe open(
            path,
            O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
            0o600
        )
        guard descriptor >= 0 else { throw KeyedHashError(path, "cannot be made", errno) }
        defer { close(descriptor) }
        // The array outlives the call and has the length passed.
        let count = unsafe write(descriptor, bytes, bytes.count)
        let code = errno
        guard count == keyBytes, fsync(descriptor) == 0 else {
            throw KeyedHashError(path, "cannot be written", code)
        }
        return bytes
    }
}

/// The key file cannot be used.
package struct KeyedHashError: Error, CustomStringConvertible {
    package let description: String

    init(_ path: String, _ what: String, _ code: Int32) {
        // `strerror` gives a text of the C library, copied at once.
        let reason = unsafe String(cString: strerror(code))
        description =
            "\(path) \(what) (\(reason)); no sale is possible: make the state directory writable for the daemon."
    }
}
