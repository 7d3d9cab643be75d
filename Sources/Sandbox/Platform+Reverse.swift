internal import Payments

/// Reverse (`reverse`): wire facts, 1.10 and 2.3.
extension Platform {
    mutating func reverse(
        _ request: CheckedRequest,
        firstByte: BootTime,
        at now: PlatformTime,
    ) -> Ticket {
        guard let known = find(request) else { return reverseUnknown(request) }
        let number = known.number
        judgeTime(of: known, firstByte: firstByte, at: now)
        orders[number]?.isReverseSeen = true
        if known.play?.payer == .paysAsReverseArrives, known.state == .userPaying {
            charge(number, at: now)
        }
        guard let order = orders[number], let play = order.play, order.isProcessed else {
            return reversed(request, order: number)
        }
        if let code = play.reverseRefusal { return refuse(request, order, code, recall: false) }
        if let hold = play.reverseHold, order.state == .userPaying, let created = order.created,
            now.boot < created + options.timings.payer(hold)
        {
            return refuse(request, order, "USERPAYING", recall: true)
        }
        let turn = order.reversesMet < play.reverses.count ? play.reverses[order.reversesMet] : nil
        orders[number]?.reversesMet += 1
        switch turn {
        case nil:
            undo(order, at: now)
            return reversed(request, order: number)
        case .recall: return reversed(request, order: number, recall: true)
        case .fails(let code, let recall): return refuse(request, order, code, recall: recall)
        case .claimsSuccess: return reversed(request, order: number)
        case .doneButFaulty(let fault):
            undo(order, at: now)
            return reversed(request, order: number, fault: fault)
        case .lost(let fault): return reversed(request, order: number, fault: fault)
        }
    }

    /// The platform says SUCCESS of numbers it never saw, on purpose; a transaction it never made is an error.
    private mutating func reverseUnknown(_ request: CheckedRequest) -> Ticket {
        if request["transaction_id"] != nil {
            return failure(request, "INVALID_TRANSACTIONID", "无效transaction_id")
        }
        if let number = request["out_trade_no"], orders[number] == nil, register(number) {
            orders[number]?.isReverseSeen = true
        }
        return reversed(request, order: request["out_trade_no"])
    }

    private mutating func judgeTime(
        of order: PlatformOrder,
        firstByte: BootTime,
        at now: PlatformTime,
    ) {
        guard let submitted = order.lastSubmit else { return }
        let timings = options.timings
        if firstByte - submitted < timings.earliestReverse - timings.arrivalTolerance {
            violate(.reverseTooEarly, .reverse, order: order.number, at: now)
        }
    }

    private mutating func undo(_ order: PlatformOrder, at now: PlatformTime) {
        switch order.state {
        case .success:
            giveBack(order.number, at: now)
            change(order.number, to: order.play?.paidThenReversed ?? .revoked, at: now)
        case .notPaid, .userPaying, .payError:
            change(order.number, to: order.play?.unpaidThenReversed ?? .revoked, at: now)
        case .absent, .refund, .revoked, .closed: break
        }
    }

    private func reversed(
        _ request: CheckedRequest,
        order: String?,
        recall: Bool = false,
        fault: ReplyFault? = nil,
    ) -> Ticket {
        let fields = [(name: "result_code", value: "SUCCESS"), ("recall", recall ? "Y" : "N")]
        return Ticket(
            operation: .reverse,
            order: order,
            content: .document(document(request, fields)),
            fault: fault
        )
    }

    private func refuse(
        _ request: CheckedRequest,
        _ order: PlatformOrder,
        _ code: String,
        recall: Bool,
    ) -> Ticket {
        let fields = failed(code, Self.text(of: code)) + [("recall", recall ? "Y" : "N")]
        return Ticket(
            operation: .reverse,
            order: order.number,
            content: .document(document(request, fields))
        )
    }
}
