import ArgumentParser
import Glibc
import Journal
import Kiosk
import StrictJSON

/// `kioskpay journal export`
struct JournalExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Prints the journal's rows as JSON lines, as of one moment.",
        discussion: """
            Amounts are in the currency's smallest unit, times in milliseconds since 1970 beside whether the clock was
            synchronised. Fingerprints of payment codes are left out. A row that does not fit its checksum is printed with
            "sound": false, and the exit code is then 1.
            """
    )

    @OptionGroup var options: JournalOptions

    @Option(
        help:
            "Only rows that changed since: YYYY-MM-DD (a day in UTC+8, as the platform's) or milliseconds since 1970."
    )
    var since: ExportStart?

    @Option(
        help:
            "Only this table; may be given more than once: \(JournalCare.exportedTables.joined(separator: ", "))."
    )
    var table: [String] = []

    @Flag(help: "As in every command that reads; the rows are JSON lines with and without it.")
    var json = false

    func validate() throws {
        for name in table where !JournalCare.exportedTables.contains(name) {
            throw ValidationError(
                "There is no table \"\(name)\"; choose of \(JournalCare.exportedTables.joined(separator: ", "))."
            )
        }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let tables = table.isEmpty ? JournalCare.exportedTables : table
        var isSound = true
        var isRead = true
        try failing {
            try options.care().export(tables: tables, since: since?.milliseconds) { row in
                isSound = isSound && row.isSound
                isRead = Output.write(String(decoding: row.json, as: UTF8.self) + "\n")
                return isRead
            }
        }
        if !isSound {
            ErrorLine.write(
                "Some rows do not fit their checksums; run `kioskpay journal verify`."
            )
        }
        if !isSound || !isRead { throw ExitCode(1) }
    }
}

extension JournalCare.ExportedRow {
    var json: [UInt8] {
        JSONWriter.object { one in
            one.string("table", table)
            for (name, value) in columns {
                switch value {
                case .null: one.null(name)
                case .integer(let number): one.integer(name, number)
                case .text(let text): one.string(name, text)
                }
            }
            if !isSound { one.boolean("sound", false) }
        }
    }
}

/// From when on rows are exported.
struct ExportStart: ExpressibleByArgument {
    let milliseconds: Int64

    init?(argument: String) {
        if let milliseconds = Int64(argument) {
            self.milliseconds = milliseconds
            return
        }
        let parts = argument.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            let days = Self.days(year, month, day)
        else { return nil }
        milliseconds = (days * 86_400 - 8 * 3_600) * 1_000
    }

    /// Days since 1970 of a date that exists.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64? {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1970...9999).contains(year), (1...12).contains(month),
            (1...lengths[month - 1]).contains(day)
        else { return nil }
        let before = year - 1
        let leaps = before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400)
        return Int64((year - 1970) * 365 + leaps + lengths[..<(month - 1)].reduce(0, +) + day - 1)
    }
}
