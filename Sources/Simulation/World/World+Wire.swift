import Payments

/// The way to the platform.
struct Network {
    /// Nothing arrives, nothing comes back.
    var isDown = false
    /// When the outage that began last is over.
    var returnsAt: Int64 = 0
    /// Every request is answered by somebody else's page.
    var isCaptive = false
    /// The platform does not accept the client certificate.
    var refusesCertificate = false
    /// The platform does not accept the merchant's identity.
    var refusesIdentity = false

    static let connectTimeout: Int64 = 5 * Span.second
    static let requestTimeout: Int64 = 30 * Span.second
}

/// Requests on their way, and what the network does to them.
extension World {
    func submit(_ order: OrderNumber, _ code: PaymentCode, _ amount: Money) {
        tally.payments += 1
        let file = books.file(order)
        file.isSubmitOpen = true
        let id = open(.submit(code), order, amount)
        process?.submits[order] = id
        transmit(id)
    }

    func send(_ call: Exchange.Call, _ order: OrderNumber, _ amount: Money?) {
        transmit(open(call, order, amount))
    }

    /// The machine's own: a request for every fifth of a second, each over within its time-out, and what its sale asks.
    private static let mostExchanges = 5 * 30 + 20

    private func open(_ call: Exchange.Call, _ order: OrderNumber, _ amount: Money?) -> Int {
        let id = exchanges.count
        exchanges.append(
            Exchange(
                call: call,
                order: order,
                amount: amount,
                run: process?.run ?? 0,
                sent: now,
                dice: schedule.requestDice()
            )
        )
        process?.openExchanges += 1
        if (process?.openExchanges ?? 0) > World.mostExchanges {
            fail("bounds", "more than \(World.mostExchanges) requests at once")
        }
        return id
    }

    private func transmit(_ id: Int) {
        var dice = exchanges[id].dice
        defer { exchanges[id].dice = dice }
        let isThoughtUp = !network.isDown || dice.oneIn(3)
        if !isThoughtUp || schedule.happens(.connectionFails) {
            let delay = dice.oneIn(2) ? Network.connectTimeout : dice.span(0, Span.second)
            plan(.givesUp(exchange: id, reason: "connect"), in: delay)
            return
        }
        let isWarm = !dice.oneIn(6)
        let connect =
            isWarm
            ? dice.span(Span.millisecond / 10, 3 * Span.millisecond)
            : dice.span(40 * Span.millisecond, 400 * Span.millisecond)
        var writing = Span.millisecond
        if exchanges[id].isSubmit, var fault = schedule.strikes(.lastByteLate) {
            writing = fault.spread(100 * Span.millisecond, 20 * Span.second)
        }
        let lastByte = now + connect + writing
        exchanges[id].lastByte = lastByte
        if exchanges[id].isSubmit { plan(.begins(exchange: id), in: connect) }
        plan(.givesUp(exchange: id, reason: "timed-out"), in: Network.requestTimeout)
        if schedule.happens(.requestLost) { return }
        var latency = dice.span(5 * Span.millisecond, 80 * Span.millisecond)
        if var fault = schedule.strikes(.requestDelayed) {
            latency += fault.spread(100 * Span.millisecond, 20 * Span.second)
        }
        calendar.add(.arrives(exchange: id), at: lastByte + latency)
        if !exchanges[id].isSubmit, var fault = schedule.strikes(.requestDuplicated) {
            // Asked once more by a box in between; a submit never is (rule B5).
            let again = latency + fault.spread(Span.millisecond, 30 * Span.second)
            calendar.add(.arrives(exchange: id), at: lastByte + again)
        }
    }

    /// Rule C2: what has not left yet never will.
    func abandonSubmit(_ order: OrderNumber) {
        guard let id = process?.submits[order] else { return }
        cutOff(id, at: now)
        plan(.givesUp(exchange: id, reason: "aborted"), in: 2 * Span.millisecond)
    }

    /// The connection ends at `time`: bytes that had not left by then never leave.
    func cutOff(_ id: Int, at time: Int64) {
        guard exchanges[id].abortedAt == nil else { return }
        exchanges[id].abortedAt = time
        guard exchanges[id].hasBegun, exchanges[id].lastByte > time else { return }
        exchanges[id].lastByte = time
        books.file(exchanges[id].order).lastByte = time
    }

    func begin(_ id: Int) {
        guard exchanges[id].abortedAt == nil, !exchanges[id].isAnswered else { return }
        exchanges[id].hasBegun = true
        let file = books.file(exchanges[id].order)
        file.lastByte = max(file.lastByte ?? 0, exchanges[id].lastByte)
        hear(.submitStarted(exchanges[id].order))
    }

    // MARK: - There

    func arrive(_ id: Int) {
        let exchange = exchanges[id]
        if exchange.isSubmit {
            guard exchange.hasBegun else { return }
            // Cut off before its last byte, it was never whole.
            if let cut = exchange.abortedAt, exchange.lastByte >= cut { return }
        }
        guard !network.isDown else { return }
        if network.isCaptive {
            reply(id, .unknown(.malformed(reason: "not-xml")))
            return
        }
        if exchange.needsCertificate, network.refusesCertificate {
            reply(id, .configuration(.certificateRefused))
            return
        }
        if isPoisoned(exchange) {
            reply(id, .configuration(.certificateRefused))
            return
        }
        if network.refusesIdentity {
            reply(id, .configuration(.code("SIGNERROR")))
            return
        }
        if exchange.isSubmit, var fault = schedule.strikes(.processedLate) {
            pendingActs += 1
            let late = now + fault.spread(Span.second, PlatformOrder.longestDelay)
            let latest = exchange.lastByte + PlatformOrder.longestDelay
            calendar.add(.processes(exchange: id), at: max(now, min(late, latest)))
            return
        }
        pendingActs += 1
        work(on: id)
    }

    private func isPoisoned(_ exchange: Exchange) -> Bool {
        guard exchange.needsCertificate, !schedule.isOver,
            let poison = books.orders[exchange.order]?.platform?.poison, poison > 0
        else { return false }
        books.file(exchange.order).platform?.poison -= 1
        return true
    }

    /// The platform works on a request that has arrived.
    func work(on id: Int) {
        pendingActs -= 1
        let isFirst = !exchanges[id].isProcessed
        exchanges[id].isProcessed = true
        if isFirst { exchanges[id].processedAt = now }
        let order = exchanges[id].order
        let verdict: Exchange.Reply
        switch exchanges[id].call {
        case .submit(let code):
            guard let amount = exchanges[id].amount else { return }
            let processing = platformReceives(order, amount, code.digits)
            plan(.concludes(exchange: id), in: processing)
            return
        case .query: verdict = .query(platformQuery(order, exchanges[id].amount))
        case .reverse: verdict = .reverse(platformReverse(order, isFirst: isFirst))
        case .refund: verdict = .refund(platformRefund(order, exchanges[id].amount))
        case .refundQuery: verdict = .refundQuery(platformRefundQuery(order))
        case .probeQuery: verdict = .query(.orderNotExist)
        case .probeReverse: verdict = .reverse(.accepted(recall: false))
        }
        guard isFirst else { return }
        exchanges[id].reply = verdict
        answer(id)
    }

    /// What a submit is answered is read when it is answered, not when it came.
    func conclude(_ id: Int) {
        exchanges[id].reply = .submit(platformConcludes(exchanges[id].order))
        answer(id)
    }

    /// A reply that no platform worked on.
    private func reply(_ id: Int, _ plain: PlainVerdict) {
        exchanges[id].reply = plain.reply(to: exchanges[id].call)
        answer(id)
    }
}
