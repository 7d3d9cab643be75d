import Glibc
import Sandbox
import TestKit
import Testing
import Threads

/// One kiosk as a customer meets it: the real daemon, a platform, a scanner, a printer, lights, an application.
///
/// A test gets it from ``run(_:allowing:_:)``, which at the end settles what is open, stops the daemon and audits it.
/// Used from one thread; everything that waits is bounded.
final class Kiosk {
    let settings: KioskSettings
    let folder: String
    let material: SandboxMaterial
    private(set) var files: SandboxKiosk
    let sandbox: SandboxServer
    /// The platform's second host, if there is one.
    let standby: SandboxServer?
    let scanner: SimulatedScanner
    let printer: SimulatedPrinter
    let bell: Bell
    let log: TextLog
    let events: EventReader
    /// What the local interface answered, all of it.
    var answers: [UInt8] = []
    /// Every code that was ever shown to the scanner.
    var codes: [String] = []
    var daemon: DaemonProcess?
    private var reader: OwnThread?

    var call: LocalCall { LocalCall(socket: files.socket) }
    var stateDirectory: String { settings.stateDirectory ?? files.stateDirectory }

    private init(_ settings: KioskSettings) throws {
        self.settings = settings
        let bell = Bell()
        self.bell = bell
        folder = try Files.makeTemporaryFolder()
        material = try Material.shared.get()
        sandbox = try SandboxServer(
            material: material,
            options: SandboxOptions(timings: settings.sandboxTimings)
        )
        try sandbox.start()
        sandbox.onEvent { _ in bell.ring() }
        standby = settings.hasStandby ? try SandboxServer(standbyOf: sandbox) : nil
        try standby?.start()
        var files = try SandboxKiosk(directory: folder + "/k", material: material)
        files.sections = settings.configuration
        self.files = files
        scanner = try SimulatedScanner(link: files.scannerLink)
        printer = try SimulatedPrinter(link: files.printerLink) { _ in bell.ring() }
        log = TextLog(bell)
        events = EventReader(bell)
        try writeConfiguration()
    }

    private func writeConfiguration() throws {
        try files.write(
            baseURL: settings.baseURL ?? sandbox.baseURL ?? "",
            standbyURL: standby?.baseURL
        )
    }

    /// Gives `body` a kiosk that is not started yet, and audits it afterwards, unless the audit itself is tested.
    static func run(
        _ settings: KioskSettings = KioskSettings(),
        allowing allowance: Audit.Allowance = Audit.Allowance(),
        isAudited: Bool = true,
        _ body: @escaping @Sendable (Kiosk) throws -> Void,
    ) async throws {
        try await KioskThreads.run {
            let kiosk = try Kiosk(settings)
            defer { kiosk.close() }
            do {
                try body(kiosk)
                try kiosk.finish(allowance)
            } catch {
                throw HarnessError("\(error)\nThe daemon's last lines:\n\(kiosk.log.tail)")
            }
            guard isAudited else { return }
            for finding in try Audit(kiosk, allowance).findings {
                Issue.record("The audit: \(finding)")
            }
        }
    }

    private func close() {
        daemon = nil
        scanner.close()
        printer.close()
        standby?.stop()
        sandbox.stop()
        Files.removeTree(folder)
    }

    // MARK: - The daemon's life

    /// Starts the daemon and waits until it is up; `isReady` until it can sell, too.
    func start(isReady: Bool = true, environment: [String: String] = [:]) throws {
        let known = log.lines.count
        let daemon = try spawn(environment: environment)
        try wait("the daemon to be up") {
            if daemon.hasEnded { throw HarnessError("The daemon ended at its start.") }
            return log.contains("The kiosk is up.", from: known)
        }
        reader?.waitUntilEnded(atMost: .seconds(5))
        reader = try events.follow(call)
        if isReady { try awaitReady() }
    }

    /// Starts the daemon and waits for nothing.
    @discardableResult
    func spawn(
        environment: [String: String] = [:],
        arguments: [String] = [],
    ) throws -> DaemonProcess {
        let daemon = try DaemonProcess(
            arguments: [
                "--config", files.configurationFile, "--state", stateDirectory,
                "--log-level", "debug",
            ] + arguments,
            environment: environment,
            log: log,
            bell: bell
        )
        self.daemon = daemon
        return daemon
    }

    /// SIGTERM, and how it ended.
    @discardableResult
    func stop(within limit: Duration = .seconds(45)) throws -> DaemonProcess.End {
        let daemon = try running()
        daemon.send(SIGTERM)
        return try awaitEnd(of: daemon, within: limit)
    }

    /// The power goes.
    func kill() throws {
        let daemon = try running()
        daemon.send(SIGKILL)
        _ = try awaitEnd(of: daemon, within: .seconds(10))
    }

    func awaitEnd(of daemon: DaemonProcess, within limit: Duration) throws -> DaemonProcess.End {
        guard let end = daemon.waitForEnd(atMost: limit) else {
            throw HarnessError("The daemon did not end within \(limit).")
        }
        if self.daemon === daemon { self.daemon = nil }
        return end
    }

