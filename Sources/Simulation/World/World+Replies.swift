import Payments

/// Replies on their way back, whole or damaged, and the one answer that each request gets.
extension World {
    func answer(_ id: Int) {
        var latency = exchanges[id].dice.span(20 * Span.millisecond, 400 * Span.millisecond)
        if schedule.happens(.replyLost) { return }
        if var fault = schedule.strikes(.replyLate) {
            latency += fault.spread(100 * Span.millisecond, 40 * Span.second)
        }
        if let damage = drawnDamage() {
            // Even a reply that says SUCCESS says nothing when it cannot be trusted (rule B1).
            exchanges[id].reply = damage.reply(to: exchanges[id].call)
        }
        plan(.replies(exchange: id), in: latency)
    }

    private func drawnDamage() -> PlainVerdict? {
        if schedule.happens(.doesNotVerify) { return .unknown(.unverified(reason: "sign")) }
        if schedule.happens(.mismatch) { return .unknown(.mismatch(field: "total_fee")) }
        if schedule.happens(.garbage) { return .unknown(.malformed(reason: "not-xml")) }
        if schedule.happens(.gatewayError) { return .unknown(.httpStatus(502)) }
        return nil
    }

    func deliverReply(_ id: Int) {
        let exchange = exchanges[id]
        guard !exchange.isAnswered, !network.isDown, exchange.abortedAt == nil,
            let reply = exchange.reply
        else { return }
        finish(id, reply)
    }

    /// No reply has come in time, the connection was never made, or the request was aborted.
    func giveUp(_ id: Int, reason: String) {
        guard !exchanges[id].isAnswered else { return }
        finish(id, PlainVerdict.unknown(.noReply(reason: reason)).reply(to: exchanges[id].call))
    }

    /// Exactly one answer for each request (``ShellContract``, rule 4).
    private func finish(_ id: Int, _ reply: Exchange.Reply) {
        exchanges[id].isAnswered = true
        let exchange = exchanges[id]
        guard isRunning(exchange.run) else { return }
        process?.openExchanges -= 1
        switch (exchange.call, reply) {
        case (.submit, .submit(let verdict)): endSubmit(id, verdict)
        case (.query, .query(let verdict)):
            books.file(exchange.order).answerMade = exchange.processedAt
            hear(.queryEnded(exchange.order, verdict))
        case (.reverse, .reverse(let verdict)):
            books.file(exchange.order).reversesOpen -= 1
            hear(.reverseEnded(exchange.order, verdict))
        case (.refund, .refund(let verdict)): hear(.refundEnded(exchange.order, verdict))
        case (.refundQuery, .refundQuery(let verdict)):
            hear(.refundQueryEnded(exchange.order, verdict))
        case (.probeQuery, .query(let verdict)): probeAnswered(exchange.order, verdict)
        case (.probeReverse, .reverse(let verdict)): probeAnswered(verdict)
        default: fail("Contract", "a reply of another call")
        }
    }

    private func endSubmit(_ id: Int, _ verdict: SubmitVerdict) {
        let exchange = exchanges[id]
        process?.submits[exchange.order] = nil
        let file = books.file(exchange.order)
        file.isSubmitOpen = false
        if exchange.abortedAt == nil { cutOff(id, at: now) }
        guard exchange.hasBegun else {
            hear(.submitEnded(exchange.order, .neverLeft(reason: "connect")))
            return
        }
        let lastByte = bootTime(at: exchanges[id].lastByte)
        hear(.submitEnded(exchange.order, .ended(verdict, lastByte: lastByte)))
    }

    // MARK: - Probes (rule B7)

    private func probeAnswered(_ order: OrderNumber, _ verdict: QueryVerdict) {
        switch verdict {
        case .orderNotExist: send(.probeReverse, order, nil)
        case .configuration(let fault): hear(.probeEnded(.fault(fault)))
        case .unknown(let cause):
            hear(.probeEnded(cause.doesNotVerify ? .fault(.repliesDoNotVerify) : .unreachable))
        case .paid, .notPaid: hear(.probeEnded(.fault(.repliesDoNotVerify)))
        }
    }

    private func probeAnswered(_ verdict: ReverseVerdict) {
        switch verdict {
        case .accepted, .again, .refused: hear(.probeEnded(.good))
        case .configuration(let fault): hear(.probeEnded(.fault(fault)))
        case .unknown(let cause):
            hear(.probeEnded(cause.doesNotVerify ? .fault(.repliesDoNotVerify) : .unreachable))
        }
    }
}

/// A verdict that any call can get.
enum PlainVerdict {
    case unknown(UnknownCause)
    case configuration(ConfigurationFault)

    func reply(to call: Exchange.Call) -> Exchange.Reply {
        switch (call, self) {
        case (.submit, .unknown(let cause)): .submit(.unknown(cause))
        case (.submit, .configuration(let fault)): .submit(.configuration(fault))
        case (.query, .unknown(let cause)), (.probeQuery, .unknown(let cause)):
            .query(.unknown(cause))
        case (.query, .configuration(let fault)), (.probeQuery, .configuration(let fault)):
            .query(.configuration(fault))
        case (.refund, .unknown(let cause)): .refund(.unknown(cause))
        case (.refund, .configuration(let fault)): .refund(.configuration(fault))
        case (.refundQuery, .unknown(let cause)): .refundQuery(.unknown(cause))
        case (.refundQuery, .configuration(let fault)): .refundQuery(.configuration(fault))
        case (.reverse, .unknown(let cause)), (.probeReverse, .unknown(let cause)):
            .reverse(.unknown(cause))
        case (.reverse, .configuration(let fault)), (.probeReverse, .configuration(let fault)):
            .reverse(.configuration(fault))
        }
    }
}
