import ArgumentParser
import Glibc
import Kiosk
import Simulation
import StrictJSON

/// `kioskpay simulate`: the deterministic simulation.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract:
            "Runs the payment machine through seeded worlds and checks what must always be true.",
        discussion: """
            Each seed is a world with payers, a platform, a network, a disk and a power supply, in virtual time: whatever
            fails, and however long, every payment must end in a proven state. The same seed is the same history on every
            machine. A seed that fails is printed with its shortest failing history.
            """
    )

    @Option(help: "How many seeds, from 1 on.")
    var seeds: UInt64 = 2_000

    @Option(help: "Run this one seed and print its whole history.")
    var seed: UInt64?

    @Option(help: "Seeds at the same time; by default as many as the machine has cores.")
    var width: Int?

    @Option(help: "Break the machine on purpose, to see it caught: a mutant's name, or \"list\".")
    var mutant: String?

    @Option(help: "Fail unless the seeds contain so many payments.")
    var requirePayments: Int?

    @Option(help: "Fail unless so many faults strike in them.")
    var requireFaults: Int?

    @Option(help: "Fail unless they simulate so many hours; a kiosk-year has 8766.")
    var requireHours: Int?

    @Option(help: "Fail if it takes more than so many seconds of real time.")
    var within: Int?

    @Flag(help: "Print the summary as one JSON object.")
    var json = false

    func validate() throws {
        guard (1...10_000_000).contains(seeds) else {
            throw ValidationError("--seeds is 1 to 10000000.")
        }
        guard width.map({ (1...1_024).contains($0) }) ?? true else {
            throw ValidationError("--width is 1 to 1024.")
        }
        let demanded = [requirePayments, requireFaults, requireHours, within].compactMap(\.self)
        guard demanded.allSatisfy({ (1...1_000_000_000_000).contains($0) }) else {
            throw ValidationError("What is demanded of the run is 1 to 1000000000000.")
        }
        guard demands.isEmpty || seed == nil else {
            throw ValidationError("--seed runs one seed; what is demanded is demanded of --seeds.")
        }
        if let mutant, mutant != "list", MutantKind(rawValue: mutant) == nil {
            throw ValidationError("There is no mutant \"\(mutant)\"; --mutant list names them all.")
        }
    }

    private var demands: Demands {
        Demands(
            payments: requirePayments,
            faults: requireFaults,
            hours: requireHours,
            seconds: within
        )
    }

    func run() async throws {
        if mutant == "list" {
            for kind in MutantKind.allCases {
                print("\(kind.rawValue)  (\(kind.rule): \(kind.words))")
            }
            return
        }
        let kind = mutant.flatMap(MutantKind.init(rawValue:))
        if let seed {
            try replay(seed, kind)
        } else {
            try await campaign(kind)
        }
    }

    private func replay(_ seed: UInt64, _ kind: MutantKind?) throws {
        let outcome = Simulation.run(seed: seed, mutant: kind, wantsHistory: true)
        if !json { for line in outcome.history { print(line) } }
        let summary = SimulationSummary(outcome)
        print(json ? summary.json : summary.text)
        if let violation = outcome.violation {
            ErrorLine.write("Seed \(seed) is broken: \(violation).")
            throw ExitCode.failure
        }
    }

    private func campaign(_ kind: MutantKind?) async throws {
        let start = ContinuousClock.now
        let campaign = await Campaign.run(
            first: 1,
            count: seeds,
            width: width ?? cores,
            mutant: kind
        )
        let took = ContinuousClock.now - start
        let summary = SimulationSummary(campaign, took: took)
        if let first = campaign.failures.first, !json { show(first, kind) }
        print(json ? summary.json : summary.text)
        let unmet = demands.unmet(by: campaign.total, took: took)
        for sentence in unmet { ErrorLine.write(sentence) }
        for failure in campaign.failures {
            ErrorLine.write("Seed \(failure.seed) is broken: \(failure.violation).")
        }
        if campaign.failureCount > 0 {
            ErrorLine.write(
                "\(campaign.failureCount) of \(campaign.seeds) seeds are broken; --seed replays one."
            )
        }
        if campaign.failureCount > 0 || !unmet.isEmpty { throw ExitCode.failure }
    }

    private func show(_ failure: Campaign.Failure, _ kind: MutantKind?) {
        let shortest = Shrinking.shrink(seed: failure.seed, mutant: kind)
        print("The shortest history of seed \(failure.seed) that breaks \(failure.violation.rule):")
        for line in shortest.history { print(line) }
        print("It needs: \(shortest.decisions.map(\.description).joined(separator: ", ")).")
    }

    private var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
