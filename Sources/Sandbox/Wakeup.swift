internal import CLinux
internal import Glibc
internal import Payments

/// An event descriptor that wakes one thread out of its wait.
final class Wakeup: Sendable {
    let descriptor: Int32

    init() throws(SandboxError) {
        descriptor = kioskpay_eventfd()
        guard descriptor >= 0 else {
            throw SandboxError(
                "The stand-in got no event descriptor: raise the limit of open files."
            )
        }
    }

    deinit { close(descriptor) }

    func signal() {
        let one: UInt64 = 1
        // Eight bytes of a local; a full counter (EAGAIN) is a signal already.
        _ = unsafe withUnsafeBytes(of: one) { unsafe write(descriptor, $0.baseAddress, 8) }
    }

    func clear() {
        var count: UInt64 = 0
        // Eight bytes into a local; EAGAIN means nothing was signalled.
        _ = unsafe withUnsafeMutableBytes(of: &count) { unsafe read(descriptor, $0.baseAddress, 8) }
    }

    /// Waits for a signal, or for `events` on `other`, until `deadline`; clears the signal.
    func wait(on other: Int32? = nil, for events: Int16 = 0, until deadline: BootTime?) {
        // A negative descriptor is left out by poll.
        var waited = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: other ?? -1, events: events, revents: 0),
        ]
        // Two entries, alive for the call. EINTR returns early, which every caller's loop allows for.
        _ = unsafe poll(&waited, 2, Self.milliseconds(until: deadline))
        if waited[0].revents != 0 { clear() }
    }

    /// -1 (for ever) without a deadline; rounded up, so that no loop spins at its end.
    private static func milliseconds(until deadline: BootTime?) -> Int32 {
        guard let deadline else { return -1 }
        let left = (deadline - PlatformTime.now.boot).wholeNanoseconds
        return Int32(clamping: max(0, (left + 999_999) / 1_000_000))
    }
}
