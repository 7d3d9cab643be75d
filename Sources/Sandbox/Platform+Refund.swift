internal import Payments

/// Refund (`refund`) and its query (`refundquery`): wire facts, 1.12 and 2.4. A kiosk gives back what it has taken, so one
/// refund over the whole amount is all that an order has here, and anything else is a violation.
extension Platform {
    /// Up to one year after the payment (wire facts, 1.12).
    private static let longestAge: Int64 = 365 * 86_400_000

    mutating func refund(_ request: CheckedRequest, at now: PlatformTime) -> Ticket {
        // CheckedRequest has made sure of the refund's number.
        guard let order = find(request), let number = request["out_refund_no"],
            let amount = order.amount
        else { return failure(request, "INVALID_TRANSACTIONID", "无效transaction_id") }
        let isWhole =
            request["total_fee"] == String(amount.minorUnits)
            && request["refund_fee"] == String(amount.minorUnits)
            && request["refund_fee_type"] ?? "CNY" == amount.currency.code
        guard isWhole else {
            violate(.requestRefused("refund amounts"), .refund, order: order.number, at: now)
            return failure(request, "PARAM_ERROR", "订单金额或退款金额不正确")
        }
        if let refund = order.refund {
            guard refund.number == number else {
                violate(.secondRefund, .refund, order: order.number, at: now)
                return failure(request, "ERROR", "订单已全额退款")
            }
            // The same number again refunds once.
            return accepted(request, order, refund)
        }
        if let other = refunds[number], other != order.number {
            violate(.requestRefused("out_refund_no"), .refund, order: order.number, at: now)
            return failure(request, "PARAM_ERROR", "商户退款单号重复")
        }
        guard order.state == .success, let payment = order.payment else {
            // Not paid, or reversed: there is nothing to give back.
            violate(.refundOfUnpaid, .refund, order: order.number, at: now)
            return failure(request, "ERROR", "订单状态错误")
        }
        guard now.wallMilliseconds - payment.time.wallMilliseconds <= Self.longestAge else {
            return failure(request, "TRADE_OVERDUE", "订单已经超过退款期限")
        }
        return take(request, of: order, number: number, at: now)
    }

    private mutating func take(
        _ request: CheckedRequest,
        of order: PlatformOrder,
        number: String,
        at now: PlatformTime,
    ) -> Ticket {
        let turns = order.play?.refunds ?? []
        let turn = order.refundsMet < turns.count ? turns[order.refundsMet] : nil
        orders[order.number]?.refundsMet += 1
        if case .fails(let code) = turn { return failure(request, code, Self.text(of: code)) }
        let refund = PlatformOrder.Refund(
            number: number,
            refundID: Identifiers.transactionID(at: now),
            status: .processing,
            due: now.boot + options.timings.payer(order.play?.refundTime ?? .zero)
        )
        orders[order.number]?.refund = refund
        refunds[number] = order.number
        refunds[refund.refundID] = order.number
        note(.refundChanged(.processing), order: order.number, at: now)
        change(order.number, to: .refund, at: now)
        var ticket = accepted(request, order, refund)
        if case .acceptedButFaulty(let fault) = turn { ticket.fault = fault }
        return ticket
    }

    /// The time of an accepted refund is over: the money goes back, unless the payer's card is dead.
    mutating func completeRefund(of number: String, at time: PlatformTime) {
        let end = orders[number]?.play?.refundEnd ?? .success
        orders[number]?.refund?.due = nil
        orders[number]?.refund?.status = end
        if end == .success {
            orders[number]?.refund?.completed = time
            giveBack(number, at: time)
        }
        note(.refundChanged(end), order: number, at: time)
    }

    func refundQuery(_ request: CheckedRequest) -> Ticket {
        guard let order = findRefunded(request), let refund = order.refund,
            let amount = order.amount
        else { return failure(request, "REFUNDNOTEXIST", "退款订单查询失败") }
        let fee = String(amount.minorUnits)
        let time = refund.completed.map {
            [(name: "refund_success_time_0", value: $0.beijingReadable)]
        }
        let fields: [(name: String, value: String)] =
            [
                ("result_code", "SUCCESS"), ("transaction_id", order.payment?.transactionID ?? ""),
                ("out_trade_no", order.number), ("total_fee", fee),
                ("fee_type", amount.currency.code), ("cash_fee", fee), ("refund_count", "1"),
                ("total_refund_count", "1"), ("out_refund_no_0", refund.number),
                ("refund_id_0", refund.refundID), ("refund_channel_0", "ORIGINAL"),
                ("refund_fee_0", fee), ("refund_status_0", refund.status.rawValue),
                ("refund_account_0", "REFUND_SOURCE_UNSETTLED_FUNDS"),
                ("refund_recv_accout_0", "支付用户的零钱"),
            ] + (time ?? [])
        return Ticket(
            operation: .refundQuery,
            order: order.number,
            content: .document(document(request, fields))
        )
    }

    /// The order that a query of a refund names, by the refund first.
    private func findRefunded(_ request: CheckedRequest) -> PlatformOrder? {
        guard let name = request["refund_id"] ?? request["out_refund_no"] else {
            return find(request)
        }
        guard let order = refunds[name].flatMap({ orders[$0] }),
            order.parameters["sub_mch_id"] == request["sub_mch_id"]
        else { return nil }
        return order
    }

    private func accepted(
        _ request: CheckedRequest,
        _ order: PlatformOrder,
        _ refund: PlatformOrder.Refund,
    ) -> Ticket {
        let fee = order.amount.map { String($0.minorUnits) } ?? ""
        let fields: [(name: String, value: String)] = [
            ("result_code", "SUCCESS"), ("transaction_id", order.payment?.transactionID ?? ""),
            ("out_trade_no", order.number), ("out_refund_no", refund.number),
            ("refund_id", refund.refundID), ("refund_fee", fee),
            ("total_fee", fee), ("fee_type", order.amount?.currency.code ?? ""), ("cash_fee", fee),
            ("cash_refund_fee", fee), ("coupon_refund_fee", "0"), ("coupon_refund_count", "0"),
        ]
        return Ticket(
            operation: .refund,
            order: order.number,
            content: .document(document(request, fields))
        )
    }
}
