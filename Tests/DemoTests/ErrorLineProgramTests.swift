import Sandbox
import Testing

@Suite("Errors of kioskpay as a program (interfaces, 1)")
struct ErrorLineProgramTests {
    @Test(
        "An error is one line on standard error that begins with error:, whichever the command",
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
        #expect(!run.errors.isEmpty)
        #expect(run.errors.allSatisfy { $0.hasPrefix("error: ") }, "\(run.errors)")
        // A campaign prints its summary all the same.
        guard arguments[0] != "simulate" else { return }
        #expect(run.errors.count == 1, "\(run.errors)")
        #expect(run.output.isEmpty, "\(run.output)")
    }
}