    func running() throws -> DaemonProcess {
        guard let daemon else { throw HarnessError("No daemon was started.") }
        return daemon
    }

    /// Changes whole sections of the configuration; counts from the next start on.
    func configure(_ sections: [String: String]) throws {
        files.sections.merge(sections) { $1 }
        try writeConfiguration()
    }

    /// The section `wechat` with another host's name or other files than the stand-in's own.
    func weChat(
        host: String = "localhost",
        key: String? = nil,
        certificate: SandboxMaterial? = nil,
    ) -> String {
        let identity = certificate ?? material
        return """
            {"baseURL":"https://\(host):\(sandbox.port ?? 0)","standbyURL":null,\
            "appID":"\(material.identity.appID)","merchantID":"\(material.identity.merchantID)",\
            "keyFile":"\(key ?? material.keyFile)","certificateFile":"\(identity.certificateFile)",\
            "privateKeyFile":"\(identity.privateKeyFile)","caFile":"\(material.authorityFile)"}
            """
    }

    // MARK: - Waiting

    func wait(
        _ what: String,
        within limit: Duration = .seconds(20),
        until holds: () throws -> Bool,
    ) throws {
        let hasCome = try bell.wait(atMost: limit) {
            if try holds() { return true }
            if let daemon, daemon.hasEnded { throw DaemonGone(what: what, end: daemon.end) }
            return false
        }
        guard hasCome else { throw HarnessError("Waited \(limit) in vain for \(what).") }
    }

    /// The daemon ended while something was waited for.
    struct DaemonGone: Error, CustomStringConvertible {
        let what: String
        let end: DaemonProcess.End?
        var description: String {
            "The daemon ended before \(what): \(end.map(\.description) ?? "nobody knows how")."
        }
    }

    /// Lets time pass where time itself is what is tested.
    func pause(_ duration: Duration) {
        _ = bell.wait(atMost: duration) { false }
    }

    /// Waits until a light has been on.
    func awaitLight(_ name: String) throws {
        try wait("the light \(name)") {
            LightsTrace(Files.text(files.lightsFile)).times(name) > 0
        }
    }

    /// Waits until these lights are on and no other.
    func awaitLights(_ names: Set<String>) throws {
        try wait("the lights \(names)") {
            LightsTrace(Files.text(files.lightsFile)).lit == names
        }
    }

    /// Waits until the platform has read a submit that comes of `act`.
    func awaitSubmit(after act: () throws -> Void) throws {
        let known = submitCount
        try act()
        try wait("the submit to arrive") { submitCount > known }
    }

    /// Submits that the platform has read.
    var submitCount: Int {
        sandbox.ledger().reduce(0) { count, entry in
            count
                + entry.history.count {
                    if case .received(.submit, _) = $0.kind { true } else { false }
                }
        }
    }

    func awaitReady(within limit: Duration = .seconds(20)) throws {
        try wait("the kiosk to be ready", within: limit) { try status().isReady }
    }

    func awaitReason(_ reason: String, within limit: Duration = .seconds(20)) throws {
        try wait("the reason \(reason)", within: limit) {
            try status().reasons.contains(reason)
        }
    }

    /// Waits until no order is left in the revoke queue.
    func settle(atMost open: Int = 0, within limit: Duration = .seconds(60)) throws {
        do {
            try wait("the queue to be settled", within: limit) { try status().queueCount <= open }
        } catch let vain as HarnessError {
            throw HarnessError("\(vain) It holds \(try ask("GET", "/v1/revokes").text)")
        }
    }

    /// Waits until at most so many slips that somebody was promised have not come out: a printer takes a second for each,
    /// and keeps eight waiting.
    func awaitPaper(atMost missing: Int = 0) throws {
        try wait("the slips to come out") { slipsDue() - printer.slips.count <= missing }
    }

    /// Slips that the events so far call for (rules D4, G3).
    private func slipsDue() -> Int {
        let events = events.events.filter { $0.name == "sale" }
        return events.count { event in
            switch (event.state, event.truth) {
            // A cancel can have won while Paid was being committed (rule B9).
            case ("paid", _):
                !events.contains { $0.sale == event.sale && $0.state == "cancelled" }
            case ("undelivered", "being-returned"), ("cancelled", "being-returned"),
                ("cancelled", "not-known-yet"), ("expired", "being-returned"),
                ("expired", "not-known-yet"):
                true
            default: false
            }
        }
    }

    /// The end of every test: nothing open, an orderly end.
    private func finish(_ allowance: Audit.Allowance) throws {
        guard daemon != nil else { return }
        try settle(atMost: allowance.openOrders)
        if !allowance.missingSlips { try awaitPaper() }
        let end = try stop()
        guard end == .exit(0) else { throw HarnessError("The daemon ended with \(end).") }
        reader?.waitUntilEnded(atMost: .seconds(5))
    }
}
