import COpenSSL
import Glibc

/// The client certificate and its key, read once and known to fit. Never described or logged.
struct ClientIdentity: Sendable {
    let certificate: [UInt8]
    let key: [UInt8]

    /// Throws one sentence that names the file at fault.
    init(certificateFile: String, keyFile: String) throws(TransportSetupError) {
        certificate = try PEMFile.read(certificateFile, role: "client certificate")
        key = try PEMFile.read(keyFile, role: "client key")
        guard let parsed = unsafe PEMFile.certificates(in: certificate).first else {
            throw TransportSetupError(
                "The client certificate \(certificateFile) holds no PEM certificate; "
                    + "use apiclient_cert.pem of the merchant.")
        }
        // Both are ours from here on and freed on every path.
        defer { unsafe X509_free(parsed) }
        guard let private_ = unsafe PEMFile.privateKey(in: key) else {
            throw TransportSetupError(
                "The client key \(keyFile) holds no PEM private key without a pass phrase; "
                    + "use apiclient_key.pem of the merchant.")
        }
        defer { unsafe EVP_PKEY_free(private_) }
        guard unsafe X509_check_private_key(parsed, private_) == 1 else {
            ERR_clear_error()
            throw TransportSetupError(
                "The client key \(keyFile) does not belong to the client certificate "
                    + "\(certificateFile); take both from the same merchant.")
        }
    }
}

/// Reading PEM files with errors for people.
enum PEMFile {
    /// Larger files are refused: a bundle of all public authorities has about 250 KiB.
    private static let maximumBytes = 4 * 1024 * 1024

    /// The whole file. Throws one sentence naming it.
    static func read(_ path: String, role: String) throws(TransportSetupError) -> [UInt8] {
        // The string lives for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw TransportSetupError(
                "The \(role) \(path) cannot be read (error \(errno)); check path and permissions.")
        }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            // Reads at most what the array holds.
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= maximumBytes else {
                throw TransportSetupError(
                    "The \(role) \(path) cannot be read or is larger than 4 MiB; check the path.")
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// Throws one sentence when the file holds no certificate.
    static func checkAuthorities(_ path: String) throws(TransportSetupError) {
        let found = unsafe certificates(in: try read(path, role: "CA file"))
        // All are ours; only their number matters here.
        for unsafe certificate in unsafe found { unsafe X509_free(certificate) }
        guard unsafe !found.isEmpty else {
            throw TransportSetupError(
                "The CA file \(path) holds no PEM certificate; check the path.")
        }
    }

    /// The certificates in PEM text; each is the caller's to free.
    static func certificates(in bytes: [UInt8]) -> [OpaquePointer] {
        var found: [OpaquePointer] = unsafe []
        // The memory BIO reads the array while it lives, and is freed inside.
        unsafe bytes.withUnsafeBytes { bytes in
            guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
                return
            }
            defer { unsafe BIO_free_all(bio) }
            while let certificate = unsafe PEM_read_bio_X509(bio, nil, noPassPhrase, nil) {
                unsafe found.append(certificate)
            }
        }
        ERR_clear_error()
        return unsafe found
    }

    /// The private key in PEM text; the caller's to free.
    static func privateKey(in bytes: [UInt8]) -> OpaquePointer? {
        // As above.
        let key = unsafe bytes.withUnsafeBytes { bytes -> OpaquePointer? in
            guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
                return nil
            }
            defer { unsafe BIO_free_all(bio) }
            return unsafe PEM_read_bio_PrivateKey(bio, nil, noPassPhrase, nil)
        }
        ERR_clear_error()
        return unsafe key
    }
}

/// An encrypted file is an error; OpenSSL must never ask a terminal for the pass phrase.
private func noPassPhrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { -1 }
