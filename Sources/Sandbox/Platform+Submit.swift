internal import Payments

/// Submit (`micropay`): wire facts, 1.8 and 2.1.
extension Platform {
    mutating func submit(_ request: CheckedRequest, at now: PlatformTime) -> Ticket {
        // CheckedRequest has made sure of these three.
        guard let number = request["out_trade_no"], let code = request["auth_code"],
            let units = request["total_fee"].flatMap({ Int64($0) })
        else { return failure(request, "LACK_PARAMS", "缺少参数") }
        guard let amount = Money(minorUnits: units, currency: options.currency),
            request["fee_type"] ?? "CNY" == options.currency.code
        else {
            violate(.requestRefused("total_fee or fee_type"), .submit, order: number, at: now)
            return failure(request, "PARAM_ERROR", "参数total_fee或fee_type错误")
        }
        guard register(number), let order = orders[number] else {
            return failure(request, "SYSTEMERROR", "系统超时")
        }
        orders[number]?.lastSubmit = now.boot
        if order.isReverseSeen { violate(.submitAfterReverse, .submit, order: number, at: now) }
        if order.isProcessed { return repeated(request, of: order, at: now) }
        if order.play == nil, let lost = loseFirst(number: number, code: code) {
            return lost
        }
        orders[number]?.created = now.boot
        orders[number]?.parameters = request.parameters
        orders[number]?.amount = amount
        return process(request, number: number, code: code, at: now)
    }

    /// Same parameters: the order's present truth. Others: the number is used.
    private mutating func repeated(
        _ request: CheckedRequest,
        of order: PlatformOrder,
        at now: PlatformTime,
    ) -> Ticket {
        guard order.parameters == request.parameters else {
            violate(.submitChanged, .submit, order: order.number, at: now)
            return failure(request, "OUT_TRADE_NO_USED", "201 商户订单号重复")
        }
        return Ticket(
            operation: .submit,
            order: order.number,
            content: .submit(request, .truth)
        )
    }

    /// Chooses the case, and keeps the first transmission from being processed if the case wants that.
    private mutating func loseFirst(number: String, code: String) -> Ticket? {
        let play = nextCase(for: code)
        orders[number]?.play = play
        let content: Ticket.Content
        switch play.arrival {
        case .processed: return nil
        case .swallowed:
            content = .page(Reply(delivery: .silence), summary: "nothing, not processed")
        case .cut: content = .page(Reply(delivery: .reset), summary: "reset, not processed")
        case .refusedByFront(let status):
            content = .page(.status(status), summary: "HTTP \(status), not processed")
        }
        return Ticket(operation: .submit, order: number, content: content)
    }

    private mutating func process(
        _ request: CheckedRequest,
        number: String,
        code: String,
        at now: PlatformTime,
    ) -> Ticket {
        var ticket = Ticket(
            operation: .submit,
            order: number,
            content: .submit(request, .truth)
        )
        guard Self.isPaymentCode(code), codes[code] == nil else {
            orders[number]?.refusal = "AUTH_CODE_INVALID"
            return ticket
        }
        codes[code] = number
        guard let play = orders[number]?.play else { return ticket }
        ticket.content = .submit(request, play.answer)
        ticket.fault = play.fault
        if case .late(let delay) = play.fault { ticket.delay = options.timings.payer(delay) }
        let timings = options.timings
        switch play.payer {
        case .paysAtOnce: charge(number, at: now)
        case .paysSlowly(let delay):
            ticket.delay = timings.payer(delay)
            change(number, to: .notPaid, at: now)
            orders[number]?.act = (now.boot + ticket.delay, .pays)
        case .paysBehindTheReply(let delay):
            change(number, to: .notPaid, at: now)
            orders[number]?.act = (now.boot + timings.payer(delay), .pays)
        case .typesPassword(let delay):
            change(number, to: .userPaying, at: now)
            orders[number]?.act = (now.boot + timings.payer(delay), .pays)
        case .closesPassword(let delay):
            change(number, to: .userPaying, at: now)
            orders[number]?.act = (now.boot + timings.payer(delay), .closesPage)
        case .ignoresPassword, .paysAsReverseArrives: change(number, to: .userPaying, at: now)
        case .isRefused(let code, let state):
            orders[number]?.refusal = code
            if state != .absent { change(number, to: state, at: now) }
        }
        return ticket
    }

    /// 18 digits beginning 10 to 15 (wire facts, 1.16).
    private static func isPaymentCode(_ code: String) -> Bool {
        let bytes = Array(code.utf8)
        return bytes.count == 18 && bytes.allSatisfy { (0x30...0x39).contains($0) }
            && bytes[0] == UInt8(ascii: "1") && bytes[1] <= UInt8(ascii: "5")
    }

    /// The reply to a processed submit, made from what is true now.
    func submitReply(
        to request: CheckedRequest,
        saying answer: SandboxCase.Answer,
    ) -> ReplyDocument {
        guard let order = request["out_trade_no"].flatMap({ orders[$0] }) else {
            return document(request, failed("SYSTEMERROR", "系统超时"))
        }
        let device = request["device_info"].map { [(name: "device_info", value: $0)] } ?? []
        switch answer {
        case .fails(let code): return document(request, device + failed(code, Self.text(of: code)))
        case .claimsPaid:
            return document(
                request,
                device + [("result_code", "SUCCESS")] + paidFields(of: order.pretendPaid)
            )
        case .truth: break
        }
        guard let code = Self.failureCode(of: order) else {
            return document(
                request,
                device + [("result_code", "SUCCESS")] + paidFields(of: order)
            )
        }
        return document(request, device + failed(code, Self.text(of: code)))
    }

    /// Why a submit of this order is no success now; `nil` if it is one.
    private static func failureCode(of order: PlatformOrder) -> String? {
        switch order.state {
        case .success: nil
        case .userPaying: "USERPAYING"
        case .revoked, .refund: "ORDERREVERSED"
        case .closed: "ORDERCLOSED"
        case .absent, .notPaid, .payError: order.refusal ?? "SYSTEMERROR"
        }
    }

    static func text(of code: String) -> String {
        switch code {
        case "USERPAYING": "需要用户输入支付密码"
        case "SYSTEMERROR": "系统超时"
        case "BANKERROR": "银行系统异常"
        case "NOTENOUGH": "余额不足"
        case "AUTHCODEEXPIRE": "二维码已过期，请用户在微信上刷新后再试"
        case "AUTH_CODE_ERROR": "授权码参数错误"
        case "AUTH_CODE_INVALID": "101 付款码无效，请重新扫码"
        case "NOTSUPORTCARD": "不支持卡类型"
        case "TRADE_ERROR": "交易错误"
        case "ORDERREVERSED": "订单已撤销"
        case "ORDERCLOSED": "订单已关闭"
        case "BUYER_MISMATCH": "支付帐号错误"
        case "NOAUTH": "商户无权限"
        case "SIGNERROR": "签名错误"
        case "REVERSE_EXPIRE": "订单无法撤销"
        default: "错误代码 \(code)"
        }
    }
}

extension PlatformOrder {
    /// What a liar would say of this order: paid, though nothing was taken.
    var pretendPaid: Self {
        guard payment == nil, let created else { return self }
        var lie = self
        let time = PlatformTime(boot: created, wallMilliseconds: PlatformTime.now.wallMilliseconds)
        lie.payment = Payment(
            transactionID: Identifiers.transactionID(at: time),
            openID: Identifiers.openID(),
            time: time,
            couponFee: 0
        )
        return lie
    }
}
