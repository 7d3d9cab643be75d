internal import Glibc
internal import Payments
internal import Threads

/// The talk with a printer on an open port. Every wait is bounded, and ends when the printer is
/// stopped or gone.
struct PrinterLink: ~Copyable {
    /// Why the talk is over.
    struct End: Error { let trouble: DeviceTrouble }

    /// At most so many bytes go out at once, and at most so many more wait in the kernel: a printer
    /// that says stop has room for 128 (device facts, 2.9).
    private static let chunk = 128
    private static let pace = Duration.milliseconds(20)

    private let port: SerialPort
    private let queue: PrintQueue
    private let timing: PrinterTiming
    private var marks = DamageMarks()
    private var reader = PrinterReplyReader()
    private var flood = FloodGuard()
    /// Replies nobody has taken yet; the oldest are dropped beyond 32.
    private var replies: [PrinterReply] = []
    /// The printer sent XOFF.
    private var isHeld = false

    init(_ port: consuming SerialPort, _ queue: PrintQueue, _ timing: PrinterTiming) {
        self.port = port
        self.queue = queue
        self.timing = timing
    }

    /// Whether the printer sends so much that nothing it says counts.
    var isFlooded: Bool { flood.isFlooded }

    // MARK: Waiting

    /// Waits until the time, a signal from the queue, or word from the printer. Returns whether the
    /// printer had news that nobody asked for.
    mutating func waitForNews(until deadline: BootTime?) throws(End) -> Bool {
        try step(until: deadline)
        let hasNews = replies.contains(.automaticStatus) || replies.contains(.resume)
        replies = []
        return hasNews
    }

    /// Waits until the time, reading what comes.
    mutating func pause(until end: BootTime) throws(End) {
        while BootClock.now() < end { try step(until: end) }
    }

    /// Forgets what was read and what waits in the kernel.
    mutating func discardInput() {
        port.discardInput()
        replies = []
    }

    /// One wait: for input, for a signal, if asked for room to write, or for the time.
    private mutating func step(until deadline: BootTime?, forRoom: Bool = false) throws(End) {
        if flood.timePassed(at: BootClock.now()) == .listensAgain { port.discardInput() }
        let deadline = [deadline, flood.deadline].compactMap(\.self).min()
        let events = (flood.isDeaf ? 0 : POLLIN) | (forRoom ? POLLOUT : 0)
        var descriptors = [
            pollfd(fd: queue.wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: !flood.isDeaf || forRoom ? port.descriptor : -1,
                events: Int16(events),
                revents: 0
            ),
        ]
        guard Poll.wait(&descriptors, until: deadline) else { return }
        if descriptors[0].revents != 0 {
            queue.wake.clear()
            if queue.isStopping { throw End(trouble: .stopped) }
        }
        if descriptors[1].revents & Int16(POLLIN) != 0 {
            try readInput()
        } else if descriptors[1].revents & ~Int16(POLLOUT) != 0 {
            throw End(trouble: .unplugged)
        }
    }

    private mutating func readInput() throws(End) {
        switch port.read() {
        case .gone: throw End(trouble: .unplugged)
        case .nothing: return
        case .bytes(let bytes):
            let now = BootClock.now()
            flood.bytesReceived(bytes.count, at: now)
            for reply in reader.bytesReceived(marks.unmarked(bytes), at: now) {
                if reply == .pause { isHeld = true }
                if reply == .resume { isHeld = false }
                replies.append(reply)
            }
            if replies.count > 32 { replies.removeFirst(replies.count - 32) }
        }
    }

    // MARK: Asking

    /// Asks for one real-time status byte; `nil` if the printer does not answer in time.
    mutating func ask(_ query: UInt8) throws(End) -> UInt8? {
        // Queries that the line does not take must not pile up behind each other.
        guard port.outputQueued < Self.chunk else { return nil }
        replies.removeAll { if case .realTimeStatus = $0 { true } else { false } }
        guard case .taken(3) = port.write(EscPos.realTimeStatus(query)[...]) else { return nil }
        let end = BootClock.now() + timing.replyTimeout
        while true {
            for case .realTimeStatus(let byte) in replies { return byte }
            guard BootClock.now() < end else { return nil }
            try step(until: end)
        }
    }

    /// The three bytes that matter; `nil` if one is not answered.
    mutating func status() throws(End) -> PrinterStatus? {
        var bytes: [UInt8] = []
        for query in PrinterStatus.queries {
            guard let byte = try ask(query) else {
                // A late answer must not be taken for the next one.
                discardInput()
                return nil
            }
            bytes.append(byte)
        }
        return PrinterStatus(printer: bytes[0], offlineCause: bytes[1], paper: bytes[2])
    }

    /// Waits until the time for the answer to GS r that was sent before.
    mutating func queuedStatus(until end: BootTime) throws(End) -> UInt8? {
        while true {
            for case .queuedStatus(let byte) in replies { return byte }
            guard BootClock.now() < end else { return nil }
            try step(until: end)
        }
    }

    mutating func forgetReplies() { replies = [] }

    // MARK: Sending

    /// Sends all bytes at the printer's pace. Returns `false` if it took none for the stall limit,
    /// or the time was over.
    mutating func send(_ bytes: [UInt8], until limit: BootTime) throws(End) -> Bool {
        var rest = bytes[...]
        var progress = BootClock.now()
        var queuedBefore = port.outputQueued
        while !rest.isEmpty {
            // Without waiting: XOFF may have come.
            try step(until: BootClock.now())
            let now = BootClock.now()
            let stall = min(progress + timing.stallLimit, limit)
            let queued = port.outputQueued
            if queued < queuedBefore { progress = now }
            queuedBefore = queued
            if now >= stall {
                abandonOutput()
                return false
            } else if isHeld {
                try step(until: stall)
            } else if queued > Self.chunk {
                try step(until: min(stall, now + Self.pace))
            } else {
                switch port.write(rest.prefix(Self.chunk)) {
                case .gone: throw End(trouble: .unplugged)
                case .taken(0): try step(until: stall, forRoom: true)
                case .taken(let count):
                    rest = rest.dropFirst(count)
                    progress = now
                }
            }
        }
        return true
    }

    /// Waits until the line has carried all that was sent. Returns `false` as ``send(_:until:)``
    /// does.
    mutating func drain(until limit: BootTime) throws(End) -> Bool {
        var progress = BootClock.now()
        var queuedBefore = port.outputQueued
        while port.outputQueued > 0 || isHeld {
            let now = BootClock.now()
            if port.outputQueued < queuedBefore { progress = now }
            queuedBefore = port.outputQueued
            let stall = min(progress + timing.stallLimit, limit)
            if now >= stall {
                abandonOutput()
                return false
            }
            try step(until: isHeld ? stall : min(stall, now + Self.pace))
        }
        return true
    }

    /// Gives up what the line did not take, and the stop that may have lost its end.
    mutating func abandonOutput() {
        port.discardOutput()
        isHeld = false
    }
}
