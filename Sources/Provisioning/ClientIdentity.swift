import COpenSSL

/// Tries the merchant's certificate and private key with OpenSSL, so that a wrong file shows before a payer does.
enum ClientIdentity {
    /// A chain with a long key has under 20 KiB.
    private static let maximumBytes = 64 * 1024
    /// All public authorities together have about 250 KiB.
    private static let maximumAuthorityBytes = 4 * 1024 * 1024
    /// How long before its end a certificate is reported, so that there is time to get a new one.
    private static let warningDays: Int64 = 30

    /// - Parameter now: seconds since 1970.
    static func check(
        _ certificateFile: SecretFile,
        _ privateKeyFile: SecretFile,
        now: Int64,
        _ problems: Problems,
    ) {
        // Both are looked at before either is given up, so that one run shows everything.
        let privateKey = privateKey(in: privateKeyFile, problems)
        guard let certificate = certificate(in: certificateFile, problems) else { return }
        checkDates(certificate, certificateFile, now: now, problems)
        guard let privateKey else { return }
        guard certificate.belongs(to: privateKey) else {
            let reason = """
                does not belong to the certificate in wechat.certificateFile (\(privateKeyFile.path)); \
                take both from the same download of the merchant console
                """
            problems.add(privateKeyFile.place.problem(reason))
            return
        }
    }

    static func checkAuthorities(_ file: SecretFile, _ problems: Problems) {
        guard
            let bytes = file.read(maximumBytes: maximumAuthorityBytes, isSecret: false, problems)
        else { return }
        guard Certificate(pem: bytes) == nil else { return }
        let reason = """
            holds no certificate in PEM form (\(file.path)); give the authority's certificate as a .pem file, or null for the \
            system's own authorities
            """
        problems.add(file.place.problem(reason))
    }

    private static func certificate(
        in file: SecretFile,
        _ problems: Problems,
    ) -> Certificate? {
        guard var bytes = file.read(maximumBytes: maximumBytes, isSecret: false, problems) else {
            return nil
        }
        // It may be the private key by mistake.
        defer { wipe(&bytes) }
        if let certificate = Certificate(pem: bytes) { return certificate }
        let reason =
            switch PEMKind(bytes) {
            case .privateKey, .encryptedKey:
                "holds a private key, not a certificate (\(file.path)); "
                    + "are wechat.certificateFile and wechat.privateKeyFile swapped?"
            case .binary:
                "is not in PEM form (\(file.path)); use apiclient_cert.pem, not the .p12 file"
            case .certificate, .other:
                "holds no certificate that can be read (\(file.path)); use apiclient_cert.pem"
            }
        problems.add(file.place.problem(reason))
        return nil
    }

    private static func privateKey(in file: SecretFile, _ problems: Problems) -> PrivateKey? {
        guard var bytes = file.read(maximumBytes: maximumBytes, isSecret: true, problems) else {
            return nil
        }
        defer { wipe(&bytes) }
        if let key = PrivateKey(pem: bytes) { return key }
        let reason =
            switch PEMKind(bytes) {
            case .certificate:
                "holds a certificate, not a private key (\(file.path)); "
                    + "are wechat.certificateFile and wechat.privateKeyFile swapped?"
            case .encryptedKey:
                "is protected by a pass phrase that nobody could type here (\(file.path)); "
                    + "store it without one and readable by the owner alone"
            case .binary:
                "is not in PEM form (\(file.path)); use apiclient_key.pem, not the .p12 file"
            case .privateKey, .other:
                "holds no private key that can be read (\(file.path)); use apiclient_key.pem"
            }
        problems.add(file.place.problem(reason))
        return nil
    }

    /// Dates only warn: a kiosk without a battery clock boots in 1970 and must sell (rule F1).
    private static func checkDates(
        _ certificate: borrowing Certificate,
        _ file: SecretFile,
        now: Int64,
        _ problems: Problems,
    ) {
        let advice = "renew it in the merchant console, or revokes and refunds will be refused"
        if !certificate.isValid(before: now) {
            problems.warn(
                file.place.problem(
                    "is not valid yet by this machine's clock (\(file.path)); check the clock"
                )
            )
        } else if !certificate.isValid(after: now) {
            problems.warn(file.place.problem("has expired (\(file.path)); \(advice)"))
        } else if !certificate.isValid(after: now + warningDays * 86_400) {
            problems.warn(
                file.place.problem("expires within \(warningDays) days (\(file.path)); \(advice)")
            )
        }
    }
}

/// What a file that should be PEM seems to be, to name the usual mix-ups.
private enum PEMKind {
    case certificate
    case privateKey
    case encryptedKey
    /// No text: most likely PKCS #12 or DER.
    case binary
    case other

    init(_ bytes: [UInt8]) {
        self =
            if bytes.contains(0) {
                .binary
            } else if bytes.contains("ENCRYPTED".utf8) {
                .encryptedKey
            } else if bytes.contains("PRIVATE KEY-----".utf8) {
                .privateKey
            } else if bytes.contains("CERTIFICATE-----".utf8) {
                .certificate
            } else {
                .other
            }
    }
}
