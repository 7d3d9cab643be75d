import Glibc
import Sandbox
import TestKit
import Testing

@Suite("Devices that fail, end to end")
struct DeviceTests {
    @Test("No scanner at the start: up and not ready; plugged in, it sells (hot-plug)")
    func scannerLate() async throws {
        try await Kiosk.run { kiosk in
            kiosk.scanner.unplug()
            try kiosk.start(isReady: false)
            try kiosk.wait("only the scanner to be missing") {
                try kiosk.status().reasons == ["scanner"]
            }
            let status = try kiosk.status()
            #expect(status.devices["scanner"] == "failed")
            #expect(status.details["scanner"]?.contains("no such port") == true)
            #expect(try kiosk.askSale().text.contains(#""reasons":["scanner"]"#))
            try kiosk.scanner.plug()
            try kiosk.payOnce()
        }
    }

    @Test("Scanner pulled out and put back, also during a sale")
    func scannerReplugged() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            kiosk.scanner.unplug()
            try kiosk.awaitReason("scanner")
            try kiosk.scanner.plug()
            try kiosk.awaitReady()
            let sale = try kiosk.sell()
            try kiosk.awaitLights(["ready"])
            kiosk.scanner.unplug()
            try kiosk.awaitReason("scanner")
            // No code could be read: none is asked for.
            try kiosk.awaitLights(["fault"])
            try kiosk.scanner.plug()
            try kiosk.wait("the scanner") { try kiosk.status().devices["scanner"] == "working" }
            try kiosk.awaitLights(["ready"])
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            try kiosk.deliver(sale)
        }
    }

    @Test("A scanner that sends without end is shut out until it calms down")
    func scannerFloods() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            let garbage = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
            kiosk.scanner.send(garbage + [0x0D])
            try kiosk.awaitReason("scanner")
            #expect(try kiosk.status().details["scanner"]?.contains("without end") == true)
            try kiosk.awaitReady()
            try kiosk.payOnce()
            #expect(kiosk.submitCount == 1)
            // Once for the flood, not once for each of its seconds.
            #expect(kiosk.log.lines.count { $0.contains("without end") } == 1)
        }
    }

    @Test("Scans that cannot be read are in log and status, and stop no sale")
    func unreadableScans() async throws {
        try await Kiosk.run { kiosk in
            try kiosk.start()
            for _ in 0..<3 { kiosk.scanner.send([0x86, 0x98, 0x31, 0x9E, 0x0D]) }
            try kiosk.wait("the status") {
                try kiosk.status().details["scanner"]?.contains("could not be read") == true
            }
            #expect(try kiosk.status().isReady)
            #expect(kiosk.log.lines.count { $0.contains("could not be read") } == 1)
            try kiosk.payOnce()
            #expect(try kiosk.status().details["scanner"] == nil)
        }
    }

    @Test("Lights that are away are in log and status, stop no sale, and come back")
    func lightsAway() async throws {
        let lines = #""ready":0,"busy":1,"approved":2,"declined":4,"fault":5"#
        var settings = KioskSettings()
        settings.sections["lights"] =
            #"{"driver":"gpiod","chip":"no-such-chip",\#(lines),"activeLow":false}"#
        try await Kiosk.run(settings) { kiosk in
            try kiosk.start()
            let status = try kiosk.status()
            #expect(status.isReady)
            #expect(status.devices["lights"] == "failed")
            #expect(status.details["lights"]?.contains("correct lights.chip") == true)
            try kiosk.payOnce()
            #expect(kiosk.log.lines.count { $0.contains("no-such-chip") } == 1)
            try kiosk.awaitPaper()
            #expect(try kiosk.stop() == .exit(0))

            let folder = kiosk.folder + "/late"
            try kiosk.configure(["lights": #"{"driver":"trace","file":"\#(folder)/lights"}"#])
            try kiosk.start()
            #expect(try kiosk.status().details["lights"]?.contains("lights.file") == true)
            try Files.makeFolder(folder)
            try kiosk.wait("the lights") { try kiosk.status().devices["lights"] == "working" }
            #expect(kiosk.log.contains("The device is ready. device=lights"))
            try kiosk.wait("the light of a ready kiosk") {
                LightsTrace(Files.text(folder + "/lights")).times("ready") > 0
            }
        }
    }

    @Test("A printer without paper, silent or talking nonsense changes no payment (D4)")
    func printerTrouble() async throws {
        try await Kiosk.run(allowing: Audit.Allowance(missingSlips: true)) { kiosk in
            try kiosk.start()
            try kiosk.wait("the printer") { try kiosk.status().devices["printer"] == "working" }
            kiosk.printer.change { $0.hasPaper = false }
            try kiosk.payOnce()
            try kiosk.wait("the printer to be out of paper") {
                let status = try kiosk.status()
                return status.devices["printer"] == "failed"
                    && status.details["printer"]?.contains("no paper") == true
            }
            #expect(try kiosk.status().isReady)
            // The receipt waits for the new roll.
            kiosk.printer.change { $0.hasPaper = true }
            try kiosk.wait("the receipt") { kiosk.printer.slips.count == 1 }

            kiosk.printer.change { $0.isSilent = true }
            try kiosk.payOnce()
            try kiosk.wait("the silence to be noticed", within: .seconds(30)) {
                try kiosk.status().devices["printer"] == "failed"
            }
            kiosk.printer.change { $0.isSilent = false }
            kiosk.printer.sendGarbage((0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            try kiosk.payOnce()
            kiosk.printer.unplug()
            try kiosk.payOnce()
            try kiosk.printer.plug()
            try kiosk.wait("the printer to be back", within: .seconds(30)) {
                try kiosk.status().devices["printer"] == "working"
            }
            let known = kiosk.printer.slips.count
            try kiosk.payOnce()
            try kiosk.wait("a receipt") { kiosk.printer.slips.count > known }
        }
    }

    @Test("Ports that hang: the daemon is up, says so, and sells when it can (D4)")
    func hangingPorts() async throws {
        var settings = KioskSettings()
        let folder = try TestFolder()
        // Opening it would block for ever.
        try folder.makePipe("pipe")
        let pipe = folder.file("pipe")
        // Nobody ever reads what is written to it.
        let silent = try SilentTerminal()
        settings.sections["printer"] = """
            {"port":"\(silent.path)","profile":"epson-80","flowControl":"rtscts"}
            """
        let allowance = Audit.Allowance(missingSlips: true)
        try await Kiosk.run(settings, allowing: allowance) { kiosk in
            let good = kiosk.files.scannerLink
            try kiosk.configure(["scanner": #"{"port":"\#(pipe)"}"#])
            try kiosk.start(isReady: false)
            try kiosk.wait("both to be noticed", within: .seconds(30)) {
                let details = try kiosk.status().details
                return details["scanner"]?.contains("not a serial port") == true
                    && details["printer"]?.contains("does not answer") == true
            }
            let status = try kiosk.status()
            #expect(status.devices["scanner"] == "failed")
            #expect(status.devices["printer"] == "failed")
            #expect(status.devices["lights"] == "working")
            #expect(status.reasons == ["scanner"])
            #expect(try kiosk.stop() == .exit(0))
            try kiosk.configure(["scanner": #"{"port":"\#(good)"}"#])
            try kiosk.start()
            try kiosk.payOnce()
        }
        withExtendedLifetime(silent) {}
    }

    @Test("Where a printer is required, none means no sale, and paper brings sales back (D4)")
    func printerRequired() async throws {
        var settings = KioskSettings()
        settings.sale["requirePrinter"] = "true"
        try await Kiosk.run(settings) { kiosk in
            kiosk.printer.change { $0.hasPaper = false }
            try kiosk.start(isReady: false)
            try kiosk.wait("only the printer to be missing") {
                try kiosk.status().reasons == ["printer"]
            }
            #expect(try kiosk.askSale().text.contains(#""reasons":["printer"]"#))
            kiosk.printer.change { $0.hasPaper = true }
            try kiosk.payOnce()
        }
    }

    @Test("Without a printer in the configuration the kiosk sells")
    func noPrinter() async throws {
        var settings = KioskSettings()
        settings.hasPrinter = false
        try await Kiosk.run(settings, allowing: Audit.Allowance(missingSlips: true)) { kiosk in
            try kiosk.start()
            #expect(try kiosk.status().devices["printer"] == nil)
            try kiosk.payOnce()
            #expect(kiosk.printer.slips.isEmpty)
        }
    }
}
