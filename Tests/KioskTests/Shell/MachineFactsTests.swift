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

    @Test(
        "The address told to the platform is one that others can see, where there is one",
        arguments: [
            ([], "127.0.0.1"),
            (["169.254.7.7"], "169.254.7.7"),
            (["fe80::1%eth0", "169.254.7.7"], "169.254.7.7"),
            (["fe80::1%eth0", "2001:db8::7", "169.254.7.7"], "2001:db8::7"),
            (["2001:db8::7", "10.0.0.7", "10.0.0.8"], "10.0.0.7"),
        ] as [([String], String)]
    )
    func address(_ addresses: [String], _ best: String) {
        #expect(MachineFacts.best(of: addresses) == best)
    }

    @Test("The machine's own address is one that a socket can be bound to")
    func ownAddress() {
        let text = MachineFacts.address()
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST
        var found: UnsafeMutablePointer<addrinfo>?
        // Both outlive the call; the list is freed below.
        #expect(unsafe getaddrinfo(text, nil, &hints, &found) == 0, "\(text)")
        guard let entry = unsafe found else { return }
        defer { unsafe freeaddrinfo(entry) }
        let descriptor = unsafe socket(entry.pointee.ai_family, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        #expect(unsafe bind(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0)
    }
}
