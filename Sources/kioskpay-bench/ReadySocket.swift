internal import Glibc
internal import Threads

/// The other end of `sd_notify`: hears the daemon say that it is ready.
struct ReadySocket: ~Copyable {
    let path: String
    private let descriptor: Descriptor

    init(path: String) throws {
        self.path = path
        descriptor = try UnixSocket.receive(at: path)
    }

    /// Boot clock, when `READY=1` had come.
    func readyTime(within limit: Duration) throws -> Int64 {
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: limit)
        var descriptors = [pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)]
        while BootClock.nanoseconds() < end {
            guard Poll.wait(&descriptors, until: end), let bytes = try descriptor.read() else {
                continue
            }
            let now = BootClock.nanoseconds()
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            if lines.contains("READY=1") { return now }
        }
        throw BenchError("The daemon was not ready within \(limit).")
    }
}
