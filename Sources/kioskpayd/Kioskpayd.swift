import ArgumentParser
import Glibc
import Kiosk
import Logging
import Payments
import Provisioning

/// The daemon's command line (interfaces, 1).
struct Kioskpayd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kioskpayd",
        abstract: "Takes WeChat payments on an unattended kiosk.",
        discussion: """
            Runs in the foreground and logs to standard error. SIGTERM drains and ends with 0.
            Exit codes: 0 good, 1 failed, 2 wrong usage, 78 no usable configuration.
            """,
        version: Version.text
    )

    @Option(help: "The configuration file.")
    var config: String

    @Option(help: "The state directory, with mode 0700. Default: $STATE_DIRECTORY.")
    var state: String?

    @Flag(help: "Load everything, say what is wrong, and end.")
    var check = false

    @Option(help: "The least important lines to log: debug, info, notice, warning, error.")
    var logLevel = LogLevel.info

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        MachineFacts.forbidCoreDumps()
        let writer = LogWriter()
        defer { writer.close() }
        let log = Logger(label: "kioskpayd") { _ in
            JournaldLogHandler(writer: writer, level: logLevel.level)
        }
        // Wrong usage is found before anything is loaded; a check touches no state.
        let directory = check ? nil : try stateDirectory()
        guard let installation = load(writer) else { throw ExitCode(78) }
        for warning in installation.warnings { log.warning("\(warning)") }
        guard let directory else {
            print("\(config) is usable.")
            return
        }
        do {
            try await Daemon(
                installation: installation,
                configurationFile: config,
                state: directory,
                log: log
            ).run()
        } catch {
            writer.line(.error, "\(error)")
            writer.close()
            throw ExitCode(1)
        }
    }

    /// Every problem of the configuration on its own line; `nil` if there is any.
    private func load(_ writer: LogWriter) -> Installation? {
        do {
            return try Installation.forStart(file: config, warnsOfAbsences: check)
        } catch {
            for problem in error.problems { writer.line(.error, "\(problem)") }
            return nil
        }
    }

    private func stateDirectory() throws -> String {
        if let state { return state }
        // The string is copied at once; nobody here changes the environment.
        if let path = unsafe getenv("STATE_DIRECTORY").map({ unsafe String(cString: $0) }) {
            return path
        }
        throw ValidationError("No state directory is known; give --state DIR.")
    }
}

/// The levels a person may ask for.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case debug
    case info
    case notice
    case warning
    case error

    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
