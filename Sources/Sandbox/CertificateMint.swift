internal import COpenSSL
internal import Glibc

/// Makes EC P-256 keys and X.509 certificates: an authority of its own, and what it issues.
///
/// The authority's key lives as long as this object and is never written anywhere.
@safe final class CertificateMint {
    enum Kind {
        case authority
        /// For `localhost`, 127.0.0.1 and ::1; and for a name that nobody has (RFC 6761), which must be looked up first.
        case server
        /// The merchant's client certificate.
        case merchant

        /// The extensions of RFC 5280, as OpenSSL's configuration language writes them.
        fileprivate var extensions: [(nid: Int32, value: String)] {
            switch self {
            case .authority:
                [
                    (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                    (NID_key_usage, "critical,keyCertSign,cRLSign"),
                    (NID_subject_key_identifier, "hash"),
                ]
            case .server:
                leaf + [
                    (NID_ext_key_usage, "serverAuth"),
                    (NID_subject_alt_name, "DNS:localhost,DNS:platform.test,IP:127.0.0.1,IP:::1"),
                ]
            case .merchant: leaf + [(NID_ext_key_usage, "clientAuth")]
            }
        }

        private var leaf: [(nid: Int32, value: String)] {
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ]
        }
    }

    /// A certificate and its private key, both PEM.
    struct Pair {
        let certificate: [UInt8]
        let key: [UInt8]
    }

    // Owned by this object and freed in deinit; they never leave it.
    private let authorityKey: OpaquePointer
    private let authority: OpaquePointer

    init(name: String) throws(SandboxError) {
        let key = try unsafe Self.makeKey()
        do {
            unsafe authority = try unsafe Self.makeCertificate(
                .authority,
                name: name,
                key: key,
                issuer: nil,
                issuerKey: key
            )
        } catch {
            unsafe EVP_PKEY_free(key)
            throw error
        }
        unsafe authorityKey = key
    }

    deinit {
        unsafe X509_free(authority)
        unsafe EVP_PKEY_free(authorityKey)
    }

    func authorityCertificate() throws(SandboxError) -> [UInt8] {
        try unsafe Self.pem { unsafe PEM_write_bio_X509($0, authority) }
    }

    func issue(_ kind: Kind, name: String) throws(SandboxError) -> Pair {
        let key = try unsafe Self.makeKey()
        defer { unsafe EVP_PKEY_free(key) }
        let certificate = try unsafe Self.makeCertificate(
            kind,
            name: name,
            key: key,
            issuer: authority,
            issuerKey: authorityKey
        )
        defer { unsafe X509_free(certificate) }
        return Pair(
            certificate: try unsafe Self.pem { unsafe PEM_write_bio_X509($0, certificate) },
            key: try unsafe Self.pem {
                unsafe PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil)
            }
        )
    }

    /// The caller frees the key.
    private static func makeKey() throws(SandboxError) -> OpaquePointer {
        let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        // Freeing a null context does nothing.
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard let context = unsafe context, unsafe EVP_PKEY_keygen_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
            unsafe EVP_PKEY_generate(context, &key) == 1, let key = unsafe key
        else { throw failure("make a key") }
        return unsafe key
    }

    /// The caller frees the certificate. Without an issuer it is its own.
    private static func makeCertificate(
        _ kind: Kind,
        name: String,
        key: OpaquePointer,
        issuer: OpaquePointer?,
        issuerKey: OpaquePointer,
    ) throws(SandboxError) -> OpaquePointer {
        guard let certificate = unsafe X509_new() else { throw failure("make a certificate") }
        let issuer = unsafe issuer ?? certificate
        let subject = unsafe X509_get_subject_name(certificate)
        // All pointers below belong to `certificate` or outlive the call; OpenSSL copies what it keeps.
        // Valid from yesterday, so that two clocks may differ a little, for ten years.
        let isFilled =
            unsafe X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set_uint64(
                X509_get_serialNumber(certificate),
                UInt64.random(in: 1 ... .max >> 1)
            ) == 1
            && X509_gmtime_adj(X509_getm_notBefore(certificate), -86_400) != nil
            && X509_gmtime_adj(X509_getm_notAfter(certificate), 10 * 365 * 86_400) != nil
            && X509_NAME_add_entry_by_txt(
                subject,
                "CN",
                MBSTRING_FLAG | 1,
                Array(name.utf8),
                Int32(name.utf8.count),
                -1,
                0
            )
                == 1
            && X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1
            && X509_set_pubkey(certificate, key) == 1
        let hasExtensions = kind.extensions.allSatisfy { item in
            unsafe add(item.nid, item.value, to: certificate, issuer: issuer)
        }
        guard isFilled, hasExtensions,
            unsafe X509_sign(certificate, issuerKey, EVP_sha256()) > 0
        else {
            unsafe X509_free(certificate)
            throw failure("make a certificate")
        }
        return unsafe certificate
    }

    private static func add(
        _ nid: Int32,
        _ value: String,
        to certificate: OpaquePointer,
        issuer: OpaquePointer,
    ) -> Bool {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
        guard let item = unsafe X509V3_EXT_conf_nid(nil, &context, nid, value) else { return false }
        defer { unsafe X509_EXTENSION_free(item) }
        return unsafe X509_add_ext(certificate, item, -1) == 1
    }

    /// What `write` writes into a memory buffer.
    private static func pem(
        _ write: (OpaquePointer) -> Int32
    ) throws(SandboxError) -> [UInt8] {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw failure("write PEM") }
        defer { unsafe BIO_free(bio) }
        guard unsafe write(bio) == 1 else { throw failure("write PEM") }
        var text = [UInt8](repeating: 0, count: unsafe BIO_ctrl_pending(bio))
        let count = unsafe BIO_read(bio, &text, Int32(text.count))
        guard Int(count) == text.count else { throw failure("write PEM") }
        return text
    }

    private static func failure(_ what: String) -> SandboxError {
        SandboxError("OpenSSL could not \(what) for the stand-in (error \(ERR_get_error())).")
    }
}
