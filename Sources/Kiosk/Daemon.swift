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
        let lights = Self.lights(configuration, log)

        let bootID = MachineFacts.bootID()
        let opening = KioskClock(bootID: bootID, latestStored: nil)
        let journal = try Journal.open(
            directory: state,
            machineID: MachineFacts.machineID(),
            now: opening.now()
        )
        let clock = KioskClock(bootID: bootID, latestStored: journal.latestWall)
        let relay = EventRelay(clock: clock, log: log)
        let hash = try KeyedHash(directory: state)

        client = try Self.client(configuration, clock, relay)
        let feed = LiveFeed()
        let returns = ReturnsTold(
            path: configuration.api.socket + ReturnsTold.suffix,
            bootID: bootID
        )
        let parts = Shell.Parts(
            journal: journal,
            platform: try Self.platform(installation, client, log),
            timers: TimerService(),
            scanner: Self.scanner(configuration, hash, relay),
            printer: try Self.printer(configuration, relay),
            lights: lights,
            clock: clock,
            feed: feed,
            returns: returns,
            log: log
        )

        let (till, actions) = Till.recovering(
            // Of a damaged journal nothing was read; what stands in for it has none.
            journal.damage == nil
                ? try journal.openRows(now: clock.now(), codeMemory: policy.timing.codeMemory)
                : OpenRows(),
            policy: policy,
            generator: SystemRandomNumberGenerator(),
            at: clock.now(),
            custody: journal.custody,
            returnsTold: returns.read()
        )
        let drained = drained
        shell = Shell(till: till, parts: parts, onStop: { drained.signal() })
        start = Start(actions: actions)
        reserve = ReserveKeeper(shell, interval: policy.timing.probe)
        relay.attach(EventRelay.Receiver(shell, client))
        interface = LocalInterface(
            settings: try configuration.localInterfaceSettings(installation.secrets),
            control: ShellControl(
                shell: shell,
                currency: policy.sale.currency,
                networkTrouble: { relay.networkTrouble }
            ),
            feed: feed,
            bodyHash: ContentHash.sha256,
            logger: log,
            onListening: { [notifier] _ in
                notifier.ready(status: "Up.")
                log.notice("The kiosk is up.", metadata: ["version": "\(Version.text)"])
            }
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

extension EventRelay.Receiver {
    fileprivate init(_ shell: Shell, _ client: HTTPSClient) {
        deliver = { shell.deliver($0) }
        scanned = { shell.scanned($0, fingerprint: $1) }
        checkValidityDates = { client.setValidityDatesChecked($0) }
    }
}
