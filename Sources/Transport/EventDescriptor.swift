import CLinux
import Glibc

/// An eventfd: any thread signals, one thread polls. Closed with its last owner.
final class EventDescriptor: Sendable {
    let descriptor: Int32

    init() throws {
        descriptor = kioskpay_eventfd()
        guard descriptor >= 0 else {
            throw TransportSetupError(
                "No event descriptor for the HTTPS thread (error \(errno)); too many open files?")
        }
    }

    deinit { _ = Glibc.close(descriptor) }

    func signal() {
        var one: UInt64 = 1
        // The pointer lives for the call; a full counter (EAGAIN) is signalled already.
        _ = unsafe write(descriptor, &one, 8)
    }

    func clear() {
        var count: UInt64 = 0
        // The pointer lives for the call; an empty counter (EAGAIN) is cleared already.
        _ = unsafe read(descriptor, &count, 8)
    }

    /// Waits until it is signalled; `false` when `milliseconds` passed first.
    func wait(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let end = BootClock.now.advanced(by: .milliseconds(milliseconds))
        repeat {
            let left = Int32(max(0, (end - BootClock.now + 999_999) / 1_000_000))
            // One entry, as said by the count; it lives for the call.
            if unsafe poll(&entry, 1, left) > 0 { return true }
        } while BootClock.now < end
        return false
    }
}
