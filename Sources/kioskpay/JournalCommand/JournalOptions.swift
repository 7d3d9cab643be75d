import ArgumentParser
import Glibc
import Journal
import Kiosk
import Payments
import Threads

/// Which journal is meant, and who asks.
struct JournalOptions: ParsableArguments {
    @Option(help: "The state directory. Default: $STATE_DIRECTORY, else /var/lib/kioskpay.")
    var state: String?

    var directory: String {
        if let state { return state }
        // The string is copied at once; nobody here changes the environment.
        if let path = unsafe getenv("STATE_DIRECTORY").map({ unsafe String(cString: $0) }) {
            return path
        }
        return "/var/lib/kioskpay"
    }

    func care() throws -> JournalCare {
        try JournalCare(directory: directory, machineID: MachineFacts.machineID())
    }

    /// Who it was, as the daemon names the peers of its socket (rule G2).
    static var person: String { "process \(getpid()) of user \(getuid()), group \(getgid())" }

    /// The calendar of a tool is nobody's word: what it stores is not counted as synchronised (rule F1).
    static var now: Moment {
        Moment(
            boot: BootTime(nanoseconds: BootClock.nanoseconds()),
            bootID: MachineFacts.bootID(),
            wall: WallTime(milliseconds: SystemClock.milliseconds(), isSynchronised: false)
        )
    }
}

/// Why a command did not do what it was asked: one sentence.
struct CommandError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Ends a command with its sentence on standard error and exit code 1.
func failing<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let code as ExitCode {
        throw code
    } catch {
        ErrorLine.write("\(error)")
        throw ExitCode(1)
    }
}
