internal import Payments

/// Bounds how much a device may send: beyond 16 KiB in one second it is not listened to until the second is over.
///
/// A line at 115200 baud carries 11.5 KiB in a second, so only a device gone mad is stopped.
struct FloodGuard {
    private static let bytesPerSecond = 16 * 1024
    private var secondEnds = BootTime(nanoseconds: 0)
    private var count = 0

    /// Until when the device must not be listened to; `nil` while it behaves.
    mutating func pause(afterReading bytes: Int, at now: BootTime) -> BootTime? {
        if now >= secondEnds {
            secondEnds = now + .seconds(1)
            count = 0
        }
        count += bytes
        return count > Self.bytesPerSecond ? secondEnds : nil
    }
}
