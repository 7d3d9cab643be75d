import Sandbox
import Testing

@Suite("Errors of kioskpay as a program (interfaces, 1)")
struct ErrorLineProgramTests {
    @Test(
        "An error is one line that begins with error:, whichever the command",
        arguments: [
            ["journal", "verify", "--state", "/nowhere"],
            ["journal", "export", "--state", "/nowhere"],
            ["journal", "adopt", "--state", "/nowhere"],
            ["simulate", "--seeds", "40", "--mutant", "submit-before-commit"],
            ["sandbox", "--directory", "/nowhere/material"],
        ]
    )
    func oneLine(arguments: [String]) async throws {
        let run = try await DemoProgram.run(arguments)
        #expect(run.exitCode == 1)
        let errors = run.output.filter { $0.hasPrefix("error: ") }
        #expect(!errors.isEmpty, "\(run.output)")
        if arguments[0] != "simulate" { #expect(run.output.count == 1, "\(run.output)") }
    }
}
