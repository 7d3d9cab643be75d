import Payments

/// A kiosk, its machine and everything around it, from one seed: the same seed gives the same history on every machine.
///
/// The machine is the real ``Till``, recovery included; what surrounds it is played here. Nothing reads a clock, nothing
/// depends on the order of a hash table, and one world runs on one thread.
final class World {
    var now: Int64 = 0
    var schedule: Schedule
    var calendar = Calendar()
    let policy: Policy
    let books = Books()
    var audit: Audit
    var process: Process?
    var machinery = Machinery()
    var disk = Disk()
    var network = Network()
    var exchanges: [Exchange] = []
    var visits: [Visit] = []
    var wallets: [String: Wallet] = [:]
    var application = Application()
    var tally = Tally()
    var history: History?
    let mutantKind: MutantKind?
    /// Whether the platform refuses a submit that comes after a revoke of its number (wire facts, 3.3, rule 5: unknown).
    let refusesAfterReverse: Bool
    /// Whether somebody comes who settles what is parked.
    let settlesParked: Bool
    /// Things that will change an order by themselves.
    var pendingActs = 0
    /// `nil` until faults stop.
    var settlingSince: Int64?
    var isEnded = false
    /// Stirred by everything that happens: two equal histories have the same one.
    private(set) var digest: UInt64 = 0
    /// Happenings at the same instant, so that a world that spins is noticed.
    private var spin = 0

    init(seed: UInt64, options: Options) {
        schedule = Schedule(seed: seed, visits: options.visits, dropped: options.dropped)
        var dice = schedule.policyDice()
        policy = World.drawnPolicy(&dice)
        refusesAfterReverse = dice.oneIn(2)
        settlesParked = dice.oneIn(2)
        mutantKind = options.mutant
        audit = Audit(policy: policy)
        history = options.wantsHistory ? History() : nil
    }

    struct Options: Sendable {
        var visits = 150
        var dropped: Set<Decision> = []
        var mutant: MutantKind?
        var wantsHistory = false
    }

    private static func drawnPolicy(_ dice: inout Dice) -> Policy {
        guard let kiosk = KioskID("K0007"), let price = Money(minorUnits: 500, currency: .cny)
        else {
            preconditionFailure("Both are legal.")
        }
        var policy = Policy(kiosk: kiosk)
        policy.sale.maximumAttempts = 1 + dice.roll(5)
        policy.sale.claimedUnreported = dice.pick(SalePolicy.ClaimedUnreported.allCases)
        policy.sale.requirePrinter = dice.oneIn(4)
        policy.sale.deliveryWait = .seconds(20 + dice.roll(100))
        policy.sale.autoDeliver = dice.oneIn(5)
        if dice.oneIn(5) {
            policy.sale.autoDeliver = true
            policy.sale.fixedItem = .init(amount: price, description: "Wash")
        }
        if dice.oneIn(3) { policy.risk.maximumUnsettledCount = 1 + dice.roll(5) }
        if dice.oneIn(3) { policy.risk.maximumUnsettledSum = 250 * Int64(1 + dice.roll(4)) }
        // The queue's own bound, which the visits of a seed could not reach.
        if dice.oneIn(4) { policy.risk.maximumQueued = 2 + dice.roll(4) }
        return policy
    }

    // MARK: - The course of the world

    /// Runs the whole history: payers and faults, then calm until everything has found its end.
    func run() {
        startProcess(isNewBoot: true)
        planVisit(0)
        while !isEnded, audit.violation == nil {
            guard let entry = calendar.removeFirst() else {
                fail("Contract", "nothing is planned any more, and not everything has its end")
                break
            }
            spin = entry.due == now ? spin + 1 : 0
            guard spin < 5_000 else {
                fail("rest", "the machine never rests: 5000 things happen at one instant")
                break
            }
            now = entry.due
            books.now = now
            digest = Dice.mixed(digest ^ UInt64(bitPattern: now) &+ UInt64(entry.serial))
            happen(entry.happening)
            if settlingSince != nil, isQuiet { end() }
        }
        tally.simulated = now
        tally.faults = schedule.counts
        tally.finish(books)
    }

    private func happen(_ happening: Happening) {
        switch happening {
        case .reaches(let event, let run): if isRunning(run) { hear(event) }
        case .devicesNoticed(let run): if isRunning(run) { devicesNoticed() }
        case .timer(let id, let run): if isRunning(run) { timerIsDue(id) }
        case .diskWrites(let run): if isRunning(run) { writeNext() }
        case .diskAnswers(let id, let isStored, let run):
            if isRunning(run) { diskAnswers(id, isStored: isStored) }
        case .begins(let id): begin(id)
        case .arrives(let id): arrive(id)
        case .processes(let id): work(on: id)
        case .concludes(let id): conclude(id)
        case .replies(let id): deliverReply(id)
        case .givesUp(let id, let reason): giveUp(id, reason: reason)
        case .acts(let order, let act):
            pendingActs -= 1
            self.act(order, act)
        case .visit(let ordinal): beginVisit(ordinal)
        case .step(let step, let visit): take(step, visit)
        case .befalls(let incident, let length): befall(incident, length)
        case .ends(let incident): end(incident)
        case .networkNoticed(let run): if isRunning(run) { noticeNetwork() }
        case .powerReturns: if process == nil { startProcess(isNewBoot: machinery.needsBoot) }
        case .killedIfRunning(let run):
            if isRunning(run) {
                kill("it is restarted")
                plan(.powerReturns, in: 2 * Span.second)
            }
        case .technicianLooks: technicianLooks()
        case .backsUp: backUp()
        case .adopts: personAdopts()
        case .isRestarted: restartProcess()
        case .recovers: personRecovers()
        case .settlingEnds: judgeUnquiet()
        }
    }

