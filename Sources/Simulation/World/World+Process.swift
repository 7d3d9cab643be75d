import Payments

/// The daemon's process: the machine, and what its shell must keep in memory (``ShellContract``).
///
/// A class, so that looking at it never copies the machine.
final class Process {
    let run: Int
    var till: Till
    var order = RecordOrder()
    var timers: [TimerPurpose: TimerID] = [:]
    /// Requests that the machine has no answer to yet.
    var openExchanges = 0
    var submits: [OrderNumber: Int] = [:]
    /// Orders whose answers have taken the kiosk out of service (rule B7).
    var switchedOffBy: Set<OrderNumber> = []
    var mutant: (any Mutant)?

    init(run: Int, till: Till, mutant: (any Mutant)?) {
        self.run = run
        self.till = till
        self.mutant = mutant
    }
}

/// The box the process runs in.
struct Machinery {
    var runs = 0
    var boots = 0
    /// The power was off: the next start is a boot.
    var needsBoot = true
    var bootedAt: Int64 = 0
    /// What the calendar is off by, in milliseconds.
    var wallOffset: Int64 = 0
    /// Booted without a battery clock, and nothing has told the time yet (rule F1).
    var isClockUnset = false
    var bootID = BootID("boot-0")
    var isScannerGone = false
    var isPrinterGone = false
    var isPaperLow = false
    var isInMaintenance = false
    var events = 0
    /// What the shell was asked to remember in this boot.
    var returnsTold: Set<OrderNumber> = []

    /// 2026-01-01, when every world begins.
    static let birth: Int64 = 1_767_225_600_000
    /// The build date, below which no clock starts (rule F1).
    static let floor: Int64 = 1_764_547_200_000
}

/// The loop around the machine, and its starts and ends.
extension World {
    func moment() -> Moment {
        let boot = now - machinery.bootedAt + 3 * Span.second
        let wall =
            machinery.isClockUnset
            ? Machinery.floor + boot / Span.millisecond
            : Machinery.birth + machinery.wallOffset + now / Span.millisecond
        return Moment(
            boot: BootTime(nanoseconds: boot),
            bootID: machinery.bootID,
            wall: WallTime(milliseconds: wall, isSynchronised: !machinery.isClockUnset)
        )
    }

    func bootTime(at time: Int64) -> BootTime {
        BootTime(nanoseconds: time - machinery.bootedAt + 3 * Span.second)
    }

    func worldTime(_ boot: BootTime) -> Int64 {
        boot.nanoseconds - 3 * Span.second + machinery.bootedAt
    }

    // MARK: - One event

    func hear(_ event: TillEvent) {
        guard process != nil else { return }
        machinery.events += 1
        tally.events += 1
        see(.hears(event))
        let wasInFault = process?.till.configurationFault != nil
        let actions = decide(event)
        if !wasInFault { judgeFault(after: event) }
        if actions.count > 200 { fail("bounds", "\(actions.count) actions of one event") }
        var cut = actions.count
        let short = schedule.strikes(.powerCut)
        var dice = short ?? schedule.strikes(.longPowerCut)
        if dice != nil { cut = dice?.roll(actions.count + 1) ?? cut }
        for action in actions.prefix(cut) {
            guard audit.violation == nil else { return }
            perform(action)
            guard process != nil else { return }
        }
        if var dice {
            cutPower(&dice, isLong: short == nil)
        } else if var dice = schedule.strikes(.killed) {
            kill("it is killed")
            plan(.powerReturns, in: dice.span(Span.second, 20 * Span.second))
        }
    }

    /// Rule B7: after a good probe an order that is answered alone as if the certificate were refused must not take the kiosk
    /// out of service once more.
    private func judgeFault(after event: TillEvent) {
        guard let process, process.till.configurationFault == .certificateRefused else { return }
        switch event {
        case .reverseEnded(let order, _), .refundEnded(let order, _):
            guard process.switchedOffBy.insert(order).inserted else {
                return fail("B7", "\(order) takes the kiosk out of service again")
            }
        default: break
        }
    }

    private func decide(_ event: TillEvent) -> [TillAction] {
        let moment = moment()
        guard process?.mutant != nil else {
            return process?.till.handle(event, at: moment) ?? []
        }
        let events = process?.mutant?.events(for: event, at: moment) ?? [event]
        var actions: [TillAction] = []
        for event in events { actions += process?.till.handle(event, at: moment) ?? [] }
        return process?.mutant?.actions(for: actions, at: moment) ?? actions
    }

    /// The one switch from words to deeds, as the shell's.
    func perform(_ action: TillAction) {
        switch action {
        case .arm, .disarm, .openAhead, .discardScans: break
        default: see(.acts(action))
        }
        switch action {
        case .record(let record): commit(record)
        case .submit(let order, let code, let amount, _): submit(order, code, amount)
        case .abandonSubmit(let order): abandonSubmit(order)
        case .query(let order, let amount): send(.query, order, amount)
        case .reverse(let order):
            books.file(order).reversesOpen += 1
            tally.revokes += 1
            send(.reverse, order, nil)
        case .refund(let order, let amount):
            tally.refunds += 1
            send(.refund, order, amount)
        case .refundQuery(let order, let amount): send(.refundQuery, order, amount)
        case .probe(let order): send(.probeQuery, order, nil)
        case .arm(let id, let due): arm(id, at: due)
        case .disarm(let id):
            if process?.timers[id.purpose] == id { process?.timers[id.purpose] = nil }
        case .announce(let event): announce(event)
        case .notice(let notice): noticed(notice)
        case .answer(let request, let answer): answered(request, answer)
        case .rememberReturn(let order): machinery.returnsTold.insert(order)
        case .stop: stopped()
        case .prepareSubmit, .openAhead, .show, .print, .discardScans: break
        }
    }

