internal import CLinux
internal import Glibc
internal import Payments

/// One instant for the platform: payers and limits run on the boot clock, stamps are calendar time.
struct PlatformTime: Hashable, Sendable {
    let boot: BootTime
    /// Milliseconds since 1970-01-01 UTC.
    let wallMilliseconds: Int64

    init(boot: BootTime, wallMilliseconds: Int64) {
        self.boot = boot
        self.wallMilliseconds = wallMilliseconds
    }

    static var now: Self {
        var wall = timespec()
        // Cannot fail for this clock and a valid pointer, which `&` gives for the length of the call.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &wall)
        return Self(
            boot: BootTime(nanoseconds: kioskpay_boottime_nanoseconds()),
            wallMilliseconds: Int64(wall.tv_sec) * 1000 + Int64(wall.tv_nsec) / 1_000_000,
        )
    }

    /// The same pair of clocks at another boot time.
    func at(_ other: BootTime) -> Self {
        let milliseconds = (other - boot).wholeNanoseconds / 1_000_000
        return Self(boot: other, wallMilliseconds: wallMilliseconds + milliseconds)
    }

    /// `yyyyMMddHHmmss` in UTC+8 (wire facts, 1.17).
    var beijing: String {
        let date = CalendarDate(secondsSince1970: wallMilliseconds / 1000 + 8 * 3600)
        return date.digits
    }

    /// `yyyy-MM-dd HH:mm:ss` in UTC+8, as refunds have it (wire facts, 1.12).
    var beijingReadable: String {
        zip(beijing, ["", "", "", "", "-", "", "-", "", " ", "", ":", "", ":", ""])
            .map { $1 + String($0) }.joined()
    }

    /// The form of HTTP's `Date` header (RFC 9110, 5.6.7).
    var httpDate: String {
        CalendarDate(secondsSince1970: wallMilliseconds / 1000).httpDate
    }
}
