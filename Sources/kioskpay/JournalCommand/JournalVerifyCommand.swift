import ArgumentParser
import Journal
import StrictJSON

/// `kioskpay journal verify`
struct JournalVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every row and page of the journal; changes nothing.",
        discussion: """
            One line for each problem, at most \(IntegrityReport.mostProblems). Exit code 0 if there is none, else 1.
            """
    )

    @OptionGroup var options: JournalOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let report = try failing { try options.care().verify() }
        if json {
            let text = JSONWriter.object { one in
                one.boolean("sound", report.problems.isEmpty)
                one.integer("rowsChecked", report.rowsChecked)
                one.array("problems") { for problem in report.problems { $0.string(problem) } }
            }
            print(String(decoding: text, as: UTF8.self))
        } else {
            for problem in report.problems { print(problem) }
            if report.problems.isEmpty {
                print("The journal is sound: \(report.rowsChecked) rows checked.")
            }
        }
        if !report.problems.isEmpty { throw ExitCode(1) }
    }
}
