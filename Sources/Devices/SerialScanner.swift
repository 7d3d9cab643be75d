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
    /// One frame may be damaged by chance, and so may the next.
    private static let refusedThatTell = 3

    private let settings: SerialSettings
    private let framing: ScannerFraming
    private let onFrame: @Sendable (ScannedFrame) -> Void
    private let onState: @Sendable (DeviceState) -> Void
    private let wake = WakeDescriptor()
    private let control = Mutex(Control())

    private struct Control {
        var thread: OwnThread?
        var isStopping = false
        var state = DeviceState.absent(.notOpened)
        /// While the port is open: for looking at what waits in it.
        var descriptor: Int32?
        /// Bytes read since the port was opened.
        var received = 0
        /// What was received, or waited to be, up to this count is to be dropped.
        var discardUntil: Int?
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
    /// B8). What arrives after this call is kept, however late the thread comes to look.
    package func discardPending() {
        control.withLock { control in
            // Without an open port nothing waits: opening discards by itself.
            guard let descriptor = control.descriptor else { return }
            var waiting: Int32 = 0
            // The kernel writes one int; the descriptor is open while it is entered here.
            if unsafe ioctl(descriptor, UInt(FIONREAD), &waiting) != 0 { waiting = 0 }
            control.discardUntil = control.received + Int(waiting)
        }
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
        var marks = DamageMarks()
        var flood = FloodGuard()
        let descriptor = port.descriptor
        control.withLock {
            $0.descriptor = descriptor
            $0.received = 0
            $0.discardUntil = nil
        }
        defer { control.withLock { $0.descriptor = nil } }
        while true {
            switch flood.timePassed(at: BootClock.now()) {
            case .listensAgain:
                port.discardInput()
                control.withLock { $0.discardUntil = nil }
            case .calmedDown:
                // What has begun by now is of the flood, and so is its rest.
                parser.floodEnded(at: BootClock.now())
                report(.ready)
            case nil:
                break
            }
            var descriptors = [
                pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(
                    fd: flood.isDeaf ? -1 : port.descriptor,
                    events: Int16(POLLIN),
                    revents: 0
                ),
            ]
            let deadline = [parser.deadline, flood.deadline].compactMap(\.self).min()
            let isReady = Poll.wait(&descriptors, until: deadline)
            if descriptors[0].revents != 0 {
                wake.clear()
                if isStopping { return .stopped }
                if isDiscardDue() { parser.discarded(at: BootClock.now()) }
            } else if descriptors[1].revents & Int16(POLLIN) != 0 {
                guard let (bytes, stale, isEnd) = read(port, &marks) else { return .unplugged }
                let now = BootClock.now()
                // Read through the parser, so that the rest of a frame that has begun is recognised
                // and dropped too.
                _ = parser.bytesReceived(bytes.prefix(stale), at: now)
                if isEnd { parser.discarded(at: now) }
                let frames = parser.bytesReceived(bytes.dropFirst(stale), at: now)
                flood.bytesReceived(bytes.count, at: now)
                if flood.isFlooded {
                    report(.attention(.flooding))
                } else {
                    for frame in frames { deliver(frame) }
                    report(condition(of: parser))
                }
            } else if descriptors[1].revents != 0 {
                return .unplugged
            } else if !isReady, let frame = parser.lineIdle(at: BootClock.now()), !flood.isFlooded {
                deliver(frame)
                report(condition(of: parser))
            }
        }
    }

    /// A wrong baud rate or parity gives garbage, not silence (device facts, 1.2).
    private func condition(of parser: ScannerParser) -> DeviceState {
        parser.refusedInRow < Self.refusedThatTell ? .ready : .attention(.unreadable)
    }

    /// Reads once. Under the lock, so that ``discardPending()`` counts either side of it; the port
    /// never blocks.
    ///
    /// - Returns: the bytes, how many of them are to be dropped, and whether what was to be dropped
    ///   ends there; `nil` if the port is gone.
    private func read(
        _ port: borrowing SerialPort,
        _ marks: inout DamageMarks,
    ) -> (bytes: [UInt8], stale: Int, isEnd: Bool)? {
        let input = control.withLock { control -> (SerialPort.Input, Int, Bool) in
            let input = port.read()
            guard case .bytes(let bytes) = input else { return (input, 0, false) }
            let before = control.received
            control.received += bytes.count
            guard let until = control.discardUntil else { return (input, 0, false) }
            guard control.received >= until else { return (input, bytes.count, false) }
            control.discardUntil = nil
            return (input, max(0, until - before), true)
        }
        guard case .bytes(let bytes) = input.0 else { return nil }
        let stale = marks.unmarked(bytes.prefix(input.1))
        return (stale + marks.unmarked(bytes.dropFirst(input.1)), stale.count, input.2)
    }

    /// Whether a discard was asked for and nothing of it is left to read.
    private func isDiscardDue() -> Bool {
        control.withLock { control in
            guard let until = control.discardUntil, until <= control.received else { return false }
            control.discardUntil = nil
            return true
        }
    }

    private func deliver(_ frame: ScannedFrame) {
        // Asked to discard between the read and here: the frame is older than the request.
        guard control.withLock({ $0.discardUntil == nil && !$0.isStopping }) else { return }
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
