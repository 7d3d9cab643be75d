internal import Glibc
internal import Payments
internal import Threads

/// The clock and the wait of ``Threads`` in the core's own unit of time.
extension BootClock {
    static func now() -> BootTime { BootTime(nanoseconds: nanoseconds()) }
}

extension Poll {
    static func wait(_ descriptors: inout [pollfd], until deadline: BootTime?) -> Bool {
        wait(&descriptors, until: deadline?.nanoseconds)
    }
}

extension WakeDescriptor {
    /// Waits until signalled or until the time; does not clear.
    func wait(until deadline: BootTime) {
        _ = wait(atMost: deadline - BootClock.now())
    }
}
