internal import Devices
internal import Glibc
package import Provisioning
internal import WeChatPay

/// What the rooms that use the configuration find in it, beyond what its schema can know.
extension Configuration {
    /// What this version, or this machine, cannot do of what is asked.
    package func review() -> [Finding] {
        var findings: [Finding] = []
        if let printer, PrinterProfile(named: printer.profile) == nil {
            let known = PrinterProfile.all.map(\.name).joined(separator: ", ")
            findings.append(
                Finding(
                    "printer.profile",
                    "\"\(printer.profile)\" is not known; choose one of \(known)"
                )
            )
        }
        if !signType.isAvailable {
            findings.append(
                Finding(
                    "wechat.signType",
                    "names \(signType.rawValue), which this machine's OpenSSL refuses; use the other"
                )
            )
        }
        if api.listen != nil, listenAddress == nil {
            findings.append(
                Finding("api.listen", "is not a loopback address; use 127.0.0.1:PORT or [::1]:PORT")
            )
        }
        if api.socket.utf8.count > SocketFile.maximumPathBytes {
            findings.append(
                Finding(
                    "api.socket",
                    "is longer than \(SocketFile.maximumPathBytes) bytes as a whole path; shorten it"
                )
            )
        }
        if pulse != nil {
            findings.append(
                Finding(
                    "pulse",
                    "is not driven by this version; set it to null, and let the application release "
                        + "the goods, or set sale.autoDeliver"
                )
            )
        }
        return findings
    }

    /// What is configured and not there at this moment: warnings, because the daemon waits for a device that comes later.
    package func missingDevices() -> [Finding] {
        var ports = [("scanner.port", scanner.line.port)]
        if let printer { ports.append(("printer.port", printer.line.port)) }
        var findings = ports.filter { !Self.exists($0.1) }.map { key, port in
            Finding(
                key,
                "names \(port), which is not there now; plug the device in or correct the name",
                .warning
            )
        }
        if case .gpiod(let lines) = lights, !Self.hasChip(lines.chip) {
            findings.append(
                Finding(
                    "lights.chip",
                    "names \(lines.chip), which is not there now; correct it, or the kiosk shows no "
                        + "lights",
                    .warning
                )
            )
        }
        return findings
    }

    /// A label is known only to the chips themselves, so any chip may be the one.
    private static func hasChip(_ chip: String) -> Bool {
        guard !chip.hasPrefix("/") else { return exists(chip) }
        return exists("/dev/" + chip)
            || (!chip.hasPrefix("gpiochip") && exists("/dev/gpiochip0"))
    }

    private static func exists(_ path: String) -> Bool {
        // The path lives for the call.
        unsafe access(path, F_OK) == 0
    }
}
