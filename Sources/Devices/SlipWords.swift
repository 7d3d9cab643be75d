internal import Payments

/// What a slip tells the payer: one truth of rule G3 and the next step, in both languages.
struct SlipWords: Hashable, Sendable {
    struct Bilingual: Hashable, Sendable {
        let chinese: String
        let english: String

        func callAsFunction(_ language: MerchantText.Language) -> String {
            switch language {
            case .chinese: chinese
            case .english: english
            }
        }
    }

    /// The kind of slip.
    let title: Bilingual
    /// The main fact, large.
    let fact: Bilingual
    /// What it means for the payer's money and what to do next.
    let next: Bilingual
    /// Whether money moved, so that the amount is printed large.
    let isAboutMoneyMoved: Bool

    /// `nil` for a slip that contradicts itself: only a receipt says paid (rule D4).
    init?(for kind: Slip.Kind) {
        switch kind {
        case .receipt:
            title = Bilingual(chinese: "微信支付收据", english: "WeChat Pay receipt")
            fact = Bilingual(chinese: "已支付", english: "Paid")
            next = Bilingual(chinese: "谢谢惠顾。", english: "Thank you.")
            isAboutMoneyMoved = true
        case .moneyReturned:
            title = Bilingual(chinese: "微信支付退款凭证", english: "WeChat Pay refund slip")
            fact = Bilingual(chinese: "款项已退回", english: "Your money was returned")
            next = Bilingual(
                chinese: "款项已按原支付方式退回，请在微信账单中查看。",
                english: "It went back the way it was paid; your WeChat bills show it.",
            )
            isAboutMoneyMoved = true
        case .otherWallet(let wallet):
            title = Self.notCompleted
            fact = Self.nothingTaken
            next = Self.naming(wallet)
            isAboutMoneyMoved = false
        case .nothingKept:
            title = Self.notCompleted
            fact = Bilingual(chinese: "交易已撤销", english: "Payment undone")
            next = Bilingual(
                chinese: "如曾扣款，款项已按原支付方式退回，请在微信账单中查看。",
                english: "Anything that was taken has gone back the way it was paid; "
                    + "your WeChat bills show it.",
            )
            isAboutMoneyMoved = false
        case .notCompleted(.paid, _):
            return nil
        case .notCompleted(.nothingTaken, let advice):
            title = Self.notCompleted
            fact = Self.nothingTaken
            next = Self.advice(advice)
            isAboutMoneyMoved = false
        case .notCompleted(.beingReturned, _):
            title = Self.notCompleted
            fact = Bilingual(chinese: "已扣款，正在退回", english: "Taken and being returned")
            next = Bilingual(
                chinese: "款项会自动按原支付方式退回，您无需任何操作。",
                english: "The money comes back by itself the way it was paid. "
                    + "There is nothing you need to do.",
            )
            isAboutMoneyMoved = true
        case .notCompleted(.notKnownYet(let order), _):
            title = Self.notCompleted
            fact = Bilingual(chinese: "结果尚未确定", english: "Not known yet")
            next = Bilingual(
                chinese: "请离开微信的密码页面，不要再输入密码。如已扣款，款项会自动退回，订单号 \(order)",
                english: "Leave WeChat's password page. Anything taken comes back by itself, "
                    + "order \(order)",
            )
            isAboutMoneyMoved = false
        }
    }

    private static let notCompleted = Bilingual(
        chinese: "交易未完成",
        english: "Payment not completed"
    )

    private static let nothingTaken = Bilingual(chinese: "没有扣款", english: "Nothing was taken")

    private static func naming(_ wallet: ScannedCode.OtherWallet) -> Bilingual {
        switch wallet {
        case .alipay:
            Bilingual(
                chinese: "这是支付宝付款码，本机只收微信支付。请出示微信付款码。",
                english: "This is an Alipay code, and this kiosk takes WeChat Pay only. "
                    + "Please show a WeChat payment code."
            )
        case .unionPay:
            Bilingual(
                chinese: "这是云闪付付款码，本机只收微信支付。请出示微信付款码。",
                english: "This is a UnionPay code, and this kiosk takes WeChat Pay only. "
                    + "Please show a WeChat payment code."
            )
        }
    }

    private static func advice(_ advice: Refusal.Advice?) -> Bilingual {
        switch advice {
        case nil:
            Bilingual(
                chinese: "如需购买，请重新开始。",
                english: "To buy, please start again."
            )
        case .newCode:
            Bilingual(
                chinese: "请在微信中刷新付款码，再重新扫码。",
                english: "Please refresh the payment code in WeChat and show it again."
            )
        case .sameCode:
            Bilingual(
                chinese: "付款请求未发出，原付款码仍然有效，请再次出示同一付款码。",
                english: "The payment was never sent. Please show the same payment code again."
            )
        case .otherCard:
            Bilingual(
                chinese: "请在微信中换一张银行卡，再重新扫码。",
                english: "Please choose another card in WeChat and show the code again."
            )
        case .otherWallet:
            Bilingual(
                chinese: "此账户无法付款，请改用其他账户或其他方式付款。",
                english: "This account cannot pay. Please use another account or pay another way."
            )
        case .notCompleted:
            Bilingual(
                chinese: "支付未完成。请刷新付款码，必要时更换付款方式，再重新扫码。",
                english: "The payment did not complete. Please refresh the payment code in WeChat, "
                    + "choose another card if need be, and show the code again."
            )
        case .callStaff:
            Bilingual(
                chinese: "本机目前无法收款，请联系工作人员。",
                english: "This kiosk cannot take payments now. Please call the staff."
            )
        }
    }
}
