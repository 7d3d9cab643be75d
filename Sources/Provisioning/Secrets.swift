import Glibc

/// The secrets of one kiosk, read and checked. They live as long as this value and its copies.
package struct Secrets: Sendable {
    /// The APIv2 key: exactly 32 visible ASCII bytes (wire facts, 1.3).
    package let apiKey: Secret
    /// What a client on TCP must show to change something; `nil` if no `api.tokenFile` is given.
    package let apiToken: Secret?

    /// Reads every file that the configuration names and tries whether they can work; all problems are noted.
    ///
    /// - Parameter now: seconds since 1970, for the certificate's dates, which only warn (rule F1).
    init?(for configuration: Configuration, now: Int64, _ problems: Problems) {
        let weChat = configuration.weChat
        let key = Self.apiKey(weChat.keyFile, problems)
        ClientIdentity.check(weChat.certificateFile, weChat.privateKeyFile, now: now, problems)
        if let caFile = weChat.caFile { ClientIdentity.checkAuthorities(caFile, problems) }
        apiToken = configuration.api.tokenFile.flatMap { Self.token($0, problems) }
        guard let key else { return nil }
        apiKey = key
    }

    private static func apiKey(_ file: SecretFile, _ problems: Problems) -> Secret? {
        guard var bytes = file.readSecret(maximumBytes: 1024, problems) else { return nil }
        guard bytes.count == 32 else {
            problems.add(
                file.place.problem(
                    """
                    holds \(bytes.count) bytes (\(file.path)), but an APIv2 key has exactly 32; \
                    copy it from the merchant console
                    """
                )
            )
            wipe(&bytes)
            return nil
        }
        return visible(&bytes, of: file, problems)
    }

    private static func token(_ file: SecretFile, _ problems: Problems) -> Secret? {
        guard var bytes = file.readSecret(maximumBytes: 512, problems) else { return nil }
        guard (16...512).contains(bytes.count) else {
            problems.add(
                file.place.problem(
                    "must hold 16 to 512 bytes (\(file.path)); make one with: openssl rand -hex 32"
                )
            )
            wipe(&bytes)
            return nil
        }
        return visible(&bytes, of: file, problems)
    }

    /// The bytes as a secret if all are visible ASCII characters. Leaves `bytes` empty.
    private static func visible(
        _ bytes: inout [UInt8],
        of file: SecretFile,
        _ problems: Problems,
    ) -> Secret? {
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            problems.add(
                file.place.problem(
                    "holds a blank or a byte that is no ASCII character (\(file.path)); write it anew"
                )
            )
            wipe(&bytes)
            return nil
        }
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return Secret(taken)
    }
}
