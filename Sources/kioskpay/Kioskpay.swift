import ArgumentParser
import Kiosk

/// One tool for technicians, operators and developers (interfaces, 1).
struct Kioskpay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kioskpay",
        abstract: "Looks after a kiosk that takes WeChat payments.",
        version: Version.text,
        subcommands: [
            DemoCommand.self, JournalCommand.self, SandboxCommand.self, SimulateCommand.self,
        ]
    )
}
