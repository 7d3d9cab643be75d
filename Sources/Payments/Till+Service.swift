/// Devices, network, probes, storage and stopping: whether the kiosk sells at all.
extension Till {
    /// Why no sale can start now, in a fixed order; empty when the kiosk is ready (rule B10).
    package var reasons: [OutOfServiceReason] {
        var found: [OutOfServiceReason] = []
        if service.isStopping { found.append(.stopping) }
        if !service.hasStorage { found.append(.storage) }
        if !service.isProven { found.append(.unproven) }
        if service.fault != nil { found.append(.configuration) }
        if !service.isReachable { found.append(.network) }
        if service.devices[.scanner] != .working { found.append(.scanner) }
        if policy.sale.requirePrinter, isPrinterOut { found.append(.printer) }
        if isAtRiskLimit { found.append(.risk) }
        if service.mode == .maintenance { found.append(.maintenance) }
        return found
    }

    private var isPrinterOut: Bool {
        switch service.devices[.printer] {
        case .working, .needsAttention: false
        case .failed, nil: true
        }
    }

    /// Whether the platform can be reached (rule B10).
    package var isNetworkReachable: Bool { service.isReachable }

    /// The fault a probe found, for status and alarm (rule B7).
    package var configurationFault: ConfigurationFault? { service.fault }

    /// `nil` also while the sale's first row is being committed: nobody can look it up before.
    package var activeSale: SaleRow? {
        guard let sale else { return nil }
        if case .opening = sale.phase { return nil }
        return sale.row
    }

    /// Orders that want a person's eye.
    package var flaggedOrders: [OrderNumber] {
        revokes.values.filter(\.row.needsPerson).map(\.row.order).sorted()
    }

    mutating func serviceModeAsked(_ mode: ServiceMode) {
        service.mode = mode
    }

    // MARK: - Network and probes

    mutating func networkChanged(_ isReachable: Bool) {
        let isBack = isReachable && !service.isReachable
        service.isReachable = isReachable
        guard isBack else { return }
        spreadRevokes()
        if !service.isProven || service.fault != nil { startProbe() }
    }

    /// Rule B7: a signed query and a reverse of an order number that was never used.
    mutating func startProbe() {
        guard !service.isProbing else { return }
        service.isProbing = true
        disarm(.probe)
        actions.append(.probe(OrderNumber(kiosk: policy.kiosk, using: &generator)))
    }

    mutating func probeEnded(_ result: ProbeResult) {
        service.isProbing = false
        switch result {
        case .good:
            service.isProven = true
            service.fault = nil
            service.unverifiedReplies = 0
            return
        case .fault(let fault):
            service.fault = fault
        case .unreachable:
            break
        }
        // The question stays open, also where a suspicion asked it. A probe that got no reply though the platform can be
        // reached, and that keeps the kiosk from selling, is tried again soon.
        let isUrgent = !service.isProven || service.fault != nil
        let isSoon = result == .unreachable && service.isReachable && isUrgent
        arm(.probe, at: now.boot + (isSoon ? policy.timing.poll : policy.timing.probe))
    }

    /// The platform blamed our configuration: a probe decides, not the reply (rule B7).
    mutating func suspect(_ fault: ConfigurationFault) {
        startProbe()
    }

    mutating func countReply(_ verdict: SubmitVerdict) {
        switch verdict {
        case .unknown(let cause): count(cause)
        case .paid, .passwordNeeded, .refused, .configuration: service.unverifiedReplies = 0
        }
    }

    mutating func countReply(_ verdict: QueryVerdict) {
        switch verdict {
        case .unknown(let cause): count(cause)
        case .configuration, .paid, .notPaid, .orderNotExist: service.unverifiedReplies = 0
        }
        if let fault = verdict.suspicion { suspect(fault) }
    }

    mutating func countReply(_ verdict: ReverseVerdict) {
        switch verdict {
        case .unknown(let cause): count(cause)
        case .configuration(let fault):
            if fault == .certificateRefused { enterFault(fault) }
            startProbe()
        case .accepted, .again, .refused: service.unverifiedReplies = 0
        }
    }

    private mutating func count(_ cause: UnknownCause) {
        guard cause.doesNotVerify else {
            // A verified code ends the row; where nothing arrived that could verify, that is neither for nor against.
            switch cause {
            case .platform, .unlisted: service.unverifiedReplies = 0
            case .noReply, .httpStatus, .unverified, .mismatch, .malformed: break
            }
            return
        }
        service.unverifiedReplies += 1
        if service.unverifiedReplies >= Service.unverifiedLimit { enterFault(.repliesDoNotVerify) }
    }

    private mutating func enterFault(_ fault: ConfigurationFault) {
        guard service.fault == nil else { return }
        service.fault = fault
        startProbe()
    }

    // MARK: - Stopping

    /// SIGTERM drains: a sale without money under way ends now, one with a verdict open is awaited.
    mutating func stopAsked() {
        guard let sale else { return }
        switch sale.phase {
        case .awaitingCode, .declined:
            endSale(.expired, truth: .nothingTaken, reason: "stopping")
        case .opening, .attempting, .paying, .declining, .paid, .claiming, .delivering,
            .completing, .ending:
            // Opening and declining end when committed; an attempt at its verdict; Paid is offered again after the
            // restart (rule D3).
            break
        }
    }

    mutating func finishStopping() {
        guard service.isStopping, !service.hasStopped, records.isEmpty else { return }
        if let sale {
            switch sale.phase {
            case .paid, .delivering: break
            case .opening, .awaitingCode, .attempting, .paying, .declining, .declined,
                .claiming, .completing, .ending:
                return
            }
        }
        guard revokes.values.allSatisfy({ if case .stepping = $0.state { false } else { true } })
        else { return }
        service.hasStopped = true
        actions.append(.stop)
    }
}
