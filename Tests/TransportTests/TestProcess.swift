import Glibc

/// What the kernel says of this process.
enum TestProcess {
    /// How often a thread of this process has gone to sleep and been woken since it began.
    static func switches(ofThread thread: Int32) -> Int {
        let path = "/proc/self/task/\(thread)/status"
        // The string lives for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        // Reads at most what the array holds.
        let count = unsafe read(descriptor, &bytes, bytes.count)
        let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("voluntary_ctxt_switches:") }
        return line.flatMap { $0.split(separator: "\t").last }.flatMap { Int($0) } ?? -1
    }
}
