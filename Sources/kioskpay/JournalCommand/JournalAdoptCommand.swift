import ArgumentParser
import Glibc
import Journal
import Kiosk
import KioskClient
import StrictJSON
import Threads

/// `kioskpay journal adopt`
struct JournalAdoptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "A person vouches for a journal that may be a copy; sales go on.",
        discussion: """
            Adopt a journal on one kiosk only: the one that its card belongs to. On a cloned card the open orders belong to
            the other kiosk; there, start with an empty state directory instead.
            Works through a running kioskpayd's socket, or on the state directory while it is stopped.
            """
    )

    @OptionGroup var options: JournalOptions

    @Option(help: "The socket of a running kioskpayd.")
    var socket = "/run/kioskpay/kioskpay.sock"

    @Flag(help: "Do not ask; needed where there is no terminal.")
    var yes = false

    func run() throws {
        try failing {
            let care = try options.care()
            let plan: JournalCare.AdoptionPlan
            do {
                plan = try care.adoptionPlan
            } catch let error as JournalError where error.kind == .inUse {
                try adoptRunning()
                return
            }
            guard let reason = plan.reason else {
                print("The journal is this kiosk's own: there is nothing to adopt.")
                return
            }
            try confirm(reason, plan.openOrders, plan.openSums)
            try care.adopt(by: JournalOptions.person, now: JournalOptions.now)
            print("The journal is adopted; sales are on again after the next start of kioskpayd.")
        }
    }

    private func confirm(_ reason: String, _ orders: Int, _ sums: [String: Int64]) throws {
        let sum = sums.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(
            separator: " and "
        )
        print("The journal may be a copy: \(reason).")
        print(
            orders == 0
                ? "No order is open in it: no money is concerned."
                : """
                \(orders) orders are open in it, together \(sum) in the smallest unit. After the adoption each is asked \
                for: what is paid goes to a person, what is not is revoked.
                """
        )
        print("What happened after the copy was made is not in it.")
        if yes { return }
        switch Terminal.confirms("Is this the one kiosk that the journal belongs to?") {
        case true?: return
        case false?: ErrorLine.write("Nothing was changed, as you wished.")
        case nil:
            ErrorLine.write(
                "Nothing was changed: give --yes where there is no terminal to ask on."
            )
        }
        throw ExitCode(1)
    }

    // MARK: - A running daemon

    private func adoptRunning() throws {
        let client = LocalClient(socket: socket, patience: .seconds(30))
        let answer = try client.get("/v1/status")
        let status = try JSONReader.parse(answer.body, maximumBytes: 1 << 20)
        let journal = try status.object("journal")
        let state = try journal.string("state", bytes: 1...20)
        let detail = try journal.optionalString("detail", bytes: 0...4_000) ?? ""
        guard state != "own" else {
            print("The journal is this kiosk's own: there is nothing to adopt.")
            return
        }
        guard state == "foreign" else { throw CommandError(detail) }
        let queue = try status.object("queue")
        let count = try queue.integer("count", in: 0...Int64(Int32.max))
        let sum = try queue.integer("sum", in: 0...Int64.max)
        let currency = try queue.string("currency", bytes: 3...3)
        print(detail)
        try confirm("the running kioskpayd says so", Int(count), count == 0 ? [:] : [currency: sum])
        let reply = try client.post("/v1/journal/adopt")
        guard reply.status == 200 else {
            let problem = try? JSONReader.parse(reply.body, maximumBytes: 1 << 20)
            let text = try? problem?.optionalString("detail", bytes: 0...4_000)
            throw CommandError(
                text ?? "kioskpayd answered \(reply.status); the journal is as it was."
            )
        }
        print("The journal is adopted; sales go on.")
    }
}
