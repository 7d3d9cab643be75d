/// A Gregorian date and time of day, counted from seconds since 1970 without any time zone data.
struct CalendarDate: Hashable, Sendable {
    let year: Int
    let month: Int
    let day: Int
    /// 0 is Sunday.
    let weekday: Int
    let hour: Int
    let minute: Int
    let second: Int

    /// The usual day-count arithmetic on a year that begins in March, so that the leap day comes last.
    init(secondsSince1970 seconds: Int64) {
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let rest = Int(seconds) - days * 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        weekday = ((days % 7) + 11) % 7
        hour = rest / 3600
        minute = rest % 3600 / 60
        second = rest % 60
    }

    /// `yyyyMMddHHmmss`.
    var digits: String {
        Self.padded(year, to: 4)
            + [month, day, hour, minute, second].map { Self.padded($0) }.joined()
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    var httpDate: String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let time = [hour, minute, second].map { Self.padded($0) }.joined(separator: ":")
        return "\(days[weekday]), \(Self.padded(day)) \(months[month - 1]) "
            + "\(Self.padded(year, to: 4)) \(time) GMT"
    }

    private static func padded(_ number: Int, to width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
