internal import CLinux
internal import Glibc

/// A timer descriptor on the boot clock: readable once its time has come.
package final class BootTimer: Sendable {
    package let descriptor: Int32

    package init() {
        descriptor = kioskpay_boottime_timerfd()
        guard descriptor >= 0 else { fatalError("The system refuses a timer descriptor.") }
    }

    deinit { close(descriptor) }

    /// Arms it for an absolute time; `nil` disarms it. A time that has passed fires at once.
    package func set(_ nanoseconds: Int64?) {
        // Zero would disarm: the first nanosecond after boot has passed, so it fires at once all the same.
        let time = nanoseconds.map { max(1, $0) } ?? 0
        let result = kioskpay_timerfd_set(descriptor, time / 1_000_000_000, time % 1_000_000_000)
        precondition(result == 0, "The kernel refuses a timer's own time.")
    }

    package func clear() {
        var count: UInt64 = 0
        // The buffer outlives the call and has the eight bytes that the kernel writes.
        _ = unsafe read(descriptor, &count, 8)
    }
}
