internal import Glibc
internal import Payments
internal import Synchronization
internal import Threads

/// A bar code scanner on a serial port, on a thread of its own: opened, read, framed, and opened
/// again when it comes back.
///
/// Idle it uses no processor time: while nothing is pending its thread waits without a time-out. A
/// missing port is tried every 0.25 s to 5 s.
package final class SerialScanner: Sendable {
    private let settings: SerialSettings
    private let framing: ScannerFraming
    private let onFrame: @Sendable (ScannedFrame) -> Void
    private let onState: @Sendable (DeviceState) -> Void
    private let wake = WakeDescriptor()
    private let control = Mutex(Control())

    private struct Control {
        var thread: OwnThread?
        var isStopping = false
        var mustDiscard = false
        var state = DeviceState.absent(.notOpened)
    }

    /// Both callbacks run on the scanner's thread, in order, and must return quickly. `onState` is
    /// called on changes only.
    package init(
        settings: SerialSettings,
        framing: ScannerFraming = ScannerFraming(),
        onFrame: @escaping @Sendable (ScannedFrame) -> Void,
        onState: @escaping @Sendable (DeviceState) -> Void,
    ) {
        self.settings = settings
        self.framing = framing
        self.onFrame = onFrame
        self.onState = onState
    }

    /// What the scanner is now.
    package var state: DeviceState { control.withLock { $0.state } }

    /// Begins; once only, a second call does nothing.
    package func start() {
        control.withLock {
            guard $0.thread == nil, !$0.isStopping else { return }
            $0.thread = OwnThread(name: "scanner") { self.run() }
        }
    }

    /// Closes the port for good and waits for that, at most two seconds. No callback begins
    /// afterwards.
    package func stop() {
        let thread = control.withLock {
            $0.isStopping = true
            return $0.thread
        }
        wake.signal()
        thread?.waitUntilEnded(atMost: .seconds(2))
    }

    /// Drops what has arrived and was not delivered yet, so that a stale scan is not charged (rule
    /// B8).
    package func discardPending() {
        control.withLock { $0.mustDiscard = true }
        wake.signal()
    }

    // MARK: The thread

    private func run() {
        var delay = ReopenDelay()
        while !isStopping {
            let opened = BootClock.now()
            do {
                let port = try SerialPort.open(settings)
                // Bytes from before the opening belong to nobody; those after "ready" do.
                port.discardInput()
                report(.ready)
                report(.absent(listen(to: port)))
                if BootClock.now() >= opened + .seconds(10) { delay.reset() }
            } catch {
                report(.absent(error.trouble))
            }
            pause(until: BootClock.now() + delay.next())
        }
        report(.absent(.stopped))
    }

    /// Reads until the port is gone or the scanner is stopped; says why it ended.
    private func listen(to port: borrowing SerialPort) -> DeviceTrouble {
        var parser = ScannerParser(framing)
        var flood = FloodGuard()
        while true {
            var descriptors = [
                pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: port.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let isReady = Poll.wait(&descriptors, until: parser.deadline)
            if descriptors[0].revents != 0 {
                wake.clear()
                if isStopping { return .stopped }
                guard discardIfAsked(port, &parser) else { return .unplugged }
            } else if descriptors[1].revents & Int16(POLLIN) != 0 {
                guard case .bytes(let bytes) = port.read() else { return .unplugged }
                let now = BootClock.now()
                for frame in parser.bytesReceived(bytes, at: now) { deliver(frame) }
                if let end = flood.pause(afterReading: bytes.count, at: now) {
                    report(.attention(.flooding))
                    pause(until: end)
                    port.discardInput()
                    parser.discarded(at: BootClock.now())
                    report(.ready)
                }
            } else if descriptors[1].revents != 0 {
                return .unplugged
            } else if !isReady, let frame = parser.lineIdle(at: BootClock.now()) {
                deliver(frame)
            }
        }
    }

    /// Reads what is queued through the parser, so that the rest of a frame that has begun is
    /// recognised and dropped too. Bounded by the flood that a second can bring. Returns whether
    /// the port is still there.
    private func discardIfAsked(
        _ port: borrowing SerialPort,
        _ parser: inout ScannerParser,
    ) -> Bool {
        let mustDiscard = control.withLock { control in
            defer { control.mustDiscard = false }
            return control.mustDiscard
        }
        guard mustDiscard else { return true }
        for _ in 0..<64 {
            var descriptors = [pollfd(fd: port.descriptor, events: Int16(POLLIN), revents: 0)]
            guard Poll.wait(&descriptors, until: BootClock.now()) else { break }
            switch port.read() {
            case .bytes(let bytes): _ = parser.bytesReceived(bytes, at: BootClock.now())
            case .nothing: break
            case .gone: return false
            }
        }
        parser.discarded(at: BootClock.now())
        return true
    }

    private func deliver(_ frame: ScannedFrame) {
        // Asked to discard between the read and here: the frame is older than the request.
        guard control.withLock({ !$0.mustDiscard && !$0.isStopping }) else { return }
        onFrame(frame)
    }

    private func report(_ state: DeviceState) {
        let isNews = control.withLock { control in
            guard control.state != state else { return false }
            control.state = state
            return true
        }
        if isNews { onState(state) }
    }

    /// Waits for the time or the end of the scanner.
    private func pause(until end: BootTime) {
        while !isStopping, BootClock.now() < end {
            wake.wait(until: end)
            wake.clear()
        }
    }

    private var isStopping: Bool { control.withLock { $0.isStopping } }
}
