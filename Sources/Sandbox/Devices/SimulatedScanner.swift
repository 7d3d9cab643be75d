internal import Glibc
internal import Synchronization
internal import Threads

/// A bar code scanner made of a pseudo terminal, on a thread of its own.
package final class SimulatedScanner: Sendable {
    /// What a scanner sends after a code.
    package enum Suffix: Sendable, CaseIterable {
        case carriageReturn
        case lineFeed
        case carriageReturnLineFeed
        case tab
        case none

        var bytes: [UInt8] {
            switch self {
            case .carriageReturn: [0x0D]
            case .lineFeed: [0x0A]
            case .carriageReturnLineFeed: [0x0D, 0x0A]
            case .tab: [0x09]
            case .none: []
            }
        }
    }

    /// How many sends may wait; more are dropped.
    private static let capacity = 256

    private enum Step: Sendable {
        case send([UInt8])
        case pause(Duration)
    }

    private struct State: ~Copyable {
        var terminal: PseudoTerminal?
        var path = ""
        var steps: [Step] = []
        var isClosed = false
    }

    private let link: String?
    private let state = Mutex(State())
    private let signal = WakeDescriptor()

    /// Plugged in at once. `link` is a stable path that is there while the scanner is. ``close()``
    /// ends it.
    package init(link: String? = nil) throws(SimulatedDeviceError) {
        self.link = link
        try plug()
        _ = OwnThread(name: "twin") { self.run() }
    }

    /// Where the scanner is plugged in: the stable link if there is one, else the pseudo terminal's
    /// own path.
    package var path: String { link ?? state.withLock { $0.path } }

    package var isPlugged: Bool { state.withLock { $0.terminal != nil } }

    /// Sends a code as a scanner does. `chunks` splits what is sent: so many bytes, a pause of
    /// `gap`, so many more, and so on; the rest follows in one piece.
    package func scan(
        _ code: String,
        suffix: Suffix = .carriageReturn,
        prefix: String = "",
        chunks: [Int] = [],
        gap: Duration = .milliseconds(10),
    ) {
        send(Array(prefix.utf8) + Array(code.utf8) + suffix.bytes, chunks: chunks, gap: gap)
    }

    /// Sends a code as a serial line of that speed does: byte by byte, ten bits each (8N1). At 9600 baud a code takes 20 ms.
    package func scan(_ code: String, baud: Int) {
        let bytes = Array(code.utf8) + Suffix.carriageReturn.bytes
        let byte = Duration.nanoseconds(10 * 1_000_000_000 / Int64(max(baud, 300)))
        send(bytes, chunks: Array(repeating: 1, count: bytes.count - 1), gap: byte)
    }

    /// Sends any bytes: noise, a module's own replies.
    package func send(
        _ bytes: [UInt8],
        chunks: [Int] = [],
        gap: Duration = .milliseconds(10),
    ) {
        var steps: [Step] = []
        var rest = bytes[...]
        for count in chunks where !rest.isEmpty {
            steps.append(.send(Array(rest.prefix(count))))
            steps.append(.pause(gap))
            rest = rest.dropFirst(count)
        }
        steps.append(.send(Array(rest)))
        state.withLock {
            if $0.steps.count + steps.count <= Self.capacity { $0.steps += steps }
        }
        signal.signal()
    }

    /// Sends nothing for a while, after what waits already.
    package func rest(_ duration: Duration) {
        state.withLock {
            if $0.steps.count < Self.capacity { $0.steps.append(.pause(duration)) }
        }
        signal.signal()
    }

    /// Pulls the plug: the stable link goes, the open port hangs up, what waits is lost.
    package func unplug() {
        if let link { StableLink.remove(link) }
        state.withLock {
            $0.terminal = nil
            $0.steps = []
        }
    }

    /// Plugs the scanner in again: another terminal behind the same stable link.
    package func plug() throws(SimulatedDeviceError) {
        try state.withLock { state throws(SimulatedDeviceError) in
            let terminal = try PseudoTerminal()
            if let link { try StableLink.make(link, to: terminal.path) }
            state.path = terminal.path
            state.terminal = consume terminal
        }
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
            let next = state.withLock { Self.perform(&$0) }
            switch next {
            case .ended: return
            case .idle: _ = signal.wait()
            case .pause(let duration):
                let end = ContinuousClock.now + duration
                while ContinuousClock.now < end { _ = signal.wait(until: end) }
            }
        }
    }

    private enum Next {
        case ended
        case idle
        case pause(Duration)
    }

    private static func perform(_ state: inout State) -> Next {
        while true {
            if state.isClosed { return .ended }
            guard let step = state.steps.first else { return .idle }
            switch step {
            case .pause(let duration):
                state.steps.removeFirst()
                return .pause(duration)
            case .send(let bytes):
                let taken = state.terminal?.write(bytes[...]) ?? bytes.count
                if taken < bytes.count {
                    state.steps[0] = .send(Array(bytes[taken...]))
                    return .pause(.milliseconds(2))
                }
                state.steps.removeFirst()
            }
        }
    }
}
