import Kiosk
import Payments
import StrictJSON
import Testing

/// What the payer reads is one of the four truths of rule G3, in both languages, with the next step.
@Suite("What a payer reads (G3)")
struct PayerMessageTests {
    @Test("Every end state says one of the four truths, in both languages (G3)")
    func everyEndStateSaysOneOfTheFourTruths() async throws {
        let ends: [SaleState] = [.undelivered, .cancelled, .expired]
        // Where a word is missing or unknown a person decides, and no return may be promised.
        let truths: [(word: String?, english: String, chinese: String)] = [
            (Truth.nothingTaken.word, "Nothing was taken", "未扣款"),
            (Truth.beingReturned.word, "was taken and is being returned", "正在自动退回"),
            (Truth.notKnownYet(Samples.order).word, "leave WeChat's password page", "暂未确认"),
            (nil, "Not known yet: please ask the staff", "联系工作人员查询"),
            ("a-later-word", "Not known yet: please ask the staff", "联系工作人员查询"),
        ]
        try await RunningInterface.serve { running in
            for state in ends {
                for truth in truths {
                    let sale = Samples.sale(state, truth: truth.word, reason: "no-verdict")
                    let (english, chinese) = try Self.message(sale, running)
                    #expect(english.contains(truth.english), "\(state) \(truth.word ?? "nil")")
                    #expect(chinese.contains(truth.chinese))
                    let isReturnTold = english.contains("return") || english.contains("back")
                    #expect(
                        isReturnTold
                            == [Truth.beingReturned.word, Truth.notKnownYetWord].contains(
                                truth.word
                            )
                    )
                    let isOpen = truth.word != Truth.nothingTaken.word
                    #expect(english.contains(Samples.order.text) == isOpen)
                    #expect(!english.contains("Paid."))
                }
            }
        }
    }

    @Test("Only sales that are paid say paid (D4, G3)")
    func onlyPaidSalesSayPaid() async throws {
        try await RunningInterface.serve { running in
            for state in SaleState.allCases {
                let truth = Truth.nothingTaken.word
                let sale = Samples.sale(state, truth: truth)
                let (english, chinese) = try Self.message(sale, running)
                let isPaid = [.paid, .delivering, .delivered].contains(state)
                #expect(english.hasPrefix("Paid") == isPaid, "\(state)")
                #expect(chinese.hasPrefix("支付成功") == isPaid, "\(state)")
            }
        }
    }

    /// Rule B4: the words fit the cause.
    @Test("Every advice after a refusal has words of its own (B4)")
    func everyAdviceHasItsOwnWords() async throws {
        try await RunningInterface.serve { running in
            for state in [SaleState.declined, .expired] {
                var seen: Set<String> = []
                for advice in Refusal.Advice.allCases {
                    let sale = Samples.sale(
                        state,
                        truth: Truth.nothingTaken.word,
                        reason: advice.rawValue
                    )
                    let (english, chinese) = try Self.message(sale, running)
                    #expect(english.hasPrefix("Nothing was taken."))
                    #expect(chinese.hasPrefix("未扣款。"))
                    #expect(seen.insert(english).inserted)
                    #expect(seen.insert(chinese).inserted)
                }
            }
        }
    }

    /// Rules B5, B8: a void attempt took nothing and used nothing up, so nobody is sent for a new code (rule G3).
    @Test("An attempt that never left asks for the same code (B5)")
    func aVoidAttemptAsksForTheSameCode() async throws {
        try await RunningInterface.serve { running in
            let sale = Samples.sale(
                .declined,
                truth: Truth.nothingTaken.word,
                reason: Refusal.Advice.sameCode.rawValue
            )
            let (english, chinese) = try Self.message(sale, running)
            #expect(
                english == "Nothing was taken. The payment was never sent, and the same code still "
                    + "works. Please hold it to the scanner again."
            )
            #expect(chinese == "未扣款。付款请求未发出，原付款码仍然有效。请再次将同一付款码对准扫码口。")
        }
    }

    /// Rule B4: what the platform calls PAYERROR, CLOSED or REVOKED says nothing about who ended it.
    @Test("A payment that was not completed blames nobody")
    func aPaymentThatWasNotCompletedBlamesNobody() async throws {
        try await RunningInterface.serve { running in
            let sale = Samples.sale(
                .declined,
                truth: Truth.nothingTaken.word,
                reason: Refusal.Advice.notCompleted.rawValue
            )
            let (english, chinese) = try Self.message(sale, running)
            #expect(
                english == "Nothing was taken. The payment was not completed. Please open a new "
                    + "payment code, and another card if need be. Then hold your payment code to "
                    + "the scanner."
            )
            #expect(chinese == "未扣款。支付未完成。请刷新付款码，必要时更换付款方式。然后将付款码对准扫码口。")
        }
    }

    /// Rule B4: where no code can help, nobody is told to show one or to start again.
    @Test("Whoever must ask the staff is not sent back to the scanner")
    func whoMustAskTheStaffIsNotSentBackToTheScanner() async throws {
        try await RunningInterface.serve { running in
            for state in [SaleState.declined, .expired] {
                let sale = Samples.sale(
                    state,
                    truth: Truth.nothingTaken.word,
                    reason: Refusal.Advice.callStaff.rawValue
                )
                let (english, chinese) = try Self.message(sale, running)
                #expect(english == "Nothing was taken. Please ask the staff.")
                #expect(chinese == "未扣款。请联系工作人员。")
            }
        }
    }

    /// Rule G3: whatever a code was, its payer reads what is true of the money.
    @Test("Every notice has a sentence")
    func everyNoticeHasASentence() async throws {
        let notices: [Notice] =
            [.alreadyRead, .notAPaymentCode, .cannotTakeCode(.risk)]
            + ScannedCode.OtherWallet.allCases.map(Notice.otherWallet)
        try await RunningInterface.serve { running in
            let reader = try RawConnection(running.socket)
            _ = try reader.openEvents()
            for notice in notices {
                running.kiosk.feed.publish(.notice(notice))
                let piece = try reader.piece()
                #expect(piece.contains("\"notice\":\"\(notice.word)\""))
                #expect(piece.contains("\"zh-Hans\":\""))
                #expect(piece.contains("\"en\":\""))
                let isAgain = notice == .alreadyRead
                #expect(piece.contains(isAgain ? "nothing new was taken" : "nothing was taken"))
                #expect(piece.contains(isAgain ? "没有再次扣款" : "未扣款"))
            }
        }
    }

    /// Paid, and nobody knows whether the goods came out (rules A5, D3): neither is said.
    @Test(
        "Where nobody knows of the goods, the payer is sent to the staff",
        arguments: ["claimed-unreported", "paid-before-adoption"]
    )
    func whereNobodyKnowsOfTheGoods(_ reason: String) async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { state in
                let row = Samples.sale(.undelivered, truth: Truth.paid.word, reason: reason)
                state.sales = [SaleDetails(sale: row, attempts: [Samples.attempt(.parked)])]
            }
            let answer = try exchange(running.socket, "GET", "/v1/sales/\(Samples.saleID)")
            #expect(answer.body.contains("If your goods did not come out, please ask the staff."))
            #expect(answer.body.contains("如未出货，请联系工作人员。"))
            #expect(!answer.body.contains("not released"))
        }
    }

    /// Events that are not the payer's say nothing to the payer; returned money names its order.
    @Test("Every kind of event is told as agreed")
    func everyKindOfEventIsToldRight() async throws {
        try await RunningInterface.serve { running in
            let reader = try RawConnection(running.socket)
            _ = try reader.openEvents()
            for (index, kind) in EventKind.allCases.enumerated() {
                running.kiosk.commit(Samples.event(Int64(index + 1), kind))
                let piece = try reader.piece()
                #expect(piece.contains("event: \(kind.rawValue)\n"))
                switch kind {
                case .saleChanged, .releaseOffered: #expect(piece.contains("Paid."))
                case .moneyReturned: #expect(piece.contains("\(Samples.order) is back with you"))
                case .releaseUnreported, .parked, .flagged:
                    #expect(piece.hasSuffix("\"message\":null}"))
                }
            }
        }
    }

    private static func message(
        _ sale: SaleRow,
        _ running: RunningInterface,
    ) throws -> (english: String, chinese: String) {
        running.kiosk.with {
            $0.sales = [SaleDetails(sale: sale, attempts: [Samples.attempt(.revoking)])]
        }
        let path = "/v1/sales/\(Samples.saleID)"
        let message = try exchange(running.socket, "GET", path).json().object("message")
        return (
            english: try message.string("en", bytes: 1...300),
            chinese: try message.string("zh-Hans", bytes: 1...300)
        )
    }
}
