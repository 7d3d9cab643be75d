/// Calendar time at a fixed offset from UTC, as slips print it.
enum LocalTime {
    /// `2026-03-01 09:30:00 +08:00`. Any number of seconds gives a text; years beyond four digits are printed whole.
    static func text(secondsSince1970: Int64, utcOffsetMinutes: Int) -> String {
        let (shifted, overflow) = secondsSince1970.addingReportingOverflow(
            Int64(utcOffsetMinutes) * 60)
        let seconds = overflow ? secondsSince1970 : shifted
        let day = seconds.flooringQuotient(by: 86_400)
        let second = seconds - day * 86_400
        let date = civilDate(daysSince1970: day)
        return "\(date.year)-\(two(date.month))-\(two(date.day)) "
            + "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)) "
            + offset(utcOffsetMinutes)
    }

    static func offset(_ minutes: Int) -> String {
        let size = Int64(minutes.magnitude)
        return "\(minutes < 0 ? "-" : "+")\(two(size / 60)):\(two(size % 60))"
    }

    /// The Gregorian calendar counted from 1 March of year 0, so that a leap day ends a year; 146,097 days are 400 years.
    private static func civilDate(
        daysSince1970: Int64
    ) -> (year: Int64, month: Int64, day: Int64) {
        let day = daysSince1970 + 719_468
        let era = day.flooringQuotient(by: 146_097)
        let dayOfEra = day - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month,
            dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    private static func two(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : String(number)
    }
}

extension Int64 {
    fileprivate func flooringQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