    // MARK: - Timers

    private func arm(_ id: TimerID, at due: BootTime) {
        guard let run = process?.run else { return }
        process?.timers[id.purpose] = id
        if (process?.timers.count ?? 0) > 64 { fail("bounds", "more than 64 timers at once") }
        calendar.add(.timer(id, run: run), at: max(now, worldTime(due)))
    }

    func timerIsDue(_ id: TimerID) {
        guard process?.timers[id.purpose] == id else { return }
        if var dice = schedule.strikes(.timerLate), let run = process?.run {
            plan(.timer(id, run: run), in: dice.spread(Span.millisecond, 5 * Span.second))
            return
        }
        process?.timers[id.purpose] = nil
        hear(.timerFired(id))
    }

    // MARK: - Starting

    /// Starts a process on what the disk kept, in this boot or in a new one.
    func startProcess(isNewBoot: Bool) {
        machinery.runs += 1
        let run = machinery.runs
        var dice = schedule.bootDice(run)
        if isNewBoot {
            machinery.boots += 1
            machinery.bootID = BootID("boot-\(machinery.boots)")
            machinery.bootedAt = now
            machinery.needsBoot = false
            machinery.returnsTold = []
            if var fault = schedule.strikes(.clockUnset) {
                machinery.isClockUnset = true
                let length = fault.spread(Span.minute, 2 * Span.hour)
                plan(.ends(.clockUnset(boot: machinery.boots)), in: length)
            }
        }
        let rows = startingRows()
        see(.starts(rows, isNewBoot: isNewBoot, disk.custody))
        // The daemon has the system's generator (rule A2); one that begins anew with each run is a mutant.
        let generator = schedule.machineDice(mutantKind == .orderNumberReused ? 0 : run)
        let (till, actions) = Till.recovering(
            rows,
            policy: mutantKind?.policy(policy) ?? policy,
            generator: generator,
            at: moment(),
            custody: mutantKind?.custody(disk.custody) ?? disk.custody.word,
            returnsTold: mutantKind == .returnForgotten ? [] : machinery.returnsTold
        )
        process = Process(run: run, till: till, mutant: mutantKind?.made())
        books.storageHasFailed = false
        books.isDiskBehind = false
        tally.starts += 1
        let altered = process?.mutant?.actions(for: actions, at: moment()) ?? actions
        for action in altered {
            guard audit.violation == nil, process != nil else { return }
            perform(action)
        }
        // Adopted while it was off, or the power went before the rows were taken over.
        if disk.custody == .adopted { hear(.journalAdopted) }
        guard process != nil else { return }
        tellDevices(in: dice.span(Span.second / 2, 5 * Span.second))
        plan(.networkNoticed(run: run), in: dice.span(Span.second / 5, 8 * Span.second))
        applicationSeesStart()
    }

    /// Of a damaged journal nothing is read.
    private func startingRows() -> OpenRows {
        guard disk.custody != .damaged else { return OpenRows(lastEventID: books.lastEvent) }
        let rows = books.openRows(at: moment())
        return mutantKind?.rows(rows) ?? rows
    }

    func tellDevices(in delay: Int64) {
        guard let run = process?.run else { return }
        plan(.devicesNoticed(run: run), in: delay)
    }

    /// A daemon sees a device as it is when it looks, not as it was when something happened to it.
    func devicesNoticed() {
        let scanner: DeviceCondition = machinery.isScannerGone ? .failed : .working
        let printer: DeviceCondition =
            machinery.isPrinterGone ? .failed : machinery.isPaperLow ? .needsAttention : .working
        hear(.deviceChanged(.scanner, scanner))
        hear(.deviceChanged(.printer, printer))
    }

    // MARK: - Ending

    func cutPower(_ dice: inout Dice, isLong: Bool) {
        note("POWER CUT")
        endProcess(bytesMayFollow: false)
        machinery.needsBoot = true
        machinery.isClockUnset = false
        plan(
            .powerReturns,
            in: isLong
                ? dice.spread(Span.minute, 2 * Span.day) : dice.spread(5 * Span.second, Span.minute)
        )
    }

    func kill(_ why: String) {
        note("KILLED: \(why)")
        endProcess(bytesMayFollow: true)
    }

    /// Everything is committed and the machine says that it may go; systemd starts it again.
    private func stopped() {
        note("stopped in order")
        endProcess(bytesMayFollow: true)
        plan(.powerReturns, in: 2 * Span.second)
    }

    private func endProcess(bytesMayFollow: Bool) {
        guard let process else { return }
        see(.isGone)
        for id in process.submits.values.sorted() {
            books.file(exchanges[id].order).isSubmitOpen = false
            cutOff(id, at: bytesMayFollow ? now + Span.second / 2 : now)
        }
        self.process = nil
        for file in books.orderList { file.reversesOpen = 0 }
        tear(afterPowerCut: !bytesMayFollow)
        application.kioskIsGone()
    }
}
