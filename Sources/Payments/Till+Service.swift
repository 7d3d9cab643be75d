/// Devices, network, probes, storage and stopping: whether the kiosk sells at all.
extension Till {
    /// Why no sale can start now, in a fixed order; empty when the kiosk is ready (rule B10).
    package var reasons: [OutOfServiceReason] {
        var found: [OutOfServiceReason] = []
        if service.isStopping { found.append(.stopping) }
        if !service.hasStorage { found.append(.storage) }
        switch custody {
        case .own: break
        case .foreign: found.append(.adoption)
        case .damaged: found.append(.damage)
        }
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

    mutating func serviceModeAsked(_ mode: ServiceMode) {
        service.mode = mode
    }

    // MARK: - Network and probes

    /// The transport's word opens and closes the queue's breaker too; either works without the other, since a word that the
    /// network is away may be wrong (rules B10, C4).
    mutating func networkChanged(_ isReachable: Bool) {
        let isBack = isReachable && !service.isReachable
        service.isReachable = isReachable
        if !isReachable { revokes.breaker.open(at: now.boot) }
        guard isBack else { return }
        if revokes.breaker.isOpen {
            _ = revokes.platformAnswered(at: now.boot)
            spreadRevokes()
        }
        if !service.isProven || service.fault != nil { suspect() }
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
            let wasPaused = service.fault != nil
            service.isProven = true
            service.isSuspected = false
            service.fault = nil
            service.unverifiedReplies = 0
            platformAnswered()
            if wasPaused { spreadRevokes() }
            return
        case .fault(let fault):
            service.fault = fault
            platformAnswered()
        case .unreachable:
            revokes.breaker.probeFailed(at: now.boot)
        }
        // The question stays open, also where a suspicion asked it. A probe that got no reply though the platform can be
        // reached, and that keeps the kiosk from selling, is tried again soon.
        let isUrgent = !service.isProven || service.fault != nil
        guard isUrgent || service.isSuspected else { return }
        let isSoon = result == .unreachable && service.isReachable && isUrgent
        arm(.probe, at: now.boot + (isSoon ? policy.timing.poll : policy.timing.probe))
    }

    /// The platform blamed our configuration: a probe decides, not the reply (rule B7).
    mutating func suspect() {
        service.isSuspected = true
        startProbe()
    }

    /// Every reply counts for rule B7 and for the breaker, whoever asked.
    ///
    /// - Parameter isOfOrderAlone: a probe has found the certificate good since this order was answered that it is not: only a
    ///   probe may take the kiosk out of service for it again.
    mutating func count(_ arrival: ReplyArrival, isOfOrderAlone: Bool = false) {
        switch arrival {
        case .none:
            // Nothing arrived that could verify: neither for nor against.
            return
        case .verified:
            service.unverifiedReplies = 0
        case .blaming(let fault):
            if fault == .certificateRefused {
                if !isOfOrderAlone { enterFault(fault) }
            } else {
                service.unverifiedReplies = 0
            }
            suspect()
        case .unverified:
            service.unverifiedReplies += 1
            if service.unverifiedReplies >= Service.unverifiedLimit {
                enterFault(.repliesDoNotVerify)
            }
        }
        platformAnswered()
    }

    private mutating func enterFault(_ fault: ConfigurationFault) {
        guard service.fault == nil else { return }
        service.fault = fault
        suspect()
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
        guard revokes.stepsBegan.isEmpty else { return }
        service.hasStopped = true
        actions.append(.stop)
    }
}
