import COpenSSL
import Glibc

/// A certificate with its key, as PEM text.
struct TestCertificate: Sendable {
    let certificate: [UInt8]
    let key: [UInt8]
}

/// A throw-away certificate authority. Everything it makes lives in memory.
struct TestAuthority: Sendable {
    let own: TestCertificate

    /// Shared by tests that need no second authority.
    static let shared = TestAuthority(name: "Transport test authority")
    static let stranger = TestAuthority(name: "Some other authority")

    init(name: String) {
        own = unsafe Self.make(name: name, issuer: nil, validity: -3600...86_400) {
            unsafe Self.add(NID_basic_constraints, "critical,CA:TRUE", to: $0)
            unsafe Self.add(NID_key_usage, "critical,keyCertSign,cRLSign", to: $0)
        }
    }

    /// A certificate for the names (`DNS:…`, `IP:…`), valid in that range of seconds from now.
    func issue(
        _ names: String = "IP:127.0.0.1,DNS:localhost", validity: ClosedRange<Int> = -3600...86_400
    ) -> TestCertificate {
        unsafe Self.make(name: "leaf", issuer: own, validity: validity) {
            unsafe Self.add(NID_subject_alt_name, names, to: $0)
        }
    }

    // OpenSSL objects are freed where they were made; a failure in here fails the test at once.

    private static func make(
        name: String, issuer: TestCertificate?, validity: ClosedRange<Int>,
        extend: (OpaquePointer) -> Void
    ) -> TestCertificate {
        guard let key = unsafe newKey(), let certificate = unsafe X509_new() else { abort() }
        defer { unsafe EVP_PKEY_free(key) }
        defer { unsafe X509_free(certificate) }
        unsafe X509_set_version(certificate, 2)
        unsafe ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1..<1 << 62))
        unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), validity.lowerBound)
        unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), validity.upperBound)
        unsafe X509_set_pubkey(certificate, key)
        let subject = unsafe X509_get_subject_name(certificate)
        unsafe X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0)
        unsafe extend(certificate)
        if let issuer {
            let issuerCertificate = unsafe PEM.certificate(issuer.certificate)
            let issuerKey = unsafe PEM.key(issuer.key)
            unsafe X509_set_issuer_name(certificate, X509_get_subject_name(issuerCertificate))
            unsafe X509_sign(certificate, issuerKey, EVP_sha256())
            unsafe EVP_PKEY_free(issuerKey)
            unsafe X509_free(issuerCertificate)
        } else {
            unsafe X509_set_issuer_name(certificate, subject)
            unsafe X509_sign(certificate, key, EVP_sha256())
        }
        return unsafe TestCertificate(
            certificate: PEM.text { unsafe PEM_write_bio_X509($0, certificate) },
            key: PEM.text { unsafe PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) })
    }

    private static func newKey() -> OpaquePointer? {
        guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { return nil }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        unsafe EVP_PKEY_keygen_init(context)
        unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1)
        unsafe EVP_PKEY_generate(context, &key)
        return unsafe key
    }

    private static func add(_ kind: Int32, _ value: String, to certificate: OpaquePointer) {
        guard let part = unsafe X509V3_EXT_conf_nid(nil, nil, kind, value) else { abort() }
        unsafe X509_add_ext(certificate, part, -1)
        unsafe X509_EXTENSION_free(part)
    }
}

/// PEM text to OpenSSL objects, which are the caller's to free, and back.
enum PEM {
    static func certificate(_ text: [UInt8]) -> OpaquePointer? {
        unsafe read(text) { unsafe PEM_read_bio_X509($0, nil, nil, nil) }
    }

    static func key(_ text: [UInt8]) -> OpaquePointer? {
        unsafe read(text) { unsafe PEM_read_bio_PrivateKey($0, nil, nil, nil) }
    }

    static func text(_ write: (OpaquePointer?) -> Int32) -> [UInt8] {
        let bio = unsafe BIO_new(BIO_s_mem())
        defer { unsafe BIO_free_all(bio) }
        guard unsafe write(bio) == 1 else { abort() }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = unsafe BIO_read(bio, &bytes, Int32(bytes.count))
        return Array(bytes[..<Int(count)])
    }

    private static func read(
        _ text: [UInt8], _ body: (OpaquePointer?) -> OpaquePointer?
    ) -> OpaquePointer? {
        unsafe text.withUnsafeBytes { bytes in
            let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { unsafe BIO_free_all(bio) }
            return unsafe body(bio)
        }
    }
}
