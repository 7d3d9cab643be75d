/// When the next step starts (rule C4).
extension RevokeQueue {
    /// Steps that may be under way without any answer since the first of them began. Where the platform answers, this many
    /// cannot come together, however many orders never get an answer: every answer to anybody counts anew. Where it does not
    /// answer, more steps would only fail too; the first that fails opens the breaker.
    static let mostUnanswered = 8

    /// Steps that may be under way at all: it bounds memory, and leaves the shell room for the live sale's requests. Five a
    /// second need so many only where an answer takes six seconds. Hundreds of orders that always time out do not keep them
    /// for long: their pauses grow to minutes.
    static let mostUnderWay = 32

    var isHeldByAnswers: Bool {
        startedSinceReply >= Self.mostUnanswered && !stepsBegan.isEmpty
            || stepsBegan.count >= Self.mostUnderWay
    }

    enum Start: Hashable {
        /// The step's request leaves now.
        case step(OrderNumber, RevokeMachine.Call)
        /// A refused attempt is being revoked from here on, and that is stored before its first step (rule A1).
        case record(OrderNumber)
    }

    /// Starts what is due first, if it may start now. Requests and records keep the pace each for itself, so that a request
    /// leaves when it is counted, and not whenever a disk is ready.
    mutating func begin(at now: BootTime, requestsPerSecond rate: Int) -> Start? {
        guard let first = due.first, let wake = wake(at: now), wake <= now else { return nil }
        let order = first.order
        let gap = Duration.seconds(1) / max(1, rate)
        if isToBeRecorded(order) {
            nextRecord = now + gap
            return .record(order)
        }
        let isLooking = isQueryOnly
        let begun = update(order) { machine in
            isLooking ? machine.beginQueryOnly(at: now) : machine.begin(at: now)
        }
        guard let call = begun ?? nil else { return nil }
        stepsBegan[order] = now
        startedSinceReply += 1
        nextStart = now + gap
        return .step(order, call)
    }

    private func isToBeRecorded(_ order: OrderNumber) -> Bool {
        !isQueryOnly && machines[order]?.attempt.state == .refused
    }

    /// When something may start; `nil` while only an answer, a record or a probe can help.
    func wake(at now: BootTime) -> BootTime? {
        guard let first = due.first, !breaker.isOpen, !isHeldByAnswers else { return nil }
        return max(first.due, isToBeRecorded(first.order) ? nextRecord : nextStart, now)
    }

    /// When to probe because of the breaker; `nil` while it is closed or nothing waits behind it.
    func probeAt(_ now: BootTime) -> BootTime? {
        guard due.first != nil, let probeAt = breaker.probeAt else { return nil }
        return max(probeAt, now)
    }

    /// What an answer does to its order.
    enum Ended: Hashable {
        /// Nobody waited for it.
        case stray
        /// Nothing worth storing.
        case unrecorded
        case recorded
    }

    /// - Parameter wasPaused: a fault of our own configuration was being seen to (rule B7): its answers say nothing new. The one
    ///   that raised it is a failed try of its order as any other (rule C4).
    mutating func ended(
        _ order: OrderNumber,
        _ answer: StepAnswer,
        at now: Moment,
        jitter: Double,
        wasPaused: Bool,
    ) -> Ended {
        guard let machine = machines[order], machine.state == .stepping(answer.call) else {
            return .stray
        }
        let wasOpen = breaker.isOpen
        noteArrival(answer.arrival, began: stepsBegan[order], at: now.boot)
        if answer.arrival == .blaming(.certificateRefused) {
            update(order) { $0.wasRefusedCertificate = true }
        }
        if isQueryOnly {
            update(order) { $0.watched(answer, at: now, jitter: jitter) }
            return .unrecorded
        }
        let isWorthless: Bool =
            switch answer.arrival {
            case .none: wasOpen
            case .blaming: wasPaused
            case .verified, .unverified: false
            }
        if isWorthless {
            update(order) { $0.failedInOutage(answer.call, at: now) }
            return .unrecorded
        }
        update(order) { $0.answered(answer, at: now, jitter: jitter) }
        return .recorded
    }

    /// A step that gets no reply opens the breaker, unless the platform has answered somebody since the step began: then it
    /// is this order's own trouble (rule C4: one that always fails holds up none).
    private mutating func noteArrival(
        _ arrival: ReplyArrival,
        began: BootTime?,
        at now: BootTime,
    ) {
        guard arrival == .none else { return }
        if let began, let lastReply, lastReply >= began { return }
        breaker.open(at: now)
    }

    /// The platform has answered something, be it the live sale's.
    ///
    /// - Returns: whether the breaker was open so long that the orders must be spread.
    mutating func platformAnswered(at now: BootTime) -> Bool {
        lastReply = now
        startedSinceReply = 0
        return breaker.close(at: now)
    }

    /// Steps get through again: due orders start at random times within `span`, so that a street of kiosks does not rush
    /// (rule C4). The one act that looks at every order.
    mutating func spread(
        over span: Duration,
        at now: Moment,
        using generator: inout any RandomNumberGenerator & Sendable,
    ) {
        startedSinceReply = 0
        for order in orders {
            let fraction = Double.random(in: 0..<1, using: &generator)
            update(order) { $0.reschedule(to: now.boot + span * fraction, at: now) }
        }
    }
}
