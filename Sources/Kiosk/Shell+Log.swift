internal import Logging
internal import Payments

/// What the log says of events; codes and payers only ever masked (rule G1).
extension Shell {
    func log(_ event: EventRow) {
        var metadata: Logger.Metadata = [:]
        if let sale = event.sale { metadata["sale"] = "\(sale)" }
        if let order = event.order { metadata["order"] = "\(order)" }
        if let state = event.state { metadata["state"] = "\(state.rawValue)" }
        if let truth = event.truth { metadata["truth"] = "\(truth)" }
        if let reason = event.reason { metadata["reason"] = "\(reason)" }
        switch event.kind {
        case .saleChanged: parts.log.info("The sale changed.", metadata: metadata)
        case .releaseOffered: parts.log.info("The goods may be released.", metadata: metadata)
        case .releaseUnreported:
            parts.log.warning(
                "Goods were claimed and never reported; money was taken: look whether they left.",
                metadata: metadata
            )
        case .moneyReturned:
            parts.log.notice("The money went back to the payer.", metadata: metadata)
        case .parked:
            parts.log.error(
                "An order cannot end by itself, and its money may be here: a person must settle it.",
                metadata: metadata
            )
        case .flagged:
            parts.log.warning(
                "An order wants a person's eye; look at its reason. Trying goes on by itself.",
                metadata: metadata
            )
        }
    }

    /// Storage that hung works again, and what the caller was not told has happened.
    func logLateAnswer(_ answer: Answer) {
        var metadata: Logger.Metadata = ["outcome": "\(answer.outcome.word)"]
        if let sale = answer.outcome.sale { metadata["sale"] = "\(sale)" }
        parts.log.warning(
            "A call was answered after its caller had given up; what it asked for counts as it says.",
            metadata: metadata
        )
    }

    func note(_ event: TillEvent) {
        switch event {
        case .submitEnded(let order, let outcome):
            parts.log.debug(
                "A submit ended.",
                metadata: ["order": "\(order)", "outcome": "\(outcome.word)"]
            )
        case .queryEnded(let order, let verdict):
            parts.log.debug(
                "A query ended.",
                metadata: ["order": "\(order)", "verdict": "\(verdict.word)"]
            )
        case .reverseEnded(let order, let verdict):
            parts.log.debug(
                "A revoke ended.",
                metadata: ["order": "\(order)", "verdict": "\(verdict.word)"]
            )
        case .refundEnded(let order, let verdict):
            parts.log.notice(
                "A refund was asked for.",
                metadata: ["order": "\(order)", "verdict": "\(verdict.word)"]
            )
        case .refundQueryEnded(let order, let verdict):
            parts.log.debug(
                "A query of a refund ended.",
                metadata: ["order": "\(order)", "verdict": "\(verdict.word)"]
            )
        case .probeEnded(let result):
            note(result)
        case .journalAdopted:
            parts.log.notice("The journal was adopted: sales, and the return of money, go on.")
        case .journalDamaged, .saleAsked, .saleCalled, .revokeCalled, .serviceModeAsked, .stopAsked,
            .codeScanned,
            .deviceChanged,
            .committed, .commitFailed, .submitStarted, .networkChanged, .timerFired:
            break
        }
    }

    private func note(_ result: ProbeResult) {
        switch result {
        case .good:
            parts.log.info("The platform accepts this kiosk's keys and certificate.")
        case .fault(let fault):
            var metadata: Logger.Metadata = ["fault": "\(fault.text)"]
            // Tells a wrong key from a wrong merchant, and may be anybody's word.
            if let words = parts.platform.unverifiedWords {
                metadata["platform-said-unverified"] = "\"\(words)\""
            }
            parts.log.error(
                "The platform refuses this kiosk; no sales until it is put right, open orders are kept. Check key, merchant, app and certificate.",
                metadata: metadata
            )
        case .unreachable:
            parts.log.warning("The platform did not answer the probe; it is asked again.")
        }
    }
}

extension SubmitOutcome {
    /// For the log: no payer, no code.
    var word: String {
        switch self {
        case .neverLeft(let reason): "never left (\(reason))"
        case .ended(.paid, _): "paid"
        case .ended(.passwordNeeded, _): "password needed"
        case .ended(.refused(let refusal), _): "refused \(refusal.code)"
        case .ended(.unknown(let cause), _): cause.word
        case .ended(.configuration(let fault), _): "configuration \(fault.text)"
        }
    }
}
