package import Payments

/// The one refund of an order, asked for and asked about (wire facts, 1.12 and 2.4; rule C5).
extension V2Dialect {
    /// The payer reads it in the wallet's message about the refund. At most 80 bytes.
    private static let refundDescription = "订单未完成，全额退款 Order not completed"

    /// Gives the whole amount of an order back, under the number that never changes. Doing it twice
    /// is harmless.
    package func refund(
        order: OrderNumber,
        amount: Money,
        using generator: inout some RandomNumberGenerator,
    ) -> PlatformRequest {
        let fee = String(amount.minorUnits)
        return request(
            path: "/secapi/pay/refund",
            [
                ("out_trade_no", order.text),
                ("out_refund_no", RefundNumber(of: order).text),
                ("total_fee", fee),
                ("refund_fee", fee),
                ("refund_fee_type", amount.currency.code),
                ("refund_desc", Self.refundDescription),
            ],
            needsClientCertificate: true,
            using: &generator,
        )
    }

    /// Asks what became of that refund, by its own number, so that the reply is about no other.
    package func refundQuery(
        order: OrderNumber,
        using generator: inout some RandomNumberGenerator,
    ) -> PlatformRequest {
        request(
            path: "/pay/refundquery",
            [("out_refund_no", RefundNumber(of: order).text)],
            using: &generator,
        )
    }

    /// SUCCESS means accepted, and only if it names this order, this refund and the whole amount.
    package func refundVerdict(
        _ reply: PlatformReply,
        order: OrderNumber,
        amount: Money,
    ) -> RefundVerdict {
        if Self.isCertificateRefusal(reply) { return .configuration(.certificateRefused) }
        do throws(V2Doubt) {
            let reply = try verified(reply, order: order, amount: amount)
            switch reply.result {
            case .success:
                try reply.requireRefund(of: order, amount: amount)
                return .accepted
            case .failure(let code):
                switch V2CodeTable.refund[code] {
                case .again: return .again(code: code)
                case .refused: return .refused(code: code)
                case .configuration(let fault): return .configuration(fault.verdict(code))
                case nil: return .unknown(.platform(code: code))
                }
            }
        } catch {
            return .unknown(error.cause)
        }
    }

    /// The reply is about one refund, hence has one, numbered 0: it must be ours over the whole
    /// amount, whatever its state.
    package func refundQueryVerdict(
        _ reply: PlatformReply,
        order: OrderNumber,
        amount: Money,
    ) -> RefundQueryVerdict {
        do throws(V2Doubt) {
            let reply = try verified(reply, order: order, amount: amount)
            switch reply.result {
            case .success:
                try reply.requireRefund(of: order, amount: amount, suffix: "_0")
                return try reply.refundState()
            case .failure(let code):
                switch V2CodeTable.refundQuery[code] {
                case .refundNotExist: return .refundNotExist
                case .configuration(let fault): return .configuration(fault.verdict(code))
                case .unknown, nil: return .unknown(.platform(code: code))
                }
            }
        } catch {
            return .unknown(error.cause)
        }
    }
}
