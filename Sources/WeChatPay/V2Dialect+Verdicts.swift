package import Payments

/// What replies mean (rules B1 to B4 and B7). Nothing in a reply counts before its signature has
/// verified.
extension V2Dialect {
    /// Paid is SUCCESS twice, with every field of the record in it (rule B1).
    package func submitVerdict(
        _ reply: PlatformReply,
        order: OrderNumber,
        amount: Money,
    ) -> SubmitVerdict {
        do throws(V2Doubt) {
            let reply = try verified(reply, order: order, amount: amount)
            switch reply.result {
            case .success:
                // A query's reply about the same order, REFUND for one, has every other field of a
                // payment; a refund's has no `trade_type`. Signed as they are, neither may pass for
                // the answer to a submit.
                guard !reply.hasTradeState else {
                    throw V2Doubt(cause: .mismatch(field: "trade_state"))
                }
                guard reply.hasTradeType else {
                    throw V2Doubt(cause: .mismatch(field: "trade_type"))
                }
                return .paid(try reply.proof(order: order, amount: amount))
            case .failure(let code):
                switch V2CodeTable.submit[code] {
                case .passwordNeeded: return .passwordNeeded
                case .refused(let advice): return .refused(Refusal(advice: advice, code: code))
                case .configuration(let fault): return .configuration(fault.verdict(code))
                case .unknown, nil: return .unknown(.platform(code: code))
                }
            }
        } catch {
            return .unknown(error.cause)
        }
    }

    /// - Parameter amount: What the order was submitted with; `nil` for a probe (rule B7), which
    ///   can never be Paid.
    package func queryVerdict(
        _ reply: PlatformReply,
        order: OrderNumber,
        amount: Money?,
    ) -> QueryVerdict {
        do throws(V2Doubt) {
            let reply = try verified(reply, order: order, amount: amount)
            switch reply.result {
            case .success:
                guard reply.hasTradeState else {
                    throw V2Doubt(cause: .malformed(reason: "no-trade-state"))
                }
                if reply.isPaidState {
                    return .paid(try reply.proof(order: order, amount: amount))
                }
                // States of unpaid orders settle revokes, so they must name theirs as well.
                try reply.requireOrder(order)
                return .notPaid(reply.unpaidState, transactionID: reply.transactionID)
            case .failure(let code):
                switch V2CodeTable.query[code] {
                case .orderNotExist: return .orderNotExist
                case .configuration(let fault): return .configuration(fault.verdict(code))
                case .unknown: return .unknown(.platform(code: code))
                case nil: return .unknown(.unlisted(code: code))
                }
            }
        } catch {
            return .unknown(error.cause)
        }
    }

    /// `recall=Y` in a failure asks for patience, whatever the code is (wire facts, 1.10).
    package func reverseVerdict(_ reply: PlatformReply, order: OrderNumber) -> ReverseVerdict {
        if Self.isCertificateRefusal(reply) { return .configuration(.certificateRefused) }
        do throws(V2Doubt) {
            let reply = try verified(reply, order: order, amount: nil)
            let recall = try reply.recall()
            switch reply.result {
            case .success:
                return .accepted(recall: recall)
            case .failure(let code) where recall:
                return .again(code: code)
            case .failure(let code):
                switch V2CodeTable.reverse[code] {
                case .again: return .again(code: code)
                case .refused: return .refused(code: code)
                case .configuration(let fault): return .configuration(fault.verdict(code))
                case .unknown, nil: return .unknown(.platform(code: code))
                }
            }
        } catch {
            return .unknown(error.cause)
        }
    }

    func verified(
        _ reply: PlatformReply,
        order: OrderNumber,
        amount: Money?,
    ) throws(V2Doubt) -> V2Reply {
        try V2Reply(reply, credentials: credentials, order: order, amount: amount)
    }

    /// A web page with HTTP 400: how the platform's front answers a missing or wrong client
    /// certificate (wire facts, 1.3).
    static func isCertificateRefusal(_ reply: PlatformReply) -> Bool {
        reply.status == 400 && isHTML(reply.body)
    }

    /// Whether a body begins like a web page.
    private static func isHTML(_ body: [UInt8]) -> Bool {
        let start = body.drop(while: \.isXMLWhitespace).prefix(14)
        let text = String(decoding: start, as: UTF8.self).lowercased()
        return text.hasPrefix("<html") || text.hasPrefix("<!doctype html")
    }
}
