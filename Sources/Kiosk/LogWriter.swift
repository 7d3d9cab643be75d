internal import Glibc
package import Logging
internal import Synchronization
internal import Threads

/// Writes log lines to standard error on a thread of its own: a full pipe loses lines, and never stalls a payment.
package final class LogWriter: Sendable {
    /// Lines that may wait; more are dropped and counted.
    package static let mostWaiting = 2_000

    private let state = Mutex(State())
    private let wake = WakeDescriptor()
    private let thread = Mutex<OwnThread?>(nil)
    private let descriptor: Int32
    private let isJournald: Bool

    private struct State {
        var lines: [String] = []
        var dropped = 0
        var isClosing = false
    }

    /// - Parameter isJournald: whether the reader understands priority prefixes; by default as systemd says.
    package init(descriptor: Int32 = STDERR_FILENO, isJournald: Bool = LogWriter.hasJournald) {
        self.descriptor = descriptor
        self.isJournald = isJournald
        thread.withLock { $0 = OwnThread(name: "log") { self.run() } }
    }

    /// Whether systemd has connected standard error to its journal (systemd.exec(5), `JOURNAL_STREAM`).
    package static var hasJournald: Bool {
        // Only looked at, never kept; nobody here changes the environment.
        unsafe getenv("JOURNAL_STREAM") != nil
    }

    /// Writes one line outside the log, such as a problem of the configuration.
    package func line(_ level: Logger.Level, _ text: String) {
        write(prefix(level) + text + "\n")
    }

    /// What a line begins with.
    func prefix(_ level: Logger.Level) -> String {
        isJournald ? "<\(Self.priority(level))>" : "\(level.rawValue): "
    }

    /// syslog's priorities, as journald reads them (sd-daemon(3)).
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    func write(_ line: String) {
        let isFirst = state.withLock { state in
            guard state.lines.count < Self.mostWaiting else {
                state.dropped += 1
                return false
            }
            state.lines.append(line)
            return state.lines.count == 1
        }
        if isFirst { wake.signal() }
    }

    /// Writes what waits and ends, within a second.
    package func close() {
        state.withLock { $0.isClosing = true }
        wake.signal()
        thread.withLock { $0 }?.waitUntilEnded(atMost: .seconds(1))
    }

    private func run() {
        var descriptors = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
        while true {
            _ = Poll.wait(&descriptors, until: nil)
            wake.clear()
            let (text, isClosing) = state.withLock { state in
                if state.dropped > 0 {
                    let note = "\(state.dropped) log lines were dropped."
                    state.lines.append(prefix(.warning) + note + "\n")
                    state.dropped = 0
                }
                defer { state.lines.removeAll() }
                return (state.lines.joined(), state.isClosing)
            }
            writeAll(Array(text.utf8))
            if isClosing { return }
        }
    }

    private func writeAll(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The slice's memory outlives the call and has the length passed.
            let count = unsafe rest.withUnsafeBytes { raw in
                unsafe Glibc.write(descriptor, raw.baseAddress, raw.count)
            }
            let code = errno
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if code != EINTR {
                return
            }
        }
    }
}
