import Glibc
import Threads

/// The real daemon in a process of its own.
final class DaemonProcess {
    /// How a process ended.
    enum End: Hashable, CustomStringConvertible {
        case exit(Int32)
        case signal(Int32)

        var description: String {
            switch self {
            case .exit(let code): "exit code \(code)"
            case .signal(let number): "signal \(number)"
            }
        }
    }

    let pid: pid_t
    private(set) var end: End?
    private let output: OwnThread
    private let bell: Bell

    /// The program that the build has put beside the tests, or the one that `KIOSKPAY_TEST_DAEMON` names.
    static func program() throws -> String {
        if let given = Tests.variable("KIOSKPAY_TEST_DAEMON") { return given }
        var buffer = [CChar](repeating: 0, count: 4096)
        // The buffer outlives the call and has the length passed.
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        let link = String(
            decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        let program =
            "/" + link.split(separator: "/").dropLast().joined(separator: "/")
            + "/kioskpayd"
        guard unsafe access(program, X_OK) == 0 else {
            throw HarnessError("\(program) is not there: build the whole package before its tests.")
        }
        return program
    }

    /// - Parameter program: the daemon, unless another one is meant.
    init(
        program other: String? = nil,
        arguments: [String],
        environment: [String: String],
        log: TextLog,
        bell: Bell,
    ) throws {
        self.bell = bell
        var ends: [Int32] = [-1, -1]
        // The kernel writes two descriptors into the array's two places.
        guard unsafe pipe(&ends) == 0 else { throw HarnessError("pipe: \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let program = try other ?? Self.program()
        pid = try Self.spawn(
            program,
            arguments,
            Self.inherited.merging(environment) { ours, given in "\(ours):\(given)" },
            output: ends[1]
        )
        close(ends[1])
        output = log.follow(ends[0])
    }

    /// What a child has of our environment: where the Swift runtime lies, if the machine says so, and what a sanitizer needs.
    /// What a test adds to one of them, such as a library before the system's, comes after.
    private static var inherited: [String: String] {
        let names = [
            "LD_LIBRARY_PATH", "LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS", "SWIFT_BACKTRACE",
        ]
        return [String: String](
            uniqueKeysWithValues: names.compactMap { name in
                Tests.variable(name).map { (name, $0) }
            }
        )
    }

    /// Only the two outputs reach the child: the tests' own terminals and sockets must not stay open in it.
    private static func spawn(
        _ program: String,
        _ arguments: [String],
        _ environment: [String: String],
        output: Int32,
    ) throws -> pid_t {
        // The structure is ours from `init` to `destroy`; every string lives until `free`.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
        // Closing what is not open is no error here (glibc minds only numbers out of range).
        for other in Int32(3)..<1024 { unsafe posix_spawn_file_actions_addclose(&actions, other) }
        var words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        var settings = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (words + settings).forEach { unsafe free($0) } }
        var pid = pid_t()
        let result = unsafe posix_spawn(&pid, program, &actions, nil, &words, &settings)
        guard result == 0 else { throw HarnessError("\(program) did not start: error \(result)") }
        return pid
    }

    deinit {
        if !hasEnded {
            send(SIGKILL)
            _ = waitForEnd(atMost: .seconds(10))
        }
    }

    func send(_ signal: Int32) {
        // Only while it is ours: a pid that was waited for may belong to somebody else.
        if end == nil { kill(pid, signal) }
    }

    var hasEnded: Bool {
        if end != nil { return true }
        var status: Int32 = 0
        // The kernel writes one int.
        guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return false }
        let signal = status & 0x7F
        end = signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
        return true
    }

    /// How it ended, with all of its output read; `nil` if it still runs.
    func waitForEnd(atMost limit: Duration) -> End? {
        guard bell.wait(atMost: limit, until: { hasEnded }) else { return nil }
        output.waitUntilEnded(atMost: .seconds(5))
        return end
    }
}
