import CLinux
import Glibc

/// A timer descriptor on the boot clock: the polled form of "wake me then".
struct BootTimer: ~Copyable {
    let descriptor: Int32
    private var armedFor: Int64?

    init() throws {
        descriptor = kioskpay_boottime_timerfd()
        guard descriptor >= 0 else {
            throw TransportSetupError(
                "No timer for the HTTPS thread (error \(errno)); too many open files?")
        }
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Becomes readable at `time`, at once when that is past; `nil` disarms.
    mutating func arm(at time: Int64?) {
        guard time != armedFor else { return }
        armedFor = time
        // 0 would disarm; the first nanosecond after boot is past as well.
        let target = time.map { max($0, 1) } ?? 0
        _ = kioskpay_timerfd_set(descriptor, target / 1_000_000_000, target % 1_000_000_000)
    }

    /// Stops being readable until it is armed again.
    mutating func clear() {
        var count: UInt64 = 0
        // The pointer lives for the call; the descriptor does not block.
        if unsafe read(descriptor, &count, 8) == 8 { armedFor = nil }
    }
}
