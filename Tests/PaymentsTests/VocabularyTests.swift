import Payments
import TestKit
import Testing

@Suite("Codes, numbers and words")
struct VocabularyTests {
    @Test("Codes are recognised by their digits alone (B8)")
    func recognised() {
        for prefix in 10...15 {
            let digits = "\(prefix)" + String(repeating: "7", count: 16)
            guard case .weChat(let code) = ScannedCode(recognising: digits) else {
                Issue.record("\(digits)")
                continue
            }
            #expect(code.digits == digits)
        }
        for prefix in 25...30 {
            let digits = "\(prefix)" + String(repeating: "1", count: 14)
            #expect(ScannedCode(recognising: digits) == .otherWallet(.alipay))
        }
        let wrong = [
            "", "9", "13456789012345678", "1345678901234567890", "164567890123456789",
            "13456789012345678x", "https://wxp://f2f0", "134567890123456789012345678",
            "１３４５６７８９０１２３４５６７８９", "621234567890123456",
        ]
        for text in wrong { #expect(ScannedCode(recognising: text) == .notAPaymentCode, "\(text)") }
    }

    @Test("A payment code shows itself only masked, however it is printed (G1)")
    func masked() {
        guard case .weChat(let code) = ScannedCode(recognising: "134567890123456789") else {
            Issue.record("no code")
            return
        }
        var dumped = ""
        dump(code, to: &dumped)
        let shown = [
            "\(code)", String(describing: code), String(reflecting: code), dumped,
            String(reflecting: ScannedCode.weChat(code)), code.masked,
        ]
        for text in shown {
            #expect(text.contains("13…6789"), "\(text)")
            #expect(!text.contains("4567890"), "\(text)")
        }
    }

    @Test("Order numbers: the kiosk, a dash, twenty characters, never the same twice (A2)")
    func orderNumbers() throws {
        let kiosk = try #require(KioskID("K0007"))
        var generator = SplitMix64(seed: 1)
        var seen: Set<OrderNumber> = []
        for _ in 0..<1_000 {
            let order = OrderNumber(kiosk: kiosk, using: &generator)
            #expect(seen.insert(order).inserted)
            #expect(OrderNumber("\(order)") == order)
            #expect(order.text.utf8.count == 26)
        }
        let wrong = [
            "", "K0007", "K0007-", "K0007-0123", "K0007-0123456789ABCDEFGHJI",
            "k-00000000000000000000",
            "K-00000000000000000000-0", "-00000000000000000000",
        ]
        for text in wrong { #expect(OrderNumber(text) == nil, "\(text)") }
        for text in ["", "K00070007000", "K-7", "k7"] { #expect(KioskID(text) == nil, "\(text)") }
        #expect("\(kiosk)" == "K0007")
    }

    @Test("Sale ids are read back only in their own form")
    func saleIDs() {
        var generator = SplitMix64(seed: 1)
        let id = SaleID(using: &generator)
        #expect(SaleID("\(id)") == id)
        for text in ["", "S", "T0000000000000000", "S000000000000000U"] {
            #expect(SaleID(text) == nil, "\(text)")
        }
    }

    @Test("Amounts print with their currency")
    func money() {
        #expect(Money(minorUnits: 205, currency: .cny).map { "\($0)" } == "2.05 CNY")
    }

    @Test("Every problem, notice and verdict has a word of its own; only codes are in them")
    func words() throws {
        var generator = SplitMix64(seed: 1)
        let sale = SaleID(using: &generator)
        let problems: [Problem] = [
            .saleActive(sale), .notReady([]), .amountTooHigh(maximum: 1), .wrongCurrency(.cny),
            .keyReused, .notFound, .cannotCancel(.paid), .notPaid(.expired), .alreadyClaimed,
            .releaseWithdrawn, .alreadyDelivered, .nothingToPrint, .outcomeOpen,
            .storageFailed, .noSuchRevoke,
            .alreadySettled(.undone), .notParked, .needsReport, .journalNotAdopted, .releaseParked,
        ]
        #expect(Set(problems.map(\.word)).count == problems.count)
        let causes: [UnknownCause] = [
            .noReply(reason: "cut"), .httpStatus(502), .unverified(reason: "sign"),
            .mismatch(field: "total_fee"), .malformed(reason: "xml"), .platform(code: "X"),
            .unlisted(code: "X"),
        ]
        #expect(causes.filter(\.doesNotVerify).count == 3)
        let queries: [QueryVerdict] =
            causes.map { .unknown($0) } + [
                .paid(proof), .orderNotExist, .configuration(.repliesDoNotVerify),
                .notPaid(.closed, transactionID: nil),
            ]
        #expect(Set(queries.map(\.word)).count == queries.count)
        let reverses: [ReverseVerdict] = [
            .accepted(recall: true), .accepted(recall: false), .again(code: "X"),
            .refused(code: "X"), .unknown(.httpStatus(502)), .configuration(.certificateRefused),
        ]
        #expect(Set(reverses.map(\.word)).count == reverses.count)
        let refunds: [RefundVerdict] = [
            .accepted, .again(code: "X"), .refused(code: "X"), .unknown(.httpStatus(502)),
            .configuration(.certificateRefused),
        ]
        #expect(Set(refunds.map(\.word)).count == refunds.count)
        let refundQueries: [RefundQueryVerdict] = [
            .refunded, .processing, .refundNotExist, .stuck(state: "X"), .unknown(.httpStatus(502)),
            .configuration(.certificateRefused),
        ]
        #expect(Set(refundQueries.map(\.word)).count == refundQueries.count)
        let activities: [RevokeQueueStatus.Activity] = [
            .running, .waitingForNetwork, .paused(.certificateRefused), .lookingOnly,
        ]
        #expect(Set(activities.map(\.word)).count == activities.count)
        #expect(activities.compactMap(\.fault) == [.certificateRefused])
        let order = QueuedOrders(1).orders[0]
        #expect("\(RefundNumber(of: order))" == "\(order)-R")
        let notices: [Notice] = [
            .alreadyRead, .notAPaymentCode, .otherWallet(.alipay), .otherWallet(.unionPay),
            .cannotTakeCode(.risk),
        ]
        #expect(Set(notices.map(\.word)).count == notices.count)
    }
}
