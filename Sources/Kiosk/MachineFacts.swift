internal import CLinux
internal import Glibc
package import Payments

/// What the kernel and the system know of this machine and this boot.
package enum MachineFacts {
    /// The kernel's random id of this boot.
    package static func bootID() -> BootID {
        let text = firstLine("/proc/sys/kernel/random/boot_id")
        return BootID(text ?? "unknown")
    }

    /// The machine's own id (rule A5): the system's, which a cloned card brings along, and the board's serial number, which it
    /// does not, where the firmware tells one.
    package static func machineID(root: String = "") -> String {
        let system = firstLine(root + "/etc/machine-id") ?? "unknown"
        let board = firstLine(root + "/proc/device-tree/serial-number").map { text in
            // The firmware ends it with a zero.
            String(text.unicodeScalars.filter { $0.isASCII && $0.value > 32 && $0.value < 127 })
        }
        guard let board, !board.isEmpty else { return system }
        return system + "+" + board
    }

    /// Keys and codes must not end in a core file (rule G1): no dump is made of this process, whatever the system's setting.
    package static func forbidCoreDumps() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        // One structure is read; lowering a limit is always allowed.
        _ = unsafe setrlimit(__rlimit_resource_t(4), &none)
        kioskpay_forbid_dumps()
    }

    /// The machine's first IPv4 address that is not its own loopback; loopback where there is none.
    static func address() -> String {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { return loopback }
        // The list is ours from the call above until it is freed here; every pointer in it lives as long.
        defer { unsafe freeifaddrs(first) }
        var next = unsafe first
        for _ in 0..<256 {
            guard let entry = unsafe next else { break }
            unsafe next = entry.pointee.ifa_next
            let flags = unsafe entry.pointee.ifa_flags
            guard let address = unsafe entry.pointee.ifa_addr else { continue }
            let family = unsafe address.pointee.sa_family
            guard family == sa_family_t(AF_INET),
                flags & UInt32(IFF_LOOPBACK) == 0, flags & UInt32(IFF_UP) != 0
            else { continue }
            // An address of family AF_INET is a `sockaddr_in`; the first byte in memory is the first of the dotted form.
            let raw = unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
            }
            return [24, 16, 8, 0].map { String(raw >> $0 & 255) }.joined(separator: ".")
        }
        return loopback
    }

    private static let loopback = "127.0.0.1"

    /// The first line of a small file; `nil` if it cannot be read or is empty.
    static func firstLine(_ path: String) -> String? {
        // The path outlives the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        // The array outlives the call and has the length passed.
        let count = unsafe read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let line = bytes[..<count].prefix { $0 != 0x0A }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
}
