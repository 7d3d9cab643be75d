import Payments
import Sandbox
import Threads

/// Plays one sequence on a rig and collects what everybody says of it. Every wait is for an event or a condition, and
/// bounded.
struct SequencePlayer {
    /// For one step of a sequence; the slowest is the payer's window.
    private static let patience = Duration.seconds(30)
    /// How often a payer holds the same code to the scanner again.
    private static let rescan = Duration.milliseconds(300)

    struct Outcome {
        let evidence: SequenceJudge.Evidence
        let differences: [String]
    }

    let rig: DemoRig
    let sequence: DemoSequence
    /// Asked while waiting: whether somebody wants the demo to end.
    let isStopped: () -> Bool

    func play() throws -> Outcome {
        let start = BootClock.nanoseconds() / 1_000_000
        let slipCount = rig.printer.slips.count
        let known = Set(rig.server.ledger().map(\.order))
        try rig.waitUntilReady()
        let sale = try rig.openSale(key: "demo-\(sequence.rawValue)-\(start)").id
        try tell(sale)
        try waitUntil("every order is settled") { try isSettled(sale) }
        try waitUntil("the slip is out") { rig.printer.slips.count > slipCount }
        try waitUntil("the goods are out or withdrawn, and the lights invite again") {
            let changes = rig.board.lights().changes.filter { $0.milliseconds >= start }
            return rig.isReady() && Self.isAtRest(changes)
        }
        let evidence = SequenceJudge.Evidence(
            sale: try rig.sale(sale),
            ledger: rig.server.ledger().filter { !known.contains($0.order) }.map(LedgerFact.init),
            slips: rig.printer.slips.dropFirst(slipCount).map { SlipText($0.lines) },
            lights: LightCourse(rig.board.lights().changes, from: start),
            returnedOrders: events(of: sale).filter { $0.kind == "money-returned" }.compactMap(
                \.order
            )
        )
        let judge = SequenceJudge(expected: sequence.expectation, evidence: evidence)
        return Outcome(evidence: evidence, differences: judge.differences)
    }

    // MARK: - The stories

    private func tell(_ sale: String) throws {
        switch sequence {
        case .passwordExempt:
            try show(.paid, to: sale)
        case .password:
            try show(.passwordThenPaid, to: sale)
        case .payerTooLate:
            // The payer types the password at the last moment, just before the order is revoked.
            try show(try play("late-payment"), to: sale)
        case .refusedThenPaid:
            try show(try play("too-little-money"), to: sale)
            try awaitState("declined", of: sale)
            try waitUntil("the lights ask for another code") {
                rig.board.lights().lit == ["ready"]
            }
            try show(.paid, to: sale)
        case .networkCut:
            try cutNetwork(sale)
        }
        try awaitState(sequence.expectation.sale, of: sale)
        if sequence == .networkCut { try rig.server.setNetwork(.up) }
    }

    /// The money is taken, and the network is gone before the reply.
    private func cutNetwork(_ sale: String) throws {
        let known = Set(rig.server.ledger().map(\.order))
        try show(.slowReply, to: sale)
        try waitUntil("the payer is charged") {
            rig.server.ledger().contains { !known.contains($0.order) && $0.charged != nil }
        }
        try rig.server.setNetwork(.cut)
    }

    private func play(_ name: String) throws -> SandboxCase {
        guard let play = SandboxCase(named: name) else {
            throw DemoError("The stand-in knows no case \(name).")
        }
        return play
    }

    /// Holds a fresh code to the scanner until it is taken: right after a refusal the kiosk rests, and what is read then is
    /// dropped (rule B4).
    private func show(_ play: SandboxCase, to sale: String) throws {
        let code = rig.code(for: play)
        let taken = events(of: sale).count { $0.state == "submitting" }
        let end = BootClock.nanoseconds() + BootClock.nanoseconds(of: Self.patience)
        while BootClock.nanoseconds() < end {
            rig.scanner.scan(code)
            let isTaken = rig.board.wait(atMost: Self.rescan) {
                events(of: sale).count { $0.state == "submitting" } > taken
            }
            if isTaken { return }
        }
        throw DemoError("The code was not taken in \(sequence.rawValue).")
    }

    // MARK: - Waiting

    private func events(of sale: String) -> [KioskEvent] {
        rig.board.events.filter { $0.sale == sale }
    }

    private func awaitState(_ state: String, of sale: String) throws {
        try waitUntil("the sale is \(state)") { events(of: sale).contains { $0.state == state } }
    }

    /// Whether nothing is left to do for the sale's orders, as the daemon's rows say.
    private func isSettled(_ id: String) throws -> Bool {
        let sale = try rig.sale(id)
        return sale.attempts.allSatisfy { attempt in
            guard let state = AttemptState(rawValue: attempt.state) else { return false }
            return state.isFinal || (state == .paid && sale.state == "delivered")
        }
    }

    /// Whether the results have gone dark and the kiosk is ready for the next payer.
    private static func isAtRest(_ changes: [LightTrace.Change]) -> Bool {
        let course = LightCourse(changes)
        let results = ["busy", "approved", "declined", "fault"].flatMap(course.flashes(of:))
        guard let last = results.map(\.on).max(), results.allSatisfy({ $0.off != nil }) else {
            return false
        }
        return course.flashes(of: "ready").contains { $0.on > last }
    }

    private func waitUntil(_ what: String, _ condition: () throws -> Bool) throws {
        let holds = try rig.board.wait(atMost: Self.patience) {
            guard !isStopped() else { throw DemoError("Stopped before the end.") }
            guard rig.isDaemonRunning else {
                throw DemoError("The daemon has ended; its log is \(rig.daemonLog).")
            }
            return try condition()
        }
        guard holds else {
            throw DemoError("\(sequence.rawValue): waited in vain until \(what).")
        }
    }
}
