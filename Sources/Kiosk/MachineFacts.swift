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

    /// The machine's address as others see it: its first IPv4 address, else its first IPv6 address; not the loopback's, not one
    /// that counts on its own wire alone unless there is no other. Loopback where there is none.
    static func address() -> String {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { return best(of: []) }
        // The list is ours from the call above until it is freed here; every pointer in it lives as long.
        defer { unsafe freeifaddrs(first) }
        var found: [String] = []
        var next = unsafe first
        for _ in 0..<256 {
            guard let entry = unsafe next else { break }
            unsafe next = entry.pointee.ifa_next
            let flags = unsafe entry.pointee.ifa_flags
            guard flags & UInt32(IFF_LOOPBACK) == 0, flags & UInt32(IFF_UP) != 0,
                let address = unsafe entry.pointee.ifa_addr,
                let text = unsafe numeric(address)
            else { continue }
            found.append(text)
        }
        return best(of: found)
    }

    /// The dotted or the colon form; `nil` for an address of another family.
    private static func numeric(_ address: UnsafeMutablePointer<sockaddr>) -> String? {
        let length: Int
        switch Int32(unsafe address.pointee.sa_family) {
        case AF_INET: length = MemoryLayout<sockaddr_in>.size
        case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let size = socklen_t(text.count)
        // The kernel's list holds as many bytes as the family says; the array outlives the call and has the length passed.
        let code = unsafe getnameinfo(
            address,
            socklen_t(length),
            &text,
            size,
            nil,
            0,
            NI_NUMERICHOST
        )
        guard code == 0 else { return nil }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }

    static func best(of addresses: [String]) -> String {
        let local = addresses.filter { $0.hasPrefix("169.254.") }
        // Link-local ones of IPv6 come with the name of their interface, which means nothing elsewhere.
        let wide = addresses.filter { !$0.contains("%") && !local.contains($0) }
        return wide.first { !$0.contains(":") } ?? wide.first ?? local.first ?? "127.0.0.1"
    }

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
