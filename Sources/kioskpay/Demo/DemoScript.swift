import Sandbox

/// Plays sequences unattended and says of each whether ledger, journal, slip and lights agree.
struct DemoScript {
    /// Every time of orders and payers, as a factor of the real ones: the payer has 4.5 s.
    static let scale = 0.15

    let daemon: String
    let sequences: [DemoSequence]
    let keepsFolder: Bool

    /// Whether everything agreed. - Parameter isStopped: whether somebody wants it to end.
    func run(isStopped: @escaping () -> Bool) throws -> Bool {
        let rig = try DemoRig(
            DemoRig.Options(daemon: daemon, scale: Self.scale, dispenses: .milliseconds(200))
        )
        var agrees = false
        var isRunning = true
        defer {
            if isRunning { _ = rig.stop() }
            if keepsFolder || !(agrees || isStopped()) {
                Output.line("Everything of this run is kept in \(rig.folder.path).")
            } else {
                rig.folder.remove()
            }
        }
        try rig.waitUntilReady()
        var differs = false
        for sequence in sequences {
            let player = SequencePlayer(rig: rig, sequence: sequence, isStopped: isStopped)
            let outcome = try player.play()
            report(sequence, outcome)
            differs = differs || !outcome.differences.isEmpty
        }
        let code = rig.stop()
        isRunning = false
        // After the last byte of the daemon's.
        let ledger = rig.server.ledger().map(LedgerFact.init)
        var problems = rig.board.problems
        if code != 0 { problems.append("the daemon ended with \(code)") }
        let stored = JournalJudge(sales: try rig.storedSales(), ledger: ledger)
        problems += stored.differences
        if stored.sales.count != sequences.count {
            problems.append("journal: \(stored.sales.count) sales, played \(sequences.count)")
        }
        if problems.isEmpty { Output.line(stored.summary) }
        for problem in problems { Output.line("    differs: \(problem)") }
        agrees = problems.isEmpty && !differs
        return agrees
    }

    private func report(_ sequence: DemoSequence, _ outcome: SequencePlayer.Outcome) {
        let evidence = outcome.evidence
        let ledger = evidence.sale.attempts.map { attempt in
            evidence.ledger.first { $0.order == attempt.order }?.text ?? "nothing known"
        }
        let undone = evidence.sale.attempts.filter { $0.state != "paid" }.map(\.state)
        let parts = [
            sequence.rawValue.padded(to: 18),
            (outcome.differences.isEmpty ? sequence.ending : "?").padded(to: 8),
            ("ledger: " + ledger.joined(separator: "; ")).padded(to: 50),
            ("journal: " + ([evidence.sale.state] + undone).joined(separator: ", ")).padded(to: 26),
            ("slip: " + evidence.slips.map(\.kind.rawValue).joined(separator: ", ")).padded(to: 20),
            ("lights: " + evidence.lights.results.joined(separator: ", ")).padded(to: 26),
            outcome.differences.isEmpty ? "ok" : "DIFFERS",
        ]
        Output.line(parts.joined(separator: " "))
        for difference in outcome.differences { Output.line("    differs: \(difference)") }
    }
}

extension String {
    /// At least so many characters, filled with spaces.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
