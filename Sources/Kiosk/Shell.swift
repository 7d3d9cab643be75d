internal import Devices
internal import Journal
internal import Logging
internal import Payments
internal import Synchronization

/// The loop around the machine: one event at a time goes in, its actions are performed in order, what comes of them comes
/// back as events. Decides nothing (see ``ShellContract``).
///
/// Events come from any thread; the thread that finds nobody at work works the queue off. Performing only hands over, so no
/// thread is held up.
final class Shell: Sendable {
    struct Parts: Sendable {
        let journal: Journal
        let platform: PlatformLink
        let timers: TimerService
        let scanner: SerialScanner
        let printer: ReceiptPrinter?
        let lights: any StatusLights
        let clock: KioskClock
        let feed: LiveFeed
        let returns: ReturnsTold
        let log: Logger
    }

    private struct State: ~Copyable {
        var till: Till
        var waiting: [TillEvent] = []
        /// From the start, so that nothing is handled before ``Shell/begin(_:)``.
        var isWorking = true
        var order = RecordOrder()
    }

    private let state: Mutex<State>
    let parts: Parts
    let answers: AnswerBoard
    private let latency = LatencyTrace()
    private let onStop: @Sendable () -> Void

    /// - Parameter onStop: the machine has nothing under way any more; the process may end.
    init(
        till: Till,
        parts: Parts,
        answers: AnswerBoard = AnswerBoard(),
        onStop: @escaping @Sendable () -> Void,
    ) {
        state = Mutex(State(till: till))
        self.parts = parts
        self.answers = answers
        self.onStop = onStop
    }

    /// Performs the actions of the machine's recovery; events that came earlier are handled after them. Once only.
    func begin(_ actions: [TillAction]) {
        perform(actions)
        workOff()
    }

    /// Reports what has happened. Never blocks for longer than handing over takes.
    func deliver(_ event: TillEvent) {
        CrashPoint.pass(on: event)
        let isMine = state.withLock { state in
            state.waiting.append(event)
            defer { state.isWorking = true }
            return !state.isWorking
        }
        if isMine { workOff() }
    }

    /// A look at the machine, between two events.
    func look<Value>(_ body: (Till) -> Value) -> Value {
        state.withLock { body($0.till) }
    }

    private func workOff() {
        while true {
            let step: (event: TillEvent, actions: [TillAction])? = state.withLock { state in
                guard !state.waiting.isEmpty else {
                    state.isWorking = false
                    return nil
                }
                let event = state.waiting.removeFirst()
                return (event, state.till.handle(event, at: parts.clock.now()))
            }
            guard let step else { return }
            perform(step.actions)
            if step.event.answersRecord { parts.platform.forgetPreparedSubmit() }
            note(step.event)
        }
    }

    private func perform(_ actions: [TillAction]) {
        for action in actions {
            CrashPoint.pass(before: action)
            perform(action)
            CrashPoint.pass(after: action)
        }
    }

    /// The one switch from words to deeds.
    private func perform(_ action: TillAction) {
        switch action {
        case .record(let record): commit(record)
        case .submit(let order, let code, let amount, let description):
            submit(order, code, amount, description)
        case .prepareSubmit(let order, let code, let amount, let description):
            parts.platform.prepareSubmit(order, code, amount, description: description)
        case .abandonSubmit(let order): parts.platform.abandonSubmit(order)
        case .query(let order, let amount):
            parts.platform.query(order, amount) { [self] in deliver(.queryEnded(order, $0)) }
        case .reverse(let order):
            parts.platform.reverse(order) { [self] in deliver(.reverseEnded(order, $0)) }
        case .refund(let order, let amount):
            parts.platform.refund(order, amount) { [self] in deliver(.refundEnded(order, $0)) }
        case .refundQuery(let order, let amount):
            parts.platform.refundQuery(order, amount) { [self] in
                deliver(.refundQueryEnded(order, $0))
            }
        case .probe(let order):
            parts.platform.probe(order) { [self] in deliver(.probeEnded($0)) }
        case .openAhead: parts.platform.openAhead()
        case .arm(let id, let due): parts.timers.arm(id, at: due)
        case .disarm(let id): parts.timers.disarm(id)
        case .show(let display): parts.lights.show(display)
        case .print(let slip): print(slip)
        case .announce(let event):
            log(event)
            parts.feed.publish(.event(event))
        case .notice(let notice):
            parts.log.info("The payer is told something.", metadata: ["notice": "\(notice.word)"])
            parts.feed.publish(.notice(notice))
        case .rememberReturn(let order): remember(order)
        case .answer(let request, let answer):
            if !answers.give(answer, to: request) { logLateAnswer(answer) }
        case .discardScans: parts.scanner.discardPending()
        case .stop: onStop()
        }
    }

    private func remember(_ order: OrderNumber) {
        guard let reason = parts.returns.add(order) else { return }
        parts.log.error(
            """
            The payer is told that this order's money goes back, and that could not be noted; the money goes back, unless \
            kioskpayd is restarted before the time to claim is over.
            """,
            metadata: ["order": "\(order)", "reason": "\(reason)"]
        )
    }

    private func commit(_ record: Record) {
        state.withLock { $0.order.recorded(record.id) }
        parts.journal.commit(record) { [self] result in
            if case .failure(let error) = result, error.kind == .closed {
                // At the very end the journal refuses at once what comes after its closing, while it still answers what came
                // before: only then may answers overtake each other.
                deliver(.commitFailed(record.id))
                return
            }
            let isInOrder = state.withLock { $0.order.answered(record.id) }
            precondition(isInOrder, "The journal answered records out of order.")
            switch result {
            case .success:
                deliver(.committed(record.id))
            case .failure(let error):
                parts.log.error("\(error.description)")
                deliver(.commitFailed(record.id))
            }
        }
    }

    private func submit(
        _ order: OrderNumber,
        _ code: PaymentCode,
        _ amount: Money,
        _ description: String,
    ) {
        let scanned = latency.lastScan
        parts.platform.submit(
            order,
            code,
            amount,
            description: description,
            deliver: { [self] in deliver($0) },
            trace: { [log = parts.log] trace in
                var metadata: Logger.Metadata = ["order": "\(order)"]
                if let failure = trace.failure { metadata["failure"] = "\(failure)" }
                if let first = trace.firstWriteNanoseconds, let scanned {
                    metadata["scan-to-wire-us"] = "\((first - scanned) / 1_000)"
                }
                log.debug("The submit's transmission has ended.", metadata: metadata)
            }
        )
    }

    /// A complete frame: recognised here, decided by the machine.
    func scanned(_ frame: ScannedFrame, fingerprint: CodeFingerprint) {
        latency.scanned(at: frame.lastByte)
        deliver(.codeScanned(ScannedCode(recognising: frame.text), fingerprint))
    }

    private func print(_ slip: Slip) {
        guard let printer = parts.printer else { return }
        printer.print(slip) { [log = parts.log] result in
            let metadata: Logger.Metadata = slip.sale.map { ["sale": "\($0)"] } ?? [:]
            switch result {
            case .confirmed: log.info("The slip was printed.", metadata: metadata)
            case .sentUnconfirmed:
                log.info("The slip was sent; the printer cannot confirm it.", metadata: metadata)
            case .failed(let failure): log.warning("\(failure.sentence)", metadata: metadata)
            }
        }
    }
}

extension TillEvent {
    /// Whether the journal has answered.
    fileprivate var answersRecord: Bool {
        if case .committed = self { return true }
        if case .commitFailed = self { return true }
        return false
    }
}
