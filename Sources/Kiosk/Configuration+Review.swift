internal import Devices
internal import Glibc
package import Provisioning
internal import WeChatPay

/// What the rooms that use the configuration find in it, beyond what its schema can know.
extension Configuration {
    /// What this version, or this machine, cannot do of what is asked.
    package func review(
        canWriteChinese: Bool = ReceiptPrinter.canWriteChinese
    ) -> [Finding] {
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
        if printer != nil, !canWriteChinese {
            findings.append(
                Finding(
                    "printer",
                    "has slips in English alone, with ? for Chinese names, because this system lacks the C library's GB18030 "
                        + "module; install it (Debian: libc6, elsewhere glibc-gconv-extra or the like)",
                    .warning
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

    /// What is configured and not there at this moment: warnings, because a device may come later, and systemd makes the
    /// socket's folder with the daemon's start.
    package func absences() -> [Finding] { missingDevices() + socketTrouble() }

    private func missingDevices() -> [Finding] {
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

    private func socketTrouble() -> [Finding] {
        var findings: [Finding] = []
        let file = SocketFile(path: api.socket, group: api.socketGroup)
        do throws(LocalInterfaceError) {
            try file.checkPlace()
        } catch {
            if let reason = Self.advice(on: error) {
                findings.append(Finding("api.socket", reason, .warning))
            }
        }
        if file.isGroupMissing, let group = api.socketGroup {
            findings.append(
                Finding(
                    "api.socketGroup",
                    "names \(group), a group that this machine does not have; create it or set the key to null: until "
                        + "then the socket is for the daemon's own user alone",
                    .warning
                )
            )
        }
        return findings
    }

    /// `nil` where a running daemon is the reason.
    private static func advice(on error: LocalInterfaceError) -> String? {
        switch error {
        case .folderMissing(let path):
            "names \(path), whose folder is not there now; create it or correct the path, or the daemon cannot start"
        case .notASocket(let path):
            "names \(path), which is there and is no socket; remove it or correct the path, or the daemon cannot start"
        case .cannotListen(let path, let reason):
            "names \(path), which cannot be looked at (\(reason)); correct the path or its folder's owner, or the daemon "
                + "cannot start"
        case .pathTooLong, .inUse, .cannotPublish, .listenerEnded, .portLost: nil
        }
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
