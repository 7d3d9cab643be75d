import Glibc
import Kiosk
import Testing

@Suite("Telling systemd")
struct SystemdNotifierTests {
    /// A datagram socket as systemd makes it; `name` as in NOTIFY_SOCKET.
    private struct Manager: ~Copyable {
        let descriptor: Int32
        let name: String

        init(_ name: String) {
            self.name = name
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            var bytes = Array(name.utf8)
            if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 } else { bytes.append(0) }
            let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
            // The name is shorter than the structure's path; all memory outlives the calls.
            unsafe withUnsafeMutableBytes(of: &address) { raw in
                unsafe raw[offset..<(offset + bytes.count)].copyBytes(from: bytes)
                unsafe raw.withMemoryRebound(to: sockaddr.self) { pointer in
                    _ = unsafe bind(
                        descriptor,
                        pointer.baseAddress,
                        socklen_t(offset + bytes.count)
                    )
                }
            }
        }

        deinit { close(descriptor) }

        /// The next datagram, or nothing within a second.
        func next() -> String? {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // One structure, for the length of the call.
            guard unsafe poll(&waiting, 1, 1_000) == 1 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 1_024)
            // The array outlives the call and has the length passed.
            let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
            return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
        }
    }

    @Test(
        "Ready, status and stopping arrive, on a path and on an abstract name",
        arguments: [true, false]
    )
    func messages(isAbstract: Bool) throws {
        let random = UInt64.random(in: 0...UInt64.max)
        let name = isAbstract ? "@kioskpay-\(random)" : "/tmp/kioskpay-\(random).sock"
        let manager = Manager(name)
        defer { if !isAbstract { _ = unsafe unlink(name) } }
        let notifier = SystemdNotifier(socket: name)
        notifier.ready(status: "Up.")
        #expect(manager.next() == "READY=1\nSTATUS=Up.")
        notifier.stopping()
        #expect(manager.next()?.hasPrefix("STOPPING=1") == true)
    }

    @Test(
        "Where nobody supervises, or the name is nonsense, nothing happens",
        arguments: [
            nil, "", "relative", "vsock:2:1", "/" + String(repeating: "x", count: 200),
        ]
    )
    func silent(socket: String?) {
        SystemdNotifier(socket: socket).ready(status: "Up.")
    }
}
