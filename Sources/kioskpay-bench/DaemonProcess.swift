internal import Glibc
internal import Threads

/// The real `kioskpayd` as a child of ours, its log in our hands.
final class DaemonProcess {
    private static let endLimit = Duration.seconds(45)

    let id: pid_t
    /// Boot clock, just before the program was executed.
    let startedAt: Int64
    private let log: Descriptor
    private var unread: [UInt8] = []
    private var isOver = false
    private var isReaped = false

    /// - Parameter notifySocket: where the daemon says that it is ready.
    init(program: String, configuration: String, state: String, notifySocket: String) throws {
        var ends: [Int32] = [-1, -1]
        // The array has room for both descriptors and outlives the call.
        guard unsafe pipe(&ends) == 0 else { throw BenchError("pipe", code: errno) }
        log = try Descriptor(ends[0], of: "pipe")
        let farEnd = try Descriptor(ends[1], of: "pipe")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(log.number, F_SETFL, O_NONBLOCK)
        let words = [
            program, "--config", configuration, "--state", state, "--log-level", "debug",
        ]
        // As under systemd: the log's lines begin with their priority.
        let ours = ["NOTIFY_SOCKET=\(notifySocket)", "JOURNAL_STREAM=0:0"]
        let others = try ProcFile.environment().filter {
            !$0.hasPrefix("NOTIFY_SOCKET=") && !$0.hasPrefix("JOURNAL_STREAM=")
        }
        startedAt = BootClock.nanoseconds()
        id = try Self.spawn(
            words,
            others + ours,
            errorsTo: farEnd.number
        )
    }

    deinit { if !isReaped { reap(with: SIGKILL) } }

    private static func spawn(
        _ words: [String],
        _ settings: [String],
        errorsTo descriptor: Int32,
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, STDERR_FILENO)
        // The texts are ours until they are freed below; the child has its own copy.
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        var environment = unsafe settings.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe environment.forEach { unsafe free($0) }
        }
        var id = pid_t()
        let code = unsafe posix_spawn(&id, words[0], &actions, nil, &arguments, &environment)
        guard code == 0 else { throw BenchError("starting \(words[0])", code: code) }
        return id
    }

    /// The next whole line of the log that `isWanted`; lines before it are dropped.
    ///
    /// - Throws: if none came within the time, if the daemon ended, or if a line tells of an error.
    func line(
        within limit: Duration = .seconds(20),
        where isWanted: (LogLine) -> Bool,
    ) throws -> LogLine {
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: limit)
        while true {
            while let line = nextLine() {
                if line.isAlarming { throw BenchError("The daemon says: \(line.text)") }
                if isWanted(line) { return line }
            }
            guard !isOver else { throw BenchError("The daemon has ended by itself.") }
            guard try readMore(until: end) else {
                throw BenchError("The daemon did not log what was waited for in time.")
            }
        }
    }

    /// SIGTERM, and the end of it.
    func stop() throws {
        guard !isReaped else { return }
        kill(id, SIGTERM)
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: Self.endLimit)
        while !isOver {
            guard try readMore(until: end) else {
                throw BenchError("The daemon did not end within \(Self.endLimit).")
            }
            unread = []
        }
        let status = reap(with: 0)
        guard status == 0 else { throw BenchError("The daemon ended with status \(status).") }
    }

    private func nextLine() -> LogLine? {
        guard let end = unread.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let text = String(decoding: unread[..<end], as: UTF8.self)
        unread.removeSubrange(...end)
        return LogLine(text: text)
    }

    /// False when nothing came in time.
    private func readMore(until end: Int64) throws -> Bool {
        var descriptors = [pollfd(fd: log.number, events: Int16(POLLIN), revents: 0)]
        while !Poll.wait(&descriptors, until: end) {
            if BootClock.nanoseconds() >= end { return false }
        }
        if let bytes = try log.read() {
            unread += bytes
            isOver = bytes.isEmpty
        }
        return true
    }

    /// Waits for the end of the process, after a signal that makes it come if there is one to send.
    @discardableResult
    private func reap(with signal: Int32) -> Int32 {
        if signal != 0 { kill(id, signal) }
        var status: Int32 = 0
        // The status outlives the call. The child is ours and not reaped yet.
        while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
        isReaped = true
        return status
    }
}
