internal import Glibc
internal import Synchronization
internal import Threads

/// A slip that came out of a simulated printer.
package struct SimulatedSlip: Hashable, Sendable {
    /// The printed lines, indentation included.
    package let lines: [String]

    /// Where the printer was set back: between the lines of a slip that was broken off and those of the next, which are on the
    /// same piece of paper.
    let seams: [Int]

    /// The lines as one text.
    package var text: String { lines.joined(separator: "\n") }

    /// What was printed on this piece of paper, a slip that was broken off apart from the one that followed.
    package var parts: [String] {
        zip([0] + seams, seams + [lines.count]).filter { $0 < $1 }
            .map { lines[$0..<$1].joined(separator: "\n") }
    }
}

/// A receipt printer made of a pseudo terminal, on a thread of its own.
package final class SimulatedPrinter: Sendable {
    /// What can be wrong with a printer; change it with ``SimulatedPrinter/change(_:)``.
    package struct Condition: Hashable, Sendable {
        package var hasPaper = true
        package var isPaperLow = false
        package var isCoverOpen = false
        /// Takes everything and answers nothing.
        package var isSilent = false
        /// Some printers do not know GS r.
        package var answersQueuedStatus = true
        /// After so many more lines the paper ends.
        package var linesLeft: Int?

        var isOnline: Bool { hasPaper && !isCoverOpen }
    }

    /// How many slips are remembered; the oldest are forgotten first.
    private static let slipCapacity = 1000
    /// The receive buffer. When it is full nothing more is read, and the line backs up.
    private static let bufferCapacity = 4096

    private struct State: ~Copyable {
        var terminal: PseudoTerminal?
        var path = ""
        var condition = Condition()
        var filter = RealTimeFilter()
        var buffer: [UInt8] = []
        var decoder: EscPosDecoder
        var lines: [String] = []
        var seams: [Int] = []
        var slips: [SimulatedSlip] = []
        var finished: [SimulatedSlip] = []
        var output: [UInt8] = []
        var isClosed = false
    }

    private let link: String?
    private let columns: Int
    private let hasCutter: Bool
    private let onSlip: @Sendable (SimulatedSlip) -> Void
    private let state: Mutex<State>
    private let signal = WakeDescriptor()

    /// Plugged in at once. `link` is a stable path that is there while the printer is. Without a
    /// cutter a feed of three lines or more ends a slip. `onSlip` runs on the printer's thread.
    /// ``close()`` ends the printer.
    package init(
        link: String? = nil,
        columns: Int = 48,
        hasCutter: Bool = true,
        onSlip: @escaping @Sendable (SimulatedSlip) -> Void = { _ in },
    ) throws(SimulatedDeviceError) {
        self.link = link
        self.columns = columns
        self.hasCutter = hasCutter
        self.onSlip = onSlip
        state = Mutex(State(decoder: EscPosDecoder(columns: columns)))
        try plug()
        _ = OwnThread(name: "twin") { self.run() }
    }

    /// Where the printer is plugged in: the stable link if there is one, else the pseudo terminal's
    /// own path.
    package var path: String { link ?? state.withLock { $0.path } }

    package var isPlugged: Bool { state.withLock { $0.terminal != nil } }

    /// The slips that have come out, oldest first.
    package var slips: [SimulatedSlip] { state.withLock { $0.slips } }

    /// What stands on the paper below the last cut.
    package var unfinishedLines: [String] { state.withLock { $0.lines } }

    /// Bytes that no receipt printer understands: 0 as long as the daemon is right.
    package var unknownCount: Int { state.withLock { $0.decoder.unknownCount } }

    package var condition: Condition { state.withLock { $0.condition } }

    /// Takes the paper out, opens the cover, and so on; what waits is printed when the printer is
    /// well again.
    package func change(_ change: (inout Condition) -> Void) {
        state.withLock { change(&$0.condition) }
        signal.signal()
    }

    /// Sends bytes that nobody asked for; beyond 64 KiB waiting they are dropped.
    package func sendGarbage(_ bytes: [UInt8]) {
        state.withLock { if $0.output.count <= 65_536 { $0.output += bytes } }
        signal.signal()
    }

    /// Pulls the plug: the stable link goes, the open port hangs up, and what was not printed is
    /// forgotten.
    package func unplug() {
        if let link { StableLink.remove(link) }
        state.withLock { $0.terminal = nil }
        signal.signal()
    }

    /// Plugs the printer in again: another terminal behind the same stable link.
    package func plug() throws(SimulatedDeviceError) {
        try state.withLock { state throws(SimulatedDeviceError) in
            let terminal = try PseudoTerminal()
            if let link { try StableLink.make(link, to: terminal.path) }
            state.path = terminal.path
            state.terminal = consume terminal
            state.filter = RealTimeFilter()
            state.buffer = []
            state.output = []
            state.decoder = EscPosDecoder(columns: columns)
        }
        signal.signal()
    }

    /// Unplugs for good and ends the thread.
    package func close() {
        unplug()
        state.withLock { $0.isClosed = true }
        signal.signal()
    }

    // MARK: The thread

    private func run() {
        while true {
            // Under the lock, so that the descriptor cannot be closed and reused between looking
            // and reading.
            let (finished, listensTo, isClosed, isBehind) = state.withLock { state in
                serve(&state)
                defer { state.finished = [] }
                let listens = state.buffer.count < Self.bufferCapacity
                let descriptor: Int32? = listens ? state.terminal?.descriptor : nil
                return (state.finished, descriptor, state.isClosed, !state.output.isEmpty)
            }
            finished.forEach(onSlip)
            if isClosed { return }
            let soon = ContinuousClock.now + .milliseconds(2)
            _ = signal.wait(for: listensTo, until: isBehind ? soon : nil)
        }
    }

    private func serve(_ state: inout State) {
        guard state.terminal != nil else {
            state.buffer = []
            state.output = []
            return
        }
        if state.buffer.count < Self.bufferCapacity, let bytes = state.terminal?.read() {
            let (data, queries) = state.filter.received(bytes)
            state.buffer += data
            if !state.condition.isSilent {
                state.output += queries.map { state.condition.answer(toRealTime: $0) }
            }
        }
        interpret(&state)
        if !state.output.isEmpty, let count = state.terminal?.write(state.output[...]) {
            state.output.removeFirst(count)
        }
    }

    /// Prints what has arrived, as long as there is paper and the cover is closed.
    private func interpret(_ state: inout State) {
        var next = 0
        while next < state.buffer.count, state.condition.isOnline {
            let events = state.decoder.received(state.buffer[next])
            next += 1
            for event in events { perform(event, &state) }
        }
        state.buffer.removeFirst(next)
    }

    private func perform(_ event: EscPosDecoder.Event, _ state: inout State) {
        switch event {
        case .line(let line):
            state.lines.append(line)
            if let left = state.condition.linesLeft {
                state.condition.linesLeft = left > 1 ? left - 1 : nil
                if left <= 1 { state.condition.hasPaper = false }
            }
        case .cut:
            finishSlip(&state)
        case .initialised:
            state.seams.append(state.lines.count)
        case .feed(let lines):
            if !hasCutter, lines >= 3 { finishSlip(&state) }
        case .queuedPaperStatus:
            if !state.condition.isSilent, state.condition.answersQueuedStatus {
                state.output.append(state.condition.isPaperLow ? 0x03 : 0x00)
            }
        }
    }

    private func finishSlip(_ state: inout State) {
        let slip = SimulatedSlip(lines: state.lines, seams: state.seams)
        state.lines = []
        state.seams = []
        state.slips.append(slip)
        if state.slips.count > Self.slipCapacity { state.slips.removeFirst() }
        state.finished.append(slip)
    }
}

extension SimulatedPrinter.Condition {
    /// The answer to DLE EOT n (device facts, 2.6).
    fileprivate func answer(toRealTime query: UInt8) -> UInt8 {
        switch query {
        case 1: 0x16 | (isOnline ? 0 : 0x08)
        case 2: 0x12 | (isCoverOpen ? 0x04 : 0) | (hasPaper ? 0 : 0x20)
        case 4: 0x12 | (isPaperLow ? 0x0C : 0) | (hasPaper ? 0 : 0x6C)
        default: 0x12
        }
    }
}
