internal import Devices
internal import Journal
package import Logging
internal import Payments
package import Provisioning
internal import ServiceLifecycle
internal import Synchronization
internal import Threads
internal import Transport
internal import UnixSignals
internal import WeChatPay

/// The whole kiosk: puts the rooms together, starts them, and ends them in order.
///
/// Nothing outside delays the start: a device or a network that is missing is a state, not an error.
package struct Daemon: Sendable {
    /// An attempt that has just begun may take until the platform's own end, and a little more; the unit's
    /// `TimeoutStopSec` must be longer.
    private let drainLimit: Duration
    /// For slips that still come out at the end.
    static let paperLimit = Duration.seconds(10)

    private let shell: Shell
    private let client: HTTPSClient
    private let interface: LocalInterface
    private let notifier = SystemdNotifier()
    private let log: Logger
    private let start: Start
    private let drained = WakeDescriptor()
    private let hangup: HangupService
    private let reserve: ReserveKeeper

    /// What happens once everything is put together.
    private struct Start: Sendable {
        let actions: [TillAction]
    }

    /// Opens the journal and puts everything together; no device, connection or listener is touched yet, but the
    /// lights, which show out of service from the first moment. Blocks.
    ///
    /// - Parameters:
    ///   - configurationFile: looked at again on SIGHUP.
    ///   - state: the state directory, which must exist with mode 0700.
    /// - Throws: one sentence on what keeps the daemon from starting.
    package init(
        installation: Installation,
        configurationFile: String,
        state: String,
        log: Logger
    ) throws {
        self.log = log
        hangup = HangupService(configurationFile: configurationFile, log: log)
        let configuration = installation.configuration
        let policy = try configuration.policy()
        drainLimit = policy.timing.hardEnd + policy.timing.lastQueryWait + .seconds(2)
        let relay = EventRelay()
        let lights = Self.openLights(configuration.lightsSettings(), log)

        let bootID = MachineFacts.bootID()
        let opening = KioskClock(bootID: bootID, latestStored: nil)
        let journal = try Journal.open(
            directory: state,
            machineID: MachineFacts.machineID(),
            now: opening.now()
        )
        let clock = KioskClock(bootID: bootID, latestStored: journal.latestWall)
        let hash = try KeyedHash(directory: state)

        var https = configuration.httpsConfiguration()
        https.checksValidityDates = clock.isSystemTimeTrusted
        client = try HTTPSClient(
            https,
            onNetworkChange: { isReachable, reason in
                relay.networkChanged(isReachable, reason)
            },
            onDate: { seconds in relay.learn(seconds) }
        )
        let dialect = try V2Dialect(
            credentials: try configuration.credentials(installation.secrets),
            terminalIP: configuration.weChat.terminalIP ?? MachineFacts.address(),
            kiosk: policy.kiosk
        )

        let feed = LiveFeed()
        let parts = Shell.Parts(
            journal: journal,
            platform: PlatformLink(dialect: dialect, client: client),
            timers: TimerService(),
            scanner: SerialScanner(
                settings: configuration.scanner.line.settings(),
                framing: configuration.scanner.framing(),
                onFrame: { relay.scanned($0, hash) },
                onState: { relay.deviceChanged(.scanner, $0) }
            ),
            printer: try Self.printer(configuration, relay),
            lights: lights,
            clock: clock,
            feed: feed,
            log: log
        )

        let (till, actions) = Till.recovering(
            // Of a damaged journal nothing was read; what stands in for it has none.
            journal.damage == nil ? try journal.openRows(now: clock.now()) : OpenRows(),
            policy: policy,
            generator: SystemRandomNumberGenerator(),
            at: clock.now(),
            custody: journal.custody
        )
        let drained = drained
        shell = Shell(till: till, parts: parts, onStop: { drained.signal() })
        start = Start(actions: actions)
        reserve = ReserveKeeper(shell, interval: policy.timing.probe)
        relay.attach(shell, client)
        interface = LocalInterface(
            settings: try configuration.localInterfaceSettings(installation.secrets),
            control: ShellControl(shell: shell, currency: policy.sale.currency),
            feed: feed,
            bodyHash: { hash.hash($0) },
            logger: log,
            onListening: { [notifier] _ in
                notifier.ready(status: "Up.")
                log.notice("The kiosk is up.", metadata: ["version": "\(Version.text)"])
            }
        )
    }

    /// What this version cannot do of what the configuration asks, beyond what its schema says: a sentence each with the
    /// key; empty when all is well.
    package static func problems(of installation: Installation) -> [String] {
        let configuration = installation.configuration
        let checks: [() throws -> Void] = [
            { _ = try configuration.policy() },
            { _ = try configuration.printerProfile() },
            { _ = try configuration.credentials(installation.secrets) },
            { _ = try configuration.localInterfaceSettings(installation.secrets) },
            { try configuration.checkPulse() },
        ]
        return checks.compactMap { check in
            do {
                try check()
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    private static func openLights(
        _ settings: LightsSettings,
        _ log: Logger,
    ) -> any StatusLights {
        do {
            return try openStatusLights(settings) { state in
                guard let trouble = state.trouble else { return }
                log.error("The lights do not work. \(trouble.sentence)")
            }
        } catch {
            // A kiosk whose lights fail still takes and returns money; the log and the status say so.
            log.error("\(error.description)")
            return NoLights()
        }
    }

    private static func printer(
        _ configuration: Configuration,
        _ relay: EventRelay,
    ) throws(SetupError) -> ReceiptPrinter? {
        guard let printer = configuration.printer,
            let profile = try configuration.printerProfile()
        else { return nil }
        return ReceiptPrinter(
            settings: printer.line.settings(),
            profile: profile,
            merchant: configuration.merchantText(),
            onState: { relay.deviceChanged(.printer, $0) }
        )
    }

    /// Runs until SIGTERM or SIGINT, drains, and returns.
    package func run() async throws {
        // The lifecycle's own lines print whole services; what matters of them is in our log already.
        var quiet = log
        quiet.logLevel = .warning
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServiceGroupConfiguration.ServiceConfiguration(service: interface),
                    ServiceGroupConfiguration.ServiceConfiguration(service: hangup),
                    ServiceGroupConfiguration.ServiceConfiguration(service: reserve),
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: ShellService(daemon: self)
                    ),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: quiet
            )
        )
        try await group.run()
    }

    /// Everything moves from here on: recovery first, then the devices.
    fileprivate func begin() {
        let journal = shell.parts.journal
        if let detail = shell.journalStatus.detail, !isTakenOver { log.critical("\(detail)") }
        shell.parts.timers.start { [shell] in shell.deliver(.timerFired($0)) }
        // Adopted while no daemon ran, or the power went before the rows were taken over (rules A5, A6).
        if isTakenOver { shell.deliver(.journalAdopted) }
        shell.begin(start.actions)
        journal.onDamage { [shell, log] _ in
            log.critical("\(shell.parts.journal.damageSentence)")
            shell.deliver(.journalDamaged)
        }
        shell.parts.scanner.start()
        shell.parts.printer?.start()
        checkJournal()
    }

    private var isTakenOver: Bool {
        let journal = shell.parts.journal
        return journal.custody == .foreign && journal.origin == .same
    }

    /// The full check runs beside the sales, throttled; what it finds ends them until a person acts (rule A6).
    private func checkJournal() {
        do {
            try shell.parts.journal.checkIntegrity { [log] report in
                for problem in report.problems.prefix(10) {
                    log.error("The journal is damaged.", metadata: ["problem": "\(problem)"])
                }
            }
        } catch {
            log.error("\(error.description)")
        }
    }

    /// SIGTERM: nothing new, what is under way comes to its end, then everything closes in order.
    fileprivate func end() async {
        notifier.stopping()
        log.notice("Stopping: no new sales; what is under way is finished first.")
        shell.deliver(.stopAsked)
        await withCheckedContinuation { continuation in
            // A thread of ours waits, because it may take as long as a payment.
            _ = OwnThread(name: "end") { [self] in
                if !drained.wait(atMost: drainLimit) {
                    log.warning(
                        "Not everything came to its end in time; the journal knows, and the next start goes on."
                    )
                }
                shell.parts.scanner.stop()
                // The last payer waits for the receipt.
                shell.parts.printer?.finish(atMost: Self.paperLimit)
                shell.parts.printer?.stop()
                shell.parts.timers.stop()
                client.shutdown()
                if !shell.parts.journal.close() {
                    log.error("The journal did not close in time; committed rows are safe.")
                }
                shell.parts.lights.stop()
                continuation.resume()
            }
        }
    }

    private struct ShellService: Service {
        let daemon: Daemon

        func run() async throws {
            daemon.begin()
            try? await gracefulShutdown()
            await daemon.end()
        }
    }
}
