package import Payments
internal import Synchronization
internal import Threads

/// An ESC/POS receipt printer on a serial port, on a thread of its own. Nothing here makes its
/// callers wait.
///
/// The port stays open, because opening it can reset the printer; a lost one is tried every 0.25 s
/// to 5 s. An idle printer is asked how it is every 10 s, one in trouble every second, one whose
/// profile has no status never.
package final class ReceiptPrinter: Sendable {
    private let settings: SerialSettings
    private let profile: PrinterProfile
    private let merchant: MerchantText
    private let onState: @Sendable (DeviceState) -> Void
    private let timing: PrinterTiming
    private let queue = PrintQueue()
    private let control = Mutex(Control())

    private struct Control {
        var thread: OwnThread?
        var state = DeviceState.absent(.notOpened)
    }

    /// `onState` runs on the printer's thread, on changes only, and must return quickly.
    package convenience init(
        settings: SerialSettings,
        profile: PrinterProfile,
        merchant: MerchantText,
        onState: @escaping @Sendable (DeviceState) -> Void,
    ) {
        self.init(
            settings: settings,
            profile: profile,
            merchant: merchant,
            timing: PrinterTiming(),
            onState: onState,
        )
    }

    init(
        settings: SerialSettings,
        profile: PrinterProfile,
        merchant: MerchantText,
        timing: PrinterTiming,
        onState: @escaping @Sendable (DeviceState) -> Void,
    ) {
        self.settings = settings
        self.profile = profile
        self.merchant = merchant
        self.timing = timing
        self.onState = onState
    }

    /// Whether this system can turn Chinese into the printer's bytes; slips are in English alone where it cannot.
    package static var canWriteChinese: Bool { GB18030Encoder() != nil }

    /// What the printer is now.
    package var state: DeviceState { control.withLock { $0.state } }

    /// Begins; once only, a second call does nothing.
    package func start() {
        control.withLock {
            guard $0.thread == nil, !queue.isStopping else { return }
            $0.thread = OwnThread(name: "printer") { self.run() }
        }
    }

    /// Waits until every slip has come out, at most `limit`; not for a printer that cannot print now, but for one that has not
    /// been asked yet. Blocks: the last payer's receipt is to come out before ``stop()``.
    package func finish(atMost limit: Duration) {
        queue.waitUntilIdle(atMost: limit) { state.isUsable || state == .absent(.notOpened) }
    }

    /// Ends every slip that waits or is being printed as failed (`stopped`), closes the port and
    /// waits for that, at most two seconds.
    package func stop() {
        queue.stop()
        guard let thread = control.withLock({ $0.thread }) else {
            queue.failAll(for: .stopped)
            return
        }
        thread.waitUntilEnded(atMost: .seconds(2))
    }

    /// Prints a slip when its turn comes; returns at once.
    ///
    /// `completion` is called exactly once, on the printer's thread, or at once on the caller's if
    /// the slip is not taken: at most 8 wait. A slip waits at most 60 s for a printer that can
    /// print, and takes at most about 60 s more.
    package func print(
        _ slip: Slip,
        completion: @escaping @Sendable (PrintResult) -> Void,
    ) {
        let job = PrintQueue.Job(
            slip: slip,
            expires: BootClock.now() + timing.patience,
            completion: completion,
        )
        if let refusal = queue.append(job) { completion(.failed(refusal)) }
    }

    // MARK: The thread

    private func run() {
        let typesetter = SlipTypesetter(profile, merchant, GB18030Encoder())
        var delay = ReopenDelay()
        var mustSeparate = false
        while !queue.isStopping {
            let opened = BootClock.now()
            do {
                let port = try SerialPort.open(settings)
                var session = PrinterSession(
                    PrinterLink(port, queue, timing),
                    settings: settings,
                    profile: profile,
                    typesetter: typesetter,
                    queue: queue,
                    timing: timing,
                    mustSeparate: mustSeparate,
                    report: report,
                )
                let end = session.run()
                mustSeparate = end.mustSeparate
                report(.absent(end.trouble))
                if BootClock.now() >= opened + .seconds(10) { delay.reset() }
            } catch {
                report(.absent(error.trouble))
            }
            waitWithoutPort(until: BootClock.now() + delay.next())
        }
        report(.absent(.stopped))
        queue.failAll(for: .stopped)
    }

    private func waitWithoutPort(until end: BootTime) {
        while !queue.isStopping {
            let now = BootClock.now()
            queue.expire(at: now, for: state.trouble ?? .notOpened)
            guard now < end else { return }
            queue.wake.wait(until: min(end, queue.nextExpiry ?? end))
            queue.wake.clear()
        }
    }

    private func report(_ state: DeviceState) {
        let isNews = control.withLock { control in
            guard control.state != state else { return false }
            control.state = state
            return true
        }
        if isNews { onState(state) }
    }
}
