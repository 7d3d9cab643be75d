/// Query (`orderquery`): wire facts, 1.9 and 2.2.
extension Platform {
    mutating func query(_ request: CheckedRequest) -> Ticket {
        guard let order = find(request), order.state != .absent else {
            return failure(request, "ORDERNOTEXIST", "订单不存在")
        }
        let turns = order.play?.queries ?? []
        let turn = order.queriesMet < turns.count ? turns[order.queriesMet] : nil
        orders[order.number]?.queriesMet += 1
        var ticket = Ticket(
            operation: .query,
            order: order.number,
            content: .document(document(request, stateFields(of: order)))
        )
        switch turn {
        case nil: break
        case .faulty(let fault): ticket.fault = fault
        case .deniesOrder:
            ticket.content = .document(
                document(request, failed("ORDERNOTEXIST", "订单不存在"))
            )
        case .fails(let code):
            ticket.content = .document(document(request, failed(code, Self.text(of: code))))
        case .forgedSuccess:
            var lie = order.pretendPaid
            lie.state = .success
            ticket.content = .document(document(request, stateFields(of: lie)))
            ticket.fault = .forged
        }
        return ticket
    }

    /// The order a query or reverse names: `transaction_id` wins; another sub-merchant's order does not exist for it.
    func find(_ request: CheckedRequest) -> PlatformOrder? {
        let number = request["transaction_id"].map { transactions[$0] } ?? request["out_trade_no"]
        guard let number, let order = orders[number] else { return nil }
        guard !order.isProcessed || order.parameters["sub_mch_id"] == request["sub_mch_id"] else {
            return nil
        }
        return order
    }

    private func stateFields(of order: PlatformOrder) -> [(name: String, value: String)] {
        let device = order.parameters["device_info"].map { [(name: "device_info", value: $0)] }
        let head =
            [(name: "result_code", value: "SUCCESS")] + (device ?? []) + [
                (name: "trade_state", value: order.state.rawValue),
                (name: "trade_state_desc", value: order.state.text),
            ]
        switch order.state {
        case .success, .refund: return head + paidFields(of: order) + couponFields(of: order)
        case .revoked, .closed, .notPaid, .userPaying, .payError, .absent:
            // The amounts are gone; a revoked order that had been paid may still name its payment.
            let named = order.play?.namesReversedPayment == false ? nil : order.payment
            let payment = named.map { [(name: "transaction_id", value: $0.transactionID)] }
            return head + [("out_trade_no", order.number)] + (payment ?? [])
        }
    }

    private func couponFields(of order: PlatformOrder) -> [(name: String, value: String)] {
        guard let fee = order.payment?.couponFee, fee > 0 else { return [] }
        return [
            ("coupon_count", "1"), ("coupon_id_0", "10000"), ("coupon_type_0", "CASH"),
            ("coupon_fee_0", String(fee)),
        ]
    }
}
