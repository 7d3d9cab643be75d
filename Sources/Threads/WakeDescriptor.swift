internal import CLinux
internal import Glibc

/// Wakes a thread out of `poll`: an event descriptor that any thread may signal.
package final class WakeDescriptor: Sendable {
    /// Readable while signalled.
    package let descriptor: Int32

    package init() {
        descriptor = kioskpay_eventfd()
        guard descriptor >= 0 else { fatalError("The system refuses an event descriptor.") }
    }

    deinit { close(descriptor) }

    /// Makes the descriptor readable until it is cleared.
    package func signal() {
        var one: UInt64 = 1
        // The buffer outlives the call. A full counter is readable already, so the result does not matter.
        _ = unsafe write(descriptor, &one, 8)
    }

    package func clear() {
        var count: UInt64 = 0
        // The buffer outlives the call and has the eight bytes that the kernel writes.
        _ = unsafe read(descriptor, &count, 8)
    }

    /// Waits until signalled, at most `limit`; does not clear. Returns whether it was signalled.
    package func wait(atMost limit: Duration) -> Bool {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: limit)
        // At least once, so that a limit of zero looks without waiting.
        repeat {
            if Poll.wait(&descriptors, until: end) { return true }
        } while BootClock.nanoseconds() < end
        return false
    }
}
