import ArgumentParser
import Glibc

/// Runs the command line with the exit codes of the interface: 2 for wrong usage, where the library would say 64.
@main
enum Main {
    static func main() async {
        do {
            var command = try Kioskpayd.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let code = Kioskpayd.exitCode(for: error)
            guard code == .validationFailure else { Kioskpayd.exit(withError: error) }
            let text = Kioskpayd.fullMessage(for: error) + "\n"
            // The bytes outlive the call; a broken pipe loses a help text, no more.
            _ = unsafe write(STDERR_FILENO, text, text.utf8.count)
            Glibc.exit(2)
        }
    }
}
