import CCurl
import Threads

// Connections opened ahead of a request, and what they say about the network (rule B10).
extension TransportLoop {
    /// Starts an opening if one is due; `true` when it did.
    func keepOpen(at now: Int64) -> Bool {
        if hosts.primaryIsDue(at: now), !isUnderWay(0) {
            guard sockets.hasIdle(host: 0) else {
                return open(0, .trial, at: now)
            }
            hosts.primaryWorked()
        }
        guard needsOpening, plan.earliest <= now else { return false }
        plan.openingStarted(at: now)
        return open(hosts.preferred, .opening, at: now)
    }

    /// When `keepOpen` has something to do without anything else happening.
    var nextOpening: Int64? {
        let opening = needsOpening ? plan.earliest : nil
        let trial = isUnderWay(0) ? nil : hosts.primaryDueAt
        return [opening, trial].compactMap { $0 }.min()
    }

    private var needsOpening: Bool {
        !sockets.hasIdle(host: hosts.preferred) && !isUnderWay(hosts.preferred)
    }

    private func isUnderWay(_ host: Int) -> Bool {
        transfers.values.contains { $0.warms(host) }
    }

    private func open(_ host: Int, _ purpose: Transfer.Purpose, at now: Int64) -> Bool {
        let configuration = setup.configuration
        let attempt = Transfer.Attempt(
            hosts: [host],
            deadline: now.advanced(by: configuration.connectTimeout * 2),
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
            if transfer.host == 0 { hosts.primaryWorked() }
            return answered(transfer, at: now)
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
