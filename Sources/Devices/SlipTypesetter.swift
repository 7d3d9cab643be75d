internal import Payments

/// Sets a slip in lines. Pure: the same slip, profile and merchant always give the same lines.
struct SlipTypesetter {
    private let layout: LineLayout
    private let merchant: MerchantText
    private let language: MerchantText.Language
    private let printable: PrintableText

    /// Without an encoder (no GB18030 on this machine) slips are English, because Chinese could not
    /// be read.
    init(_ profile: PrinterProfile, _ merchant: MerchantText, _ encoder: GB18030Encoder?) {
        layout = LineLayout(columns: profile.columns)
        self.merchant = merchant
        language = encoder == nil ? .english : merchant.language
        printable = PrintableText(encoder, prefersASCII: language == .english)
    }

    /// `nil` for a slip that contradicts itself (rule D4).
    func lines(of slip: Slip) -> [SlipLine]? {
        guard let words = SlipWords(for: slip.kind) else { return nil }
        return head(slip, words) + details(slip, words) + foot(slip, words)
    }

    private func head(_ slip: Slip, _ words: SlipWords) -> [SlipLine] {
        var lines = centred(merchant.name, .bold) + centred(merchant.site)
        lines += centred(words.title(language))
        if slip.isCopy {
            lines += centred(language == .chinese ? "*** 副本 COPY ***" : "*** COPY ***", .bold)
        }
        lines.append(LineLayout.blank)
        lines += centred(words.fact(language), .tall)
        if language == .chinese { lines += centred(words.fact.english) }
        if words.isAboutMoneyMoved { lines += centred(amount(slip), .large) }
        lines.append(layout.rule())
        return lines
    }

    private func details(_ slip: Slip, _ words: SlipWords) -> [SlipLine] {
        var lines: [SlipLine] = []
        if !slip.description.isEmpty { lines += pair(("商品", "Item"), slip.description) }
        if !words.isAboutMoneyMoved { lines += pair(("金额", "Amount"), amount(slip)) }
        if let order = order(of: slip) {
            lines += pair(("订单号", "Order"), order.text)
        } else if let sale = slip.sale {
            lines += pair(("销售号", "Sale"), sale.text)
        }
        if case .receipt(let proof) = slip.kind {
            lines += pair(("交易单号", "Transaction"), proof.transactionID)
            if let payer = proof.maskedPayer { lines += pair(("付款人", "Payer"), payer) }
            if let paid = proof.paidAtSeconds {
                lines += pair(("支付时间", "Paid"), time(seconds: paid))
            }
        }
        lines += pair(("打印时间", "Printed"), made(slip))
        lines.append(layout.rule())
        return lines
    }

    private func foot(_ slip: Slip, _ words: SlipWords) -> [SlipLine] {
        var lines = layout.paragraph(printable.glyphs(words.next(language)))
        if language == .chinese {
            lines += layout.paragraph(printable.glyphs(words.next.english))
        }
        let hasNumber = order(of: slip) != nil || slip.sale != nil
        let call =
            switch (language, merchant.contact.isEmpty, hasNumber) {
            case (.chinese, true, _): "如有疑问请联系工作人员，并出示此单。"
            case (.chinese, false, true): "如有疑问请致电 \(merchant.contact)，并告知以上单号。"
            case (.chinese, false, false): "如有疑问请致电 \(merchant.contact)。"
            case (.english, true, _): "Questions? Show this slip to the staff."
            case (.english, false, true):
                "Questions? Call \(merchant.contact) and name the number above."
            case (.english, false, false): "Questions? Call \(merchant.contact)."
            }
        return lines + layout.paragraph(printable.glyphs(call))
    }

    // MARK: Parts

    private func centred(_ text: String, _ style: SlipLine.Style = .normal) -> [SlipLine] {
        layout.centred(printable.glyphs(text), style)
    }

    private func pair(_ label: (String, String), _ value: String) -> [SlipLine] {
        layout.pair(
            printable.glyphs(language == .chinese ? label.0 : label.1),
            printable.glyphs(value)
        )
    }

    private func amount(_ slip: Slip) -> String {
        language == .chinese && slip.amount.currency == .cny
            ? "￥\(slip.amount.decimal)"
            : "\(slip.amount.currency) \(slip.amount.decimal)"
    }

    private func order(of slip: Slip) -> OrderNumber? {
        if case .notCompleted(.notKnownYet(let order), _) = slip.kind { return order }
        return slip.order
    }

    /// A clock that nothing vouches for is not printed as if it were right (rule F1).
    private func made(_ slip: Slip) -> String {
        guard slip.made.isSynchronised else {
            return language == .chinese ? "时钟未校准" : "clock not set"
        }
        return time(seconds: slip.made.milliseconds / 1000)
    }

    private func time(seconds: Int64) -> String {
        LocalTime.text(secondsSince1970: seconds, utcOffsetMinutes: merchant.utcOffsetMinutes)
    }
}
