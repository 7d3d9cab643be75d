/// Keys, certificates and names of the stand-in and of its only merchant, kept in one folder.
///
/// Every file is readable by its owner alone (0600), the folder too (0700). A kiosk is configured with ``authorityFile``,
/// ``keyFile``, ``certificateFile``, ``privateKeyFile`` and ``identity``.
package struct SandboxMaterial: Hashable, Sendable {
    package let directory: String
    package let identity: SandboxIdentity
    /// The APIv2 key: 32 letters and digits.
    let key: String

    /// `caFile` of the configuration: the authority of server and merchant certificate.
    package var authorityFile: String { directory + "/ca.pem" }
    /// `keyFile`: the 32 bytes of the APIv2 key, without a line end.
    package var keyFile: String { directory + "/api-v2.key" }
    /// `certificateFile`: the merchant's client certificate.
    package var certificateFile: String { directory + "/apiclient_cert.pem" }
    /// `privateKeyFile`: its key.
    package var privateKeyFile: String { directory + "/apiclient_key.pem" }
    var serverCertificateFile: String { directory + "/server.pem" }
    var serverKeyFile: String { directory + "/server_key.pem" }
    private static let identityName = "/identity"

    /// Loads what is in `directory`, or makes it if the folder is not there or empty.
    package static func prepare(in directory: String) throws(SandboxError) -> Self {
        if PrivateFile.exists(directory + identityName) { return try load(from: directory) }
        return try make(in: directory)
    }

    /// `identity` is written last: a folder without it is unfinished.
    private static func load(from directory: String) throws(SandboxError) -> Self {
        let text = String(decoding: try PrivateFile.read(directory + identityName), as: UTF8.self)
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
        let key = String(decoding: try PrivateFile.read(directory + "/api-v2.key"), as: UTF8.self)
        guard let appID = values["appid"], let merchantID = values["mch_id"],
            key.utf8.count == 32
        else {
            throw SandboxError(
                "The sandbox material in \(directory) is damaged: remove the folder to have it made anew."
            )
        }
        let material = Self(
            directory: directory,
            identity: SandboxIdentity(appID: appID, merchantID: merchantID),
            key: key
        )
        for file in material.pemFiles { _ = try PrivateFile.read(file) }
        return material
    }

    private static func make(in directory: String) throws(SandboxError) -> Self {
        let material = Self(
            directory: directory,
            identity: SandboxIdentity(
                appID: "wx" + Identifiers.random(16, of: "0123456789abcdef"),
                merchantID: "1" + Identifiers.random(9, of: "0123456789")
            ),
            key: Identifiers.random(32, of: Identifiers.alphanumerics)
        )
        try PrivateFile.makeFolder(directory)
        let mint = try CertificateMint(name: "Kioskpay sandbox authority")
        let server = try mint.issue(.server, name: "localhost")
        let merchant = try mint.issue(.merchant, name: material.identity.merchantID)
        try PrivateFile.create(material.authorityFile, try mint.authorityCertificate())
        try PrivateFile.create(material.serverCertificateFile, server.certificate)
        try PrivateFile.create(material.serverKeyFile, server.key)
        try PrivateFile.create(material.certificateFile, merchant.certificate)
        try PrivateFile.create(material.privateKeyFile, merchant.key)
        try PrivateFile.create(material.keyFile, Array(material.key.utf8))
        let identity = material.identity
        let text = "appid=\(identity.appID)\nmch_id=\(identity.merchantID)\n"
        try PrivateFile.create(directory + identityName, Array(text.utf8))
        return material
    }

    private var pemFiles: [String] {
        [
            authorityFile, serverCertificateFile, serverKeyFile, certificateFile, privateKeyFile,
        ]
    }
}
