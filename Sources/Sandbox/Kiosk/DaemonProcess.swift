internal import Glibc
internal import Synchronization
internal import Threads

/// A `kioskpayd` running as a child process, with its log in a file.
package final class DaemonProcess: Sendable {
    /// A daemon that drains may take as long as a payment; then it is killed.
    private static let drainLimit = Duration.seconds(45)

    private let id: pid_t
    private let ended = WakeDescriptor()
    private let status = Mutex<Int32?>(nil)

    /// Starts the program. `onEnd` runs once, on a thread of its own, when the process has ended.
    ///
    /// - Parameter output: a file for standard output alone; without one it goes into the log, as standard error does.
    package init(
        program: String,
        arguments: [String],
        log: String,
        output: String? = nil,
        onEnd: @escaping @Sendable () -> Void = {},
    ) throws(SandboxError) {
        id = try Self.spawn(program, arguments, log: log, output: output ?? log)
        _ = OwnThread(name: "daemon-wait") { [self] in
            // Looked at first and collected under the lock, so that no signal goes to a number given back.
            var information = unsafe siginfo_t()
            // One structure is written; the child is ours and nobody else waits for it.
            while unsafe waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) < 0,
                errno == EINTR
            {}
            status.withLock { status in
                var code: Int32 = 0
                // One integer is written.
                unsafe waitpid(id, &code, 0)
                status = code
            }
            ended.signal()
            onEnd()
        }
    }

    package var isRunning: Bool { status.withLock { $0 == nil } }

    /// As a shell gives it: 0 to 255, or 128 and the signal's number; `nil` while it runs.
    package var exitCode: Int32? {
        status.withLock { $0 }.map { $0 & 0x7F == 0 ? ($0 >> 8) & 0xFF : 128 + ($0 & 0x7F) }
    }

    /// SIGTERM, and SIGKILL should it take longer than it may. Waits; the exit code.
    @discardableResult
    package func stop() -> Int32 {
        send(SIGTERM)
        if !ended.wait(atMost: Self.drainLimit) {
            send(SIGKILL)
            _ = ended.wait(atMost: .seconds(5))
        }
        return exitCode ?? 128 + SIGKILL
    }

    private func send(_ signal: Int32) {
        status.withLock { if $0 == nil { kill(id, signal) } }
    }

    /// The child gets a group of its own, so that the terminal's Ctrl-C does not reach it, and every signal's default.
    private static func spawn(
        _ program: String,
        _ arguments: [String],
        log: String,
        output: String,
    ) throws(SandboxError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        var all = sigset_t()
        var none = sigset_t()
        var process: pid_t = 0
        // All of these live to the end of this function; the child has its own copies.
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        let flags = O_WRONLY | O_CREAT | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
        // Both only append, so one file may be both.
        unsafe posix_spawn_file_actions_addopen(&actions, 2, log, flags, 0o600)
        unsafe sigfillset(&all)
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let settings = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
        unsafe posix_spawnattr_setflags(&attributes, Int16(settings))
        let result = unsafe withTexts([program] + arguments) { arguments in
            unsafe withTexts(inherited) { environment in
                unsafe posix_spawn(
                    &process,
                    program,
                    &actions,
                    &attributes,
                    arguments,
                    environment
                )
            }
        }
        guard result == 0 else {
            // strerror answers a terminated text that is copied at once.
            let reason = unsafe String(cString: strerror(result))
            throw SandboxError("\(program) could not be started: \(reason).")
        }
        return process
    }

    /// The texts as C wants them, terminated by a null, for the length of the call.
    private static func withTexts<Result>(
        _ texts: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result,
    ) -> Result {
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: texts.count + 1
        )
        // Every place is initialized before the call; each text is ours and freed once, after it.
        for (place, text) in texts.enumerated() {
            unsafe (list + place).initialize(to: strdup(text))
        }
        unsafe (list + texts.count).initialize(to: nil)
        defer {
            for place in texts.indices { unsafe free(list[place]) }
            unsafe list.deallocate()
        }
        return unsafe body(list)
    }

    /// What the child needs of our environment: where libraries are, and how a sanitizer behaves that was compiled in.
    private static var inherited: [String] {
        let names = ["PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS"]
        return names.compactMap { name in
            // The environment's text is copied at once; nobody here changes the environment.
            unsafe getenv(name).map { unsafe name + "=" + String(cString: $0) }
        }
    }
}
