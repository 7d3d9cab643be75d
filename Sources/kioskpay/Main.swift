import ArgumentParser
import Glibc
import Kiosk

/// Runs the command line with the exit codes of the interface: 2 for wrong usage, where the library would say 64.
@main
enum Main {
    static func main() async {
        do {
            var command = try Kioskpay.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let code = Kioskpay.exitCode(for: error)
            // Help and version are no errors, and whoever throws a code has said why.
            if code == .success || error is ExitCode { Kioskpay.exit(withError: error) }
            let isUsage = code == .validationFailure
            let advice = isUsage ? " Usage: kioskpay --help." : ""
            ErrorLine.write(Kioskpay.message(for: error) + advice)
            Glibc.exit(isUsage ? 2 : code.rawValue)
        }
    }
}
