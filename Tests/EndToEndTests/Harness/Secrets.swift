import Sandbox
import TestKit

/// Looks for codes and keys where rule G1 allows none.
struct Secrets {
    private(set) var findings: [String] = []

    init(_ kiosk: Kiosk) {
        var places: [(name: String, bytes: [UInt8])] = [
            ("the log", kiosk.log.bytes), ("an answer", kiosk.answers),
            ("the event stream", kiosk.events.bytes),
            ("a slip", Array(kiosk.printer.slips.map(\.text).joined(separator: "\n").utf8)),
            ("the lights' trace", Files.bytes(kiosk.files.lightsFile) ?? []),
        ]
        for name in Files.names(in: kiosk.stateDirectory) where name != "reserve" {
            places.append((name, Files.bytes(kiosk.stateDirectory + "/" + name) ?? []))
        }
        var secrets = kiosk.codes.map { (name: "a payment code", text: Array($0.utf8)) }
        secrets.append(("the API key", Files.bytes(kiosk.material.keyFile) ?? []))
        // Its lines, but for the first and last, are the key itself.
        let key = Files.text(kiosk.material.privateKeyFile).split(separator: "\n")
        for line in key.dropFirst().dropLast() {
            secrets.append(("a line of the private key", Array(line.utf8)))
        }
        for place in places {
            for secret in secrets where place.bytes.contains(bytes: secret.text) {
                findings.append("\(secret.name) stands in \(place.name) (rule G1)")
            }
        }
    }
}
