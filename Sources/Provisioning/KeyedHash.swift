internal import COpenSSL
internal import Glibc

/// A keyed hash under a key of this installation (HMAC-SHA-256): recognises a thing again without keeping it (rules B8, G1).
///
/// The key is 32 random bytes in a file of the state directory, made at the first start. Losing it only means that codes
/// of the last two minutes are not recognised; what must be recognised for longer is ``ContentHash``'s.
package struct KeyedHash: Sendable {
    private static let keyBytes = 32

    private let keyed: KeyedState

    /// Reads the key, or makes it. Blocks for a file.
    /// - Throws: one sentence naming the file.
    package init(directory: String) throws(KeyedHashError) {
        let path = directory + "/fingerprint.key"
        let key: [UInt8]
        if let known = try Self.read(path) { key = known } else { key = try Self.make(path) }
        guard let keyed = KeyedState(key: key) else {
            throw KeyedHashError(path, "cannot be used", ENOMEM)
        }
        self.keyed = keyed
    }

    /// 32 lower-case hexadecimal characters.
    package func hash(_ bytes: [UInt8]) -> String {
        Hexadecimal.text(keyed.digest(of: bytes)[..<16])
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

/// HMAC-SHA-256 with the key already in it. Between a code's last byte and its submit a copy of this state is made, which
/// takes a few microseconds where looking the algorithm up anew took more than fifty.
///
/// Unchecked: never written after `init`, and OpenSSL copies a context that nobody writes from any thread.
@safe private final class KeyedState: @unchecked Sendable {
    /// Owned by this object, which wipes and frees it.
    private let context: OpaquePointer

    /// `nil` only without memory, or in an OpenSSL without HMAC or SHA-256.
    init?(key: [UInt8]) {
        guard let algorithm = unsafe EVP_MAC_fetch(nil, OSSL_MAC_NAME_HMAC, nil) else { return nil }
        // The context holds a reference of its own.
        defer { unsafe EVP_MAC_free(algorithm) }
        guard let context = unsafe EVP_MAC_CTX_new(algorithm) else { return nil }
        unsafe self.context = context
        // The parameter keeps both addresses: a text passed by itself would be gone before OpenSSL reads it.
        let isReady = unsafe "SHA256".withCString { name in
            unsafe OSSL_MAC_PARAM_DIGEST.withCString { parameter in
                var parameters = unsafe [
                    OSSL_PARAM_construct_utf8_string(
                        parameter,
                        UnsafeMutablePointer(mutating: name),
                        0
                    ),
                    OSSL_PARAM_construct_end(),
                ]
                return unsafe EVP_MAC_init(context, key, key.count, &parameters) == 1
            }
        }
        guard isReady else { return nil }
    }

    deinit { unsafe EVP_MAC_CTX_free(context) }

    func digest(of bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length = 0
        let copy = unsafe EVP_MAC_CTX_dup(context)
        defer { unsafe EVP_MAC_CTX_free(copy) }
        // All buffers outlive the calls; the digest has room for the longest hash there is.
        let isDone =
            unsafe copy != nil && EVP_MAC_update(copy, bytes, bytes.count) == 1
            && EVP_MAC_final(copy, &digest, &length, digest.count) == 1
        // Without memory the process ends, as it does wherever Swift itself needs some; open orders are in the journal.
        precondition(isDone, "OpenSSL could not hash 18 digits: memory is out.")
        return Array(digest[..<length])
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
