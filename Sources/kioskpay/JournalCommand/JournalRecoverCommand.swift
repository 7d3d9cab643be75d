import ArgumentParser
import Journal
import Payments
import StrictJSON

/// `kioskpay journal recover`
struct JournalRecoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Brings everything that is readable of a damaged journal into a sound one.",
        discussion: """
            Stop kioskpayd first. The damaged journal stays where it was set aside, with the report beside it. Every order
            that was open, and every order number found without a row, is asked for at the platform after the next start;
            what is paid goes to a person, what is not is revoked. May be repeated.
            """
    )

    @OptionGroup var options: JournalOptions

    @Flag(help: "Print the report as one JSON object.")
    var json = false

    func run() throws {
        let report = try failing {
            try options.care().recover(by: JournalOptions.person, now: JournalOptions.now) {
                $0.json
            }
        }
        guard let report else {
            print(
                json ? #"{"recovered":false}"# : "The journal is not damaged: nothing was changed."
            )
            return
        }
        print(json ? report.json : report.lines.joined(separator: "\n"))
    }
}

extension RecoveryReport {
    var json: String {
        let bytes = JSONWriter.object { one in
            one.boolean("recovered", true)
            one.array("folders") { for folder in folders { $0.string(folder) } }
            one.object("rows") { counts in
                for (table, count) in rows.sorted(by: { $0.key < $1.key }) {
                    counts.integer(table, count)
                }
            }
            one.integer("lostSales", lostSales)
            one.integer("missingEvents", missingEvents)
            one.array("lostOrders") { orders in
                for lost in lostOrders {
                    orders.object { order in
                        order.string("order", lost.order.text)
                        order.string("sale", lost.sale.text)
                        order.integer("amount", lost.amount?.minorUnits)
                        order.string("currency", lost.amount?.currency.code)
                        order.string("course", lost.course.rawValue)
                    }
                }
            }
            one.integer("openOrders", openOrders)
            one.object("openSums") { sums in
                for (currency, sum) in openSums.sorted(by: { $0.key < $1.key }) {
                    sums.integer(currency, sum)
                }
            }
            one.string("needsAdoption", adoptionReason)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