    func isRunning(_ run: Int) -> Bool { process?.run == run }

    func plan(_ happening: Happening, in delay: Int64) { calendar.add(happening, at: now + delay) }

    // MARK: - The end

    /// Faults stop, and what stands in the way of the end is put right, as a technician who comes would.
    func settle() {
        guard settlingSince == nil else { return }
        settlingSince = now
        schedule.isOver = true
        note("faults stop")
        network.isDown = false
        network.isCaptive = false
        network.refusesCertificate = false
        network.refusesIdentity = false
        disk.isFull = false
        disk.room = nil
        disk.isHanging = false
        disk.isBroken = false
        machinery.isScannerGone = false
        machinery.isPrinterGone = false
        machinery.isInMaintenance = false
        if disk.isClosed { kill("a technician restarts it") }
        if process == nil {
            startProcess(isNewBoot: machinery.needsBoot)
        } else {
            plan(.networkNoticed(run: process?.run ?? 0), in: Span.second)
            tellDevices(in: Span.second)
        }
        if let process {
            plan(.reaches(.serviceModeAsked(.normal), run: process.run), in: 2 * Span.second)
            if disk.isWriting { plan(.diskWrites(run: process.run), in: Span.millisecond) }
        }
        plan(.adopts, in: Span.minute)
        plan(.recovers, in: Span.minute)
        plan(.technicianLooks, in: 2 * Span.minute)
        plan(.settlingEnds, in: settlingLimit)
    }

    /// How long after the last fault everything must have its end. An order may be in the middle of a pause of the longest
    /// length (`retryCap`), find the order alive, and have to pause as long again before its next revoke; if that is refused for
    /// good, once more before the query that decides to refund, and between the questions after the refund; then an answer
    /// may have to be said again (`confirmAgain`). Where an operator has refunded by hand, the order itself is asked only after
    /// six answers about the kiosk's own refund. Before that a sale can be open: waiting for a code, for the payer's password,
    /// for its claim and for its report, each after the other; storage and a fault are looked at every `probe`.
    private var settlingLimit: Int64 {
        let timing = policy.timing
        let queue = timing.retryCap * 4 + timing.confirmAgain + timing.recoverySpread
        let attempts = (timing.hardEnd + timing.retryPause) * policy.sale.maximumAttempts
        let sale = policy.sale.codeWait * 2 + attempts + policy.sale.deliveryWait * 2
        let service = timing.probe * 3 + timing.revokeNotBefore + .seconds(120)
        let refund =
            timing.retryCap * 6 + timing.refundAgain * 2 + .nanoseconds(PlatformOrder.longestRefund)
        let all = queue + refund + sale + service + policy.sale.unreportedPark
        return all.wholeNanoseconds + Application.personLooksWithin
    }

    private var isQuiet: Bool {
        guard pendingActs == 0, let process, process.till.activeSale == nil else { return false }
        let queue = process.till.revokeQueue
        guard queue.count == queue.parked else { return false }
        // Parked orders may hold so much money that nothing is sold until a person has come (rule C7).
        guard process.till.reasons.allSatisfy({ $0 == .risk && queue.parked > 0 }) else {
            return false
        }
        return disk.pending.isEmpty && process.openExchanges == 0
            && application.openCalls.isEmpty && application.plannedSteps == 0
    }

    private func end() {
        isEnded = true
        tally.settled = now - (settlingSince ?? now)
        note("quiet")
        audit.close(books)
    }

    private func judgeUnquiet() {
        guard let process else {
            return fail("end", "the kiosk is off though nothing is wrong any more")
        }
        let sale = process.till.activeSale.map { "sale \($0.id) \($0.state)" } ?? "no sale"
        fail(
            "end",
            """
            no end \(settlingLimit / Span.second) s after faults stopped: \(sale), \
            \(process.till.revokeQueue.count) orders in the queue, reasons \
            \(process.till.reasons.map(\.rawValue)), \(process.openExchanges) requests, \
            \(application.openCalls.count) calls, \(disk.pending.count) records, \(pendingActs) acts, \
            \(application.plannedSteps) steps
            """
        )
    }

    // MARK: - Telling

    func fail(_ rule: String, _ sentence: String) {
        audit.fail(rule, sentence)
    }

    func see(_ fact: Fact) {
        audit.see(fact, books)
        if history != nil { history?.note(fact, at: now, run: process?.run ?? 0) }
    }

    func note(_ sentence: @autoclosure () -> String) {
        guard history != nil else { return }
        history?.add(sentence(), at: now)
    }
}
