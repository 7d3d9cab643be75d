import Sandbox
import Testing

@Suite("The sandbox as a program")
struct SandboxProgramTests {
    @Test("Its output arrives at once, also where it is no terminal")
    func redirected() async throws {
        let folder = try TemporaryFolder(prefix: "kioskpay-test-")
        defer { folder.remove() }
        let log = folder.path + "/output"
        let sandbox = try DaemonProcess(
            program: try DemoProgram.buildFolder() + "/kioskpay",
            arguments: ["sandbox", "--port", "0", "--directory", folder.path + "/material"],
            log: log
        )
        defer { sandbox.stop() }
        // The last line of the banner; a program that is still running has not written out its buffers by ending.
        let deadline = ContinuousClock.now + .seconds(60)
        while !DemoProgram.text(of: log).contains("privateKeyFile"), sandbox.isRunning,
            ContinuousClock.now < deadline
        {
            try await Task.sleep(for: .milliseconds(20))
        }
        let banner = DemoProgram.text(of: log)
        #expect(banner.hasPrefix("The sandbox listens at https://localhost:"))
        #expect(banner.contains("privateKeyFile"))
        #expect(sandbox.isRunning)
    }
}
