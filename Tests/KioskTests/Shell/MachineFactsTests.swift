import Glibc
import Sandbox
import Testing

@testable import Kiosk

@Suite("Who the machine is (rule A5)")
struct MachineFactsTests {
    private func write(_ text: String, to path: String) throws {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(file >= 0)
        // The text outlives the call.
        #expect(unsafe Glibc.write(file, text, text.utf8.count) == text.utf8.count)
        close(file)
    }

    @Test("The board's serial number tells two machines with one card's id apart")
    func serial() throws {
        let folder = try TemporaryFolder(prefix: "kioskpay-test-")
        defer { folder.remove() }
        for part in ["/etc", "/proc", "/proc/device-tree"] {
            unsafe mkdir(folder.path + part, 0o700)
        }
        #expect(MachineFacts.machineID(root: folder.path) == "unknown")
        try write("abc\n", to: folder.path + "/etc/machine-id")
        #expect(MachineFacts.machineID(root: folder.path) == "abc")
        try write("10000000 4f\0", to: folder.path + "/proc/device-tree/serial-number")
        #expect(MachineFacts.machineID(root: folder.path) == "abc+100000004f")
    }
}
