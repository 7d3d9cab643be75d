import COpenSSL
import Testing

/// A private key and a certificate for it, both in PEM form.
struct TestIdentity {
    let certificate: [UInt8]
    let privateKey: [UInt8]
    /// The same key under a pass phrase.
    let encryptedKey: [UInt8]

    /// - Parameter validity: from and until, in seconds from now.
    init(validity: ClosedRange<Int> = -3600...(365 * 86_400)) throws {
        let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil)
        // Everything made here is freed at the end of init; OpenSSL accepts null in each free.
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        try #require(unsafe EVP_PKEY_keygen_init(context) == 1)
        try #require(unsafe EVP_PKEY_keygen(context, &key) == 1)
        defer { unsafe EVP_PKEY_free(key) }

        let certificate = unsafe X509_new()
        defer { unsafe X509_free(certificate) }
        unsafe ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7)
        unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), validity.lowerBound)
        unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), validity.upperBound)
        try #require(unsafe X509_set_pubkey(certificate, key) == 1)
        try #require(unsafe X509_sign(certificate, key, nil) > 0)

        self.certificate = try unsafe Self.text { unsafe PEM_write_bio_X509($0, certificate) }
        privateKey = try unsafe Self.text {
            unsafe PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil)
        }
        encryptedKey = try unsafe Self.text { bio in
            var phrase = Array("phrase".utf8)
            return unsafe PEM_write_bio_PrivateKey(
                bio,
                key,
                EVP_aes_128_cbc(),
                &phrase,
                Int32(phrase.count),
                nil,
                nil
            )
        }
    }

    private static func text(_ write: (OpaquePointer?) -> Int32) throws -> [UInt8] {
        let bio = unsafe BIO_new(BIO_s_mem())
        defer { unsafe BIO_free_all(bio) }
        try #require(unsafe write(bio) == 1)
        var bytes = [UInt8](repeating: 0, count: 8192)
        // The array is borrowed for the call and as long as said.
        let count = unsafe BIO_read(bio, &bytes, Int32(bytes.count))
        return Array(bytes.prefix(Int(count)))
    }
}
