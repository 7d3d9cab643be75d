/// The payment machine of one kiosk: decides everything, does nothing (the shell does).
///
/// An event goes in through ``handle(_:at:)``, actions come out and are performed in order; see ``ShellContract`` for
/// what the shell must keep. An action that takes money, gives it back or releases goods is only ever emitted by the
/// event that says its record is committed (rule A1). Time comes with each event, randomness from the injected
/// generator (rule F2).
///
/// Where to read on: `Till+Sales` (what applications ask), `Till+Attempts` (codes and verdicts), `Till+Release`
/// (goods), `Till+Revokes` (undoing), `Till+Service` (devices, probes, stopping), `Till+Recovery` (after a restart).
package struct Till {
    package let policy: Policy
    var generator: any RandomNumberGenerator & Sendable

    /// The moment of the event in hand.
    var now: Moment
    /// The actions of the event in hand, in order.
    var actions: [TillAction] = []

    /// The one sale that is not over (interfaces, 3).
    var sale: Sale?
    /// The sale before it.
    var lastSale: SaleRow?
    /// Orders being undone (section C).
    var revokes: RevokeQueue
    /// Whose the journal is (rules A5, A6).
    package internal(set) var custody = JournalCustody.own
    /// The open rows of a journal that is not adopted yet.
    var heldRows = OpenRows()
    /// Orders whose payers were told in this boot, before this start, that their money goes back (rule A3).
    var returnsTold: Set<OrderNumber> = []
    /// Codes shown in the last two minutes (rule B8), oldest first.
    var recentCodes: [RecentCode] = []
    /// Fixed-price mode: codes of other wallets for which a slip was printed in that time, oldest first.
    var namedCodes: [(fingerprint: CodeFingerprint, shownAt: BootTime)] = []
    static let mostNamedCodes = 64

    var underWay = UnderWay()
    var service = Service()
    var records = PendingRecords()
    var timers: [TimerPurpose: UInt64] = [:]
    var nextTimerSerial: UInt64 = 1

    /// What the lights last were told, so that they are told only changes.
    var shown: LightDisplay?
    var resultLight: (situation: LightSituation, until: BootTime)?
    /// Fixed-price mode: no code is taken before this.
    var restEnds: BootTime?

    struct RecentCode {
        let fingerprint: CodeFingerprint
        let order: OrderNumber
        let shownAt: BootTime
    }

    init(policy: Policy, generator: any RandomNumberGenerator & Sendable, now: Moment) {
        self.policy = policy
        self.generator = generator
        self.now = now
        revokes = RevokeQueue(now: now.boot, timing: policy.timing)
    }

    /// Decides one event. The actions must be performed in the order given.
    package mutating func handle(_ event: TillEvent, at moment: Moment) -> [TillAction] {
        now = moment
        actions.removeAll(keepingCapacity: true)
        switch event {
        case .saleAsked(let request, let wish, let stored):
            saleAsked(request, wish, stored: stored)
        case .saleCalled(let request, let id, let call, let stored, let attempts):
            saleCalled(request, id, call, stored: stored, attempts: attempts)
        case .revokeCalled(let request, let order, let call, let stored):
            revokeCalled(request, order, call, stored: stored)
        case .serviceModeAsked(let mode):
            serviceModeAsked(mode)
        case .journalAdopted:
            journalAdopted()
        case .journalDamaged:
            journalDamaged()
        case .stopAsked:
            service.isStopping = true
            stopAsked()
        case .codeScanned(let code, let fingerprint):
            codeScanned(code, fingerprint)
        case .deviceChanged(let device, let condition):
            service.devices[device] = condition
        case .committed(let id):
            committed(id)
        case .commitFailed(let id):
            commitFailed(id)
        case .submitStarted(let order):
            submitStarted(order)
        case .submitEnded(let order, let outcome):
            submitEnded(order, outcome)
        case .queryEnded(let order, let verdict):
            queryEnded(order, verdict)
        case .reverseEnded(let order, let verdict):
            stepEnded(order, .reverse(verdict))
        case .refundEnded(let order, let verdict):
            stepEnded(order, .refund(verdict))
        case .refundQueryEnded(let order, let verdict):
            stepEnded(order, .refundQuery(verdict))
        case .probeEnded(let result):
            probeEnded(result)
        case .networkChanged(let isReachable):
            networkChanged(isReachable)
        case .timerFired(let id):
            timerFired(id)
        }
        startDueRevokes()
        finishStopping()
        showLights()
        return actions
    }

    private mutating func stepEnded(_ order: OrderNumber, _ answer: StepAnswer) {
        let wasPaused = service.fault != nil
        count(answer.arrival, isOfOrderAlone: revokes[order]?.wasRefusedCertificate == true)
        revokeStepEnded(order, answer, wasPaused: wasPaused)
    }

    // MARK: - Timers

    mutating func arm(_ purpose: TimerPurpose, at due: BootTime) {
        let serial = nextTimerSerial
        nextTimerSerial += 1
        timers[purpose] = serial
        actions.append(.arm(TimerID(purpose: purpose, serial: serial), at: due))
    }

    mutating func disarm(_ purpose: TimerPurpose) {
        guard let serial = timers.removeValue(forKey: purpose) else { return }
        actions.append(.disarm(TimerID(purpose: purpose, serial: serial)))
    }

    private mutating func timerFired(_ id: TimerID) {
        // A timer that was disarmed or armed anew may still fire: its serial is not the current one.
        guard timers[id.purpose] == id.serial else { return }
        timers[id.purpose] = nil
        switch id.purpose {
        case .codeWait: codeWaitOver()
        case .deliveryWait: deliveryWaitOver()
        case .unreportedWait: unreportedWaitOver()
        case .silence(let order): attemptTimerFired(order, .silence)
        case .poll(let order): attemptTimerFired(order, .poll)
        case .window(let order): attemptTimerFired(order, .window)
        case .refusalCheck(let order): attemptTimerFired(order, .refusalCheck)
        case .lastQuery(let order): attemptTimerFired(order, .lastQuery)
        case .resultLight: resultLight = nil
        case .codesAgain: break  // The lights are decided after every event.
        case .revokes: break  // Due steps start after every event.
        case .probe, .breaker: startProbe()
        case .storage: storageTimerFired()
        case .claimCheck: checkClaim()
        }
    }
}
