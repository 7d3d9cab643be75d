import Payments

/// One clear sentence for the payer, in both languages (rule G3): what is true of the money, and the next step.
struct PayerMessage: Hashable, Sendable {
    let english: String
    let chinese: String

    private init(_ english: String, _ chinese: String) {
        self.english = english
        self.chinese = chinese
    }

    /// What a sale says to its payer.
    ///
    /// - Parameters:
    ///   - truth: the stored word of ``Truth``.
    ///   - reason: the stored reason; only chooses among words for the same truth.
    ///   - order: the last attempt's number, to name when the outcome is open.
    init(state: SaleState, truth: String?, reason: String?, order: OrderNumber?) {
        self =
            switch state {
            case .awaitingCode:
                Self(
                    "Hold your WeChat payment code to the scanner.",
                    "请打开微信付款码，对准扫码口。",
                )
            case .submitting:
                Self("One moment please: the payment is under way.", "正在支付，请稍候。")
            case .confirming:
                // Also while no reply says whether the phone asks for anything.
                Self(
                    "The payment is being checked. If your phone asks for your password, please type it.",
                    "正在确认支付结果，如手机提示输入密码，请完成操作。",
                )
            case .cancelling:
                Self(
                    "The payment is being cancelled. Anything taken comes back by itself.",
                    "正在取消支付，如已扣款将自动退回。",
                )
            case .paid, .delivering:
                Self("Paid. Please wait for your goods.", "支付成功，请等待取货。")
            case .delivered:
                Self("Paid. Thank you.", "支付成功，谢谢。")
            case .declined where truth == Truth.beingReturned.word:
                // An earlier attempt of the sale turned out to have been charged.
                Self.ended(state, truth: truth, reason: reason, order: nil)
            case .declined: Self.nothingTaken(reason: reason, isOver: false)
            case .undelivered, .cancelled, .expired:
                Self.ended(state, truth: truth, reason: reason, order: order)
            }
    }

    /// What an event says to the payer; `nil` for those that are not theirs.
    init?(event: EventRow) {
        switch event.kind {
        case .saleChanged, .releaseOffered:
            guard let state = event.state else { return nil }
            self.init(
                state: state,
                truth: event.truth,
                reason: event.reason,
                order: event.order,
            )
        case .moneyReturned:
            guard let order = event.order else { return nil }
            self.init(
                "The payment of order \(order) is back with you; nothing was kept.",
                "订单 \(order) 的款项已退回，未收取任何费用。",
            )
        case .releaseUnreported, .parked, .flagged:
            return nil
        }
    }

    init(notice: Notice) {
        self =
            switch notice {
            case .alreadyRead:
                Self(
                    "This code was already read; nothing new was taken. Refresh the code in WeChat and "
                        + "hold it to the scanner again.",
                    "此付款码已读取，没有再次扣款；请在微信中刷新付款码后再次出示。",
                )
            case .otherWallet(.alipay):
                Self(
                    "This is an Alipay code and nothing was taken; please show a WeChat code.",
                    "这是支付宝付款码，未扣款；请出示微信付款码。",
                )
            case .otherWallet(.unionPay):
                Self(
                    "This is a UnionPay code and nothing was taken; please show a WeChat code.",
                    "这是云闪付付款码，未扣款；请出示微信付款码。",
                )
            case .notAPaymentCode:
                Self(
                    "This is no payment code and nothing was taken; please show your WeChat code.",
                    "这不是付款码，未扣款；请出示微信付款码。",
                )
            case .ended(let row, let order):
                Self(state: row.state, truth: row.truth, reason: row.reason, order: order)
            case .cannotTakeCode:
                Self(
                    "No payment can be taken now and nothing was taken; please ask the staff.",
                    "暂时无法收款，未扣款；请联系工作人员。",
                )
            }
    }

    // MARK: - Ends

    private static func ended(
        _ state: SaleState,
        truth: String?,
        reason: String?,
        order: OrderNumber?,
    ) -> Self {
        let named = order.map { (" Order \($0).", "订单号 \($0)。") } ?? ("", "")
        switch truth {
        case Truth.nothingTaken.word:
            guard state == .cancelled else { return nothingTaken(reason: reason, isOver: true) }
            return Self("Cancelled. Nothing was taken.", "已取消，未扣款。")
        case Truth.beingReturned.word:
            return Self(
                "Your payment was taken and is being returned; you need do nothing." + named.0,
                "已扣款，正在自动退回，您无需操作。" + named.1,
            )
        case Truth.paid.word where ParkedReason.aboutGoods.contains(reason ?? ""):
            // Nobody knows whether the goods came out (rules A5, D3).
            return Self(
                "Paid. If your goods did not come out, please ask the staff." + named.0,
                "已支付。如未出货，请联系工作人员。" + named.1,
            )
        case Truth.paid.word:
            return Self(
                "Paid, but the goods were not released; please ask the staff." + named.0,
                "已支付但未出货，请联系工作人员。" + named.1,
            )
        case Truth.notKnownYetWord:
            return Self(
                "Not known yet: leave WeChat's password page; anything taken comes back by itself."
                    + named.0,
                "结果暂未确认：请退出微信支付密码页面，如已扣款将自动退回。" + named.1,
            )
        default:
            // None of the four is known to be true: a person decides, so no return is promised (rules A5, A6, D3).
            return Self(
                "Not known yet: please ask the staff what became of the payment." + named.0,
                "结果暂未确认：请联系工作人员查询付款结果。" + named.1,
            )
        }
    }

    /// Nothing was taken, and what to do fits the cause (rule B4).
    private static func nothingTaken(reason: String?, isOver: Bool) -> Self {
        let cause = reason.flatMap(Refusal.Advice.init(rawValue:))
        let advice: (english: String, chinese: String) =
            switch cause {
            case .newCode: ("Please open a new payment code.", "请刷新付款码。")
            case .sameCode:
                ("The payment was never sent, and the same code still works.", "付款请求未发出，原付款码仍然有效。")
            case .otherCard: ("Please choose another card in WeChat.", "请在微信中更换付款方式。")
            case .otherWallet: ("Please pay with another account.", "请更换账户付款。")
            case .notCompleted:
                (
                    "The payment was not completed. Please open a new payment code, and another card if need be.",
                    "支付未完成。请刷新付款码，必要时更换付款方式。",
                )
            case .callStaff: ("Please ask the staff.", "请联系工作人员。")
            case nil: ("The sale has ended.", "本次交易已结束。")
            }
        // A space parts sentences in English only.
        let step: (english: String, chinese: String) =
            switch (isOver, cause) {
            // No code helps, now or later.
            case (_, .callStaff): ("", "")
            case (true, _): (" Start again if you still want to buy.", "如需购买请重新开始。")
            case (false, .sameCode):
                (" Please hold it to the scanner again.", "请再次将同一付款码对准扫码口。")
            case (false, _):
                (" Then hold your payment code to the scanner.", "然后将付款码对准扫码口。")
            }
        return Self(
            "Nothing was taken. \(advice.english)\(step.english)",
            "未扣款。\(advice.chinese)\(step.chinese)",
        )
    }
}
