import CCurl
import Threads

// Connections opened ahead of a request, and what they say about the network (rule B10).
extension TransportLoop {
    /// Starts an opening if one is due; `true` when it did.
    func keepOpen(at now: Int64) -> Bool {
        if let trial = trialAt, trial <= now {
            guard sockets.hasIdle(host: 0) else {
                return open(0, .trial, at: now)
            }
            hosts.primaryOpened()
        }
        guard let opening = openingAt, opening <= now else { return false }
        plan.openingStarted(at: now)
        return open(hosts.preferred, .opening, at: now)
    }

    /// When `keepOpen` has something to do without anything else happening.
    var nextOpening: Int64? { [openingAt, trialAt].compactMap { $0 }.min() }

    private var trialAt: Int64? { hosts.openingDueAt.flatMap { heldUp($0, by: 0) } }

    private var openingAt: Int64? {
        guard plan.needsOpening(hasIdle: sockets.hasIdle(host: hosts.preferred)) else {
            return nil
        }
        return heldUp(plan.earliest, by: hosts.preferred)
    }

    /// When a connection to the host is opened that is due at `time`. What is under way there will leave one, if it ends well,
    /// so it is waited for, but not for long where no answer comes. `nil` during an opening.
    private func heldUp(_ time: Int64, by host: Int) -> Int64? {
        let warming = transfers.values.filter { $0.warms(host) }
        guard !warming.contains(where: \.isOpening) else { return nil }
        let oldest = warming.map(\.started).min()
        return max(time, oldest?.advanced(by: setup.configuration.openingHold) ?? time)
    }

    private func open(_ host: Int, _ purpose: Transfer.Purpose, at now: Int64) -> Bool {
        let configuration = setup.configuration
        let attempt = Transfer.Attempt(
            hosts: [host],
            started: now,
            deadline: now.advanced(by: configuration.openingTimeout),
            checksValidityDates: checksValidityDates,
            maximumBodyBytes: configuration.maximumReplyBytes
        )
        guard let transfer = Transfer(purpose, attempt: attempt, sockets: sockets),
            setup.prepare(transfer), add(transfer)
        else {
            // Only without memory: counts as a failure, so that the back-off applies.
            hosts.hostFailed(host, at: now)
            let failure = TransportFailure.internalFault
            report(plan.openingFailed(failure.sentence, failure, at: now))
            return false
        }
        return true
    }

    func finishOpening(_ transfer: Transfer, code: CURLcode) {
        let now = BootClock.now
        if code == CURLE_OK && transfer.hasFinalReply {
            sockets.end(transfer)
            if transfer.host == 0 { hosts.primaryOpened() }
            return answered(transfer, at: now)
        }
        guard !hosts.hasAnswered(transfer.host, since: transfer.started) else {
            if case .opening = transfer.purpose { plan.openingOvertaken() }
            return
        }
        hosts.hostFailed(transfer.host, at: now)
        if case .trial = transfer.purpose { return }
        let failure = self.failure(code, of: transfer)
        let detail = transfer.detail.isEmpty ? "" : " (\(transfer.detail))"
        report(
            plan.openingFailed(
                "\(setup.hosts[transfer.host].text): \(failure.sentence)\(detail)",
                failure,
                at: now
            )
        )
    }

    /// A whole HTTP reply came over verified TLS, whatever it says.
    func answered(_ transfer: Transfer, at now: Int64) {
        if let seconds = transfer.reply.dateSeconds { observer.onDate(seconds) }
        report(plan.replyReceived(from: setup.hosts[transfer.host].text, at: now))
    }

    private func report(_ change: OpeningPlan.Change?) {
        guard let change else { return }
        observer.onNetworkChange(change.isReachable, change.reason)
    }
}
