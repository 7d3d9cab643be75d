/// Times of API v2: `yyyyMMddHHmmss` in UTC+8, which has no daylight saving (wire facts, 1.17).
enum BeijingTime {
    /// Seconds since 1970 UTC; `nil` unless `text` is 14 digits that name a real second from 1970
    /// on.
    static func secondsSince1970(_ text: String) -> Int64? {
        let digits = Array(text.utf8)
        guard digits.count == 14, digits.allSatisfy(\.isDigit) else { return nil }
        func number(_ range: Range<Int>) -> Int64 {
            digits[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        let year = number(0..<4)
        let month = number(4..<6)
        let day = number(6..<8)
        let hour = number(8..<10)
        let minute = number(10..<12)
        let second = number(12..<14)
        guard year >= 1970, (1...12).contains(month),
            (1...daysInMonth(month, year: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let ofDay = (hour * 60 + minute) * 60 + second
        let utc = daysSince1970(year: year, month: month, day: day) * 86_400 + ofDay - 8 * 3600
        return utc >= 0 ? utc : nil
    }

    private static func isLeap(_ year: Int64) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    private static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        // Leap days before this year, less the 477 before 1970.
        let past = year - 1
        let leapDays = past / 4 - past / 100 + past / 400 - 477
        let ofYear = (1..<month).reduce(day - 1) { $0 + daysInMonth($1, year: year) }
        return (year - 1970) * 365 + leapDays + ofYear
    }
}
