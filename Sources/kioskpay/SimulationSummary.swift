import Simulation
import StrictJSON

/// What a simulation did, in numbers, for people and for programs.
struct SimulationSummary {
    private let seeds: Int
    private let tally: Tally
    private let broken: Int
    private let failures: [Campaign.Failure]
    private let digest: UInt64
    private let longestSettling: Int64
    private let took: Duration?

    init(_ outcome: Simulation.Outcome) {
        seeds = 1
        tally = outcome.tally
        failures = outcome.violation.map { [Campaign.Failure(outcome.seed, $0)] } ?? []
        broken = failures.count
        digest = outcome.digest
        longestSettling = outcome.tally.settled
        took = nil
    }

    init(_ campaign: Campaign, took: Duration) {
        seeds = campaign.seeds
        tally = campaign.total
        broken = campaign.failureCount
        failures = campaign.failures
        digest = campaign.digest
        longestSettling = campaign.longestSettling
        self.took = took
    }

    private var hours: Int64 { tally.simulated / 3_600_000_000_000 }

    private var seconds: Double? { took.map { $0 / .seconds(1) } }

    private var faults: [(String, Int)] {
        zip(Fault.allCases, tally.faults).filter { $0.1 > 0 }.map { ($0.0.word, $0.1) }
    }

    var text: String {
        var lines = [
            line("seeds", "\(seeds), \(broken) broken"),
            line(
                "simulated time",
                "\(hours) h (\(hours / 8_760) kiosk-years and \(hours % 8_760) h)"
            ),
            line(
                "payments",
                "\(tally.payments), \(tally.charges) charged, \(tally.returns) returned"
            ),
            line("sales delivered", "\(tally.delivered)"),
            line("revokes sent", "\(tally.revokes)"),
            line("parked", "\(tally.parked)"),
            line("starts", "\(tally.starts)"),
            line("events", "\(tally.events), \(tally.records) records stored"),
            line("longest settling", "\(longestSettling / 1_000_000_000) s after the last fault"),
            line("faults", "\(tally.faultCount)"),
        ]
        for (word, count) in faults { lines.append(line("  " + word, "\(count)")) }
        if let seconds {
            let rate = Int(Double(seeds) / max(seconds, 0.001))
            lines.append(line("took", "\(Int(seconds.rounded())) s, \(rate) seeds per second"))
        }
        lines.append(line("digest", String(digest, radix: 16)))
        return lines.joined(separator: "\n")
    }

    private func line(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: max(1, 30 - name.utf8.count)) + value
    }

    var json: String {
        let bytes = JSONWriter.object { summary in
            summary.integer("seeds", seeds)
            summary.integer("broken", broken)
            summary.integer("simulatedSeconds", tally.simulated / 1_000_000_000)
            summary.integer("payments", tally.payments)
            summary.integer("charges", tally.charges)
            summary.integer("returns", tally.returns)
            summary.integer("delivered", tally.delivered)
            summary.integer("revokes", tally.revokes)
            summary.integer("parked", tally.parked)
            summary.integer("starts", tally.starts)
            summary.integer("events", tally.events)
            summary.integer("records", tally.records)
            summary.integer("longestSettlingSeconds", longestSettling / 1_000_000_000)
            summary.integer("faults", tally.faultCount)
            summary.object("faultsByKind") { kinds in
                for (word, count) in faults { kinds.integer(word, count) }
            }
            summary.integer("milliseconds", seconds.map { Int($0 * 1_000) })
            summary.string("digest", String(digest, radix: 16))
            summary.array("failures") { array in
                for failure in failures {
                    array.object { row in
                        row.integer("seed", failure.seed)
                        row.string("rule", failure.violation.rule)
                        row.string("sentence", failure.violation.sentence)
                    }
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
