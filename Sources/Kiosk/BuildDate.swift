internal import CBuildDate
internal import Glibc

/// Below which day no calendar is believed (rule F1).
enum BuildDate {
    /// 2025-09-15, when Swift 6.2 came out, without which there is no build: for a builder whose own calendar is not set.
    static let earliest: Int64 = 1_757_894_400_000

    private static let day: Int64 = 86_400_000

    /// Milliseconds since 1970. Nobody knows the builder's time zone, so the day before the build is taken.
    static let floor: Int64 = {
        // A string constant of the library.
        let text = unsafe String(cString: kioskpay_build_date())
        return floor(builtOn: text)
    }()

    /// - Parameter text: as the C compiler writes it, such as `Nov  1 2026`.
    static func floor(builtOn text: String) -> Int64 {
        max(earliest, midnight(of: text).map { $0 - day } ?? earliest)
    }

    private static func midnight(of text: String) -> Int64? {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let parts = text.split(separator: " ")
        guard parts.count == 3, let month = months.firstIndex(of: String(parts[0])),
            let day = Int32(parts[1]), let year = Int32(parts[2])
        else { return nil }
        // The structure, whose one pointer names no time zone, lives for the call.
        var date = unsafe tm()
        unsafe date.tm_year = year - 1900
        unsafe date.tm_mon = Int32(month)
        unsafe date.tm_mday = day
        return Int64(unsafe timegm(&date)) * 1_000
    }
}
