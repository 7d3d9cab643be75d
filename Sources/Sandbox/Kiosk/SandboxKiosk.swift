internal import Glibc

/// The configuration of a kiosk that pays at a ``SandboxServer`` with simulated devices: for the demo, the bench and the
/// tests of the whole daemon. Everything lies in one folder, readable by its owner alone.
package struct SandboxKiosk: Sendable {
    /// What differs from the defaults, as JSON text by section; a section named here replaces the one made below.
    package var sections: [String: String] = [:]

    package let directory: String
    private let material: SandboxMaterial

    package var configurationFile: String { directory + "/kiosk.json" }
    package var stateDirectory: String { directory + "/state" }
    package var socket: String { directory + "/kiosk.sock" }
    package var lightsFile: String { directory + "/lights.trace" }
    package var scannerLink: String { directory + "/scanner" }
    package var printerLink: String { directory + "/printer" }

    /// Makes the folder and the state directory in it.
    package init(directory: String, material: SandboxMaterial) throws(SandboxError) {
        self.directory = directory
        self.material = material
        try PrivateFile.makeFolder(directory)
        try PrivateFile.makeFolder(stateDirectory)
    }

    /// Writes the configuration for a server at `baseURL`, and one that stands in for it.
    package func write(
        baseURL: String,
        standbyURL: String? = nil,
    ) throws(SandboxError) {
        let standby = standbyURL.map { "\"\($0)\"" } ?? "null"
        var all = [
            "kiosk":
                #"{"id":"K0007","site":"Nanshan store","merchantName":"Corner Locker","contact":"400-000-0000"}"#,
            "wechat": """
            {"baseURL":"\(baseURL)","standbyURL":\(standby),"appID":"\(material.identity.appID)",\
            "merchantID":"\(material.identity.merchantID)","keyFile":"\(material.keyFile)",\
            "certificateFile":"\(material.certificateFile)",\
            "privateKeyFile":"\(material.privateKeyFile)","caFile":"\(material.authorityFile)"}
            """,
            "scanner": #"{"port":"\#(scannerLink)"}"#,
            "printer": #"{"port":"\#(printerLink)","profile":"epson-80","flowControl":"none"}"#,
            "lights": #"{"driver":"trace","file":"\#(lightsFile)"}"#,
            "api": #"{"socket":"\#(socket)","socketGroup":null,"listen":null}"#,
        ]
        for (name, text) in sections { all[name] = text }
        let body = all.sorted { $0.key < $1.key }.map { "  \"\($0.key)\": \($0.value)" }
            .joined(separator: ",\n")
        try PrivateFile.replace(configurationFile, Array("{\n\(body)\n}\n".utf8))
    }
}
