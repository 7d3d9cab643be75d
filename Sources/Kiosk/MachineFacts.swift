internal import Glibc
package import Payments

/// What the kernel and the system know of this machine and this boot.
package enum MachineFacts {
    /// The kernel's random id of this boot.
    package static func bootID() -> BootID {
        let text = firstLine("/proc/sys/kernel/random/boot_id")
        return BootID(text ?? "unknown")
    }

    /// The machine's own id (rule A5).
    package static func machineID() -> String {
        firstLine("/etc/machine-id") ?? "unknown"
    }

    /// The first line of a small file; `nil` if it cannot be read or is empty.
    static func firstLine(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
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
