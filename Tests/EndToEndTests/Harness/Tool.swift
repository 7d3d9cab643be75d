import Glibc
import Sandbox

/// `kioskpay` as a technician runs it: to its end, with what it prints.
extension Kiosk {
    struct ToolRun {
        let exitCode: Int32?
        let output: String
    }

    func tool(_ arguments: String..., environment: [String: String] = [:]) throws -> ToolRun {
        let program = try DaemonProcess.program().dropLast("kioskpayd".count) + "kioskpay"
        let output = TextLog(bell)
        let process = try DaemonProcess(
            program: String(program),
            arguments: arguments + ["--state", stateDirectory],
            environment: environment,
            log: output,
            bell: bell
        )
        guard let end = process.waitForEnd(atMost: .seconds(60)) else {
            throw HarnessError("\(arguments) did not end.")
        }
        let code: Int32? = if case .exit(let code) = end { code } else { nil }
        return ToolRun(exitCode: code, output: output.lines.joined(separator: "\n"))
    }
}
