import Payments

extension WallTime {
    /// The time as RFC 3339 in UTC, to the millisecond: `2025-03-01T08:30:00.250Z`.
    ///
    /// Years 0 to 9999 are written; a clock beyond them is written as the nearest end.
    var rfc3339: String {
        let lowest: Int64 = -62_167_219_200_000
        let highest: Int64 = 253_402_300_799_999
        let time = min(max(milliseconds, lowest), highest)
        let (days, inDay) = Self.split(time, by: 86_400_000)
        let date = Self.civil(daysSince1970: days)
        let (seconds, fraction) = inDay.quotientAndRemainder(dividingBy: 1000)
        return pad(date.year, 4) + "-" + pad(date.month, 2) + "-" + pad(date.day, 2) + "T"
            + pad(seconds / 3600, 2) + ":" + pad(seconds / 60 % 60, 2) + ":" + pad(seconds % 60, 2)
            + "." + pad(fraction, 3) + "Z"
    }

    /// Quotient and remainder with the remainder never negative.
    private static func split(_ value: Int64, by unit: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
        return remainder < 0 ? (quotient - 1, remainder + unit) : (quotient, remainder)
    }

    /// The Gregorian date, by years that begin in March so that the leap day is the last one.
    private static func civil(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // 719 468 days lie between 1 March of year 0 and 1970; an era is 400 years or 146 097 days.
        let (era, day) = split(daysSince1970 + 719_468, by: 146_097)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        return (
            year + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * fromMarch + 2) / 5 + 1
        )
    }

    private func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
