import Glibc
import Threads

/// Wakes the test's thread when something has happened anywhere: a log line, an event, a slip, a request.
///
/// One thread waits; any may ring.
final class Bell: Sendable {
    private let wake = WakeDescriptor()

    /// What nobody rings for (a file, a device's state) is looked at this often.
    private static let slice: Int64 = 25_000_000

    func ring() { wake.signal() }

    /// Waits until `holds`, at most `limit`; whether it came true.
    func wait(atMost limit: Duration, until holds: () throws -> Bool) rethrows -> Bool {
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: limit)
        while true {
            if try holds() { return true }
            let now = BootClock.nanoseconds()
            guard now < end else { return false }
            var descriptors = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
            _ = Poll.wait(&descriptors, until: min(end, now + Self.slice))
            wake.clear()
        }
    }
}
