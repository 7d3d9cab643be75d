import Sandbox
import Testing

@testable import kioskpay

@Suite("Ledger, journal, slip and lights are held against each other")
struct SequenceJudgeTests {
    private static let first = "K0007-0123456789ABCDEFGHJK"
    private static let second = "K0007-KJHGFEDCBA9876543210"
    private static let transaction = "4200001234202603011234567890"

    private static func sale(
        _ state: String,
        _ attempts: [(String, String)],
        transaction: String? = nil,
    ) throws -> KioskSale {
        let list = attempts.map { #"{"order":"\#($0.0)","state":"\#($0.1)"}"# }
        let json = """
            {"id":"S1","state":"\(state)","amount":200,"currency":"CNY","attempts":\
            [\(list.joined(separator: ","))],\
            "transactionID":\(transaction.map { "\"\($0)\"" } ?? "null"),"message":null}
            """
        return try KioskSale(Array(json.utf8))
    }

    private static let receipt = SlipText([
        "微信支付收据", "已支付", "￥2.00", "订单号  \(second)", "交易单号", transaction,
    ])

    /// Refused, then paid with a second code.
    private static func paid() throws -> SequenceJudge {
        SequenceJudge(
            expected: DemoSequence.refusedThenPaid.expectation,
            evidence: SequenceJudge.Evidence(
                sale: try sale(
                    "delivered",
                    [(first, "undone"), (second, "paid")],
                    transaction: transaction
                ),
                ledger: [
                    LedgerFact(order: first, amount: 200),
                    LedgerFact(
                        order: second,
                        amount: 200,
                        charged: 200,
                        transactionID: transaction
                    ),
                ],
                slips: [receipt],
                lights: LightCourseTests.course(
                    ("busy", 0, 60),
                    ("declined", 60, 3060),
                    ("busy", 3100, 3200),
                    ("approved", 3200, 6200)
                ),
                returnedOrders: []
            )
        )
    }

    /// Charged too late, and returned.
    private static func returned() throws -> SequenceJudge {
        SequenceJudge(
            expected: DemoSequence.payerTooLate.expectation,
            evidence: SequenceJudge.Evidence(
                sale: try sale("expired", [(first, "undone")]),
                ledger: [
                    LedgerFact(
                        order: first,
                        amount: 200,
                        charged: 200,
                        returned: 200,
                        transactionID: transaction
                    )
                ],
                slips: [SlipText(["交易未完成", "结果尚未确定", "金额 ￥2.00", first])],
                lights: LightCourseTests.course(
                    ("busy", 0, 500),
                    ("busy", 1000, 1500),
                    ("declined", 1600, 4600)
                ),
                returnedOrders: [first]
            )
        )
    }

    @Test("All four agree")
    func agreement() throws {
        #expect(try Self.paid().differences.isEmpty)
        #expect(try Self.returned().differences.isEmpty)
    }

    /// A change of what somebody says, and whose difference must be named.
    private typealias Doctoring = (witness: String, change: (inout SequenceJudge.Evidence) -> Void)

    @Test("A ledger that says anything else is found")
    func wrongLedger() throws {
        let doctorings: [Doctoring] = [
            ("ledger", { $0.ledger[1].charged = nil }),
            ("ledger", { $0.ledger[1].charged = 201 }),
            ("ledger", { $0.ledger[1].returned = 200 }),
            ("ledger", { $0.ledger[1].amount = 300 }),
            ("ledger", { $0.ledger[0].charged = 200 }),
            ("ledger", { $0.ledger[0].violations = ["reverse-too-early"] }),
            ("ledger", { $0.ledger.removeFirst() }),
            ("ledger", { $0.ledger.append(LedgerFact(order: "X", amount: 200, charged: 200)) }),
            ("journal", { $0.ledger[1].transactionID = "4" }),
        ]
        try check(doctorings, on: Self.paid())
        try check(
            [
                ("ledger", { $0.ledger[0].returned = nil }),
                ("ledger", { $0.ledger[0].returned = 100 }),
                ("ledger", { $0.ledger[0].charged = nil }),
            ],
            on: Self.returned()
        )
    }

    @Test("A journal that says anything else is found")
    func wrongJournal() throws {
        let (first, second, transaction) = (Self.first, Self.second, Self.transaction)
        let wrong = [
            try Self.sale("paid", [(first, "undone"), (second, "paid")], transaction: transaction),
            try Self.sale(
                "delivered",
                [(first, "refused"), (second, "paid")],
                transaction: transaction
            ),
            try Self.sale(
                "delivered",
                [(first, "undone"), (second, "undone")],
                transaction: transaction
            ),
            try Self.sale("delivered", [(second, "paid")], transaction: transaction),
            try Self.sale("delivered", [(first, "undone"), (second, "paid")], transaction: "4"),
            try Self.sale("delivered", [(first, "undone"), (second, "paid")]),
        ]
        try check(wrong.map { sale in ("journal", { $0.sale = sale }) }, on: Self.paid())
    }

    @Test("A slip that says anything else is found, and so are none and two")
    func wrongSlip() throws {
        let wrong = [
            ["交易未完成", "结果尚未确定", "￥2.00", Self.second, Self.transaction],
            ["微信支付收据", "已支付", "￥3.00", Self.second, Self.transaction],
            ["微信支付收据", "已支付", "￥2.00", Self.first, Self.transaction],
            ["微信支付收据", "已支付", "￥2.00", Self.second, Self.first, Self.transaction],
            ["微信支付收据", "已支付", "￥2.00", Self.second],
            ["微信支付收据", "副本 COPY", "已支付", "￥2.00", Self.second, Self.transaction],
        ]
        let changes: [Doctoring] = wrong.map { lines in ("slip", { $0.slips = [SlipText(lines)] }) }
        try check(
            changes + [("slip", { $0.slips = [] }), ("slip", { $0.slips += $0.slips })],
            on: Self.paid()
        )
        // Nobody may read "paid" who gets the money back.
        try check([("slip", { $0.slips = [Self.receipt] })], on: Self.returned())
    }

    @Test("An event of returned money belongs to returned money")
    func wrongEvents() throws {
        try check([("events", { $0.returnedOrders = [] })], on: Self.returned())
        try check([("events", { $0.returnedOrders = [Self.second] })], on: Self.paid())
    }

    @Test("Lights that show another result are found")
    func wrongLights() throws {
        let declined = LightCourseTests.course(("busy", 0, 60), ("declined", 60, 3060))
        try check([("lights", { $0.lights = declined })], on: Self.paid())
    }

    private func check(_ doctorings: [Doctoring], on judge: SequenceJudge) throws {
        for (number, doctoring) in doctorings.enumerated() {
            var evidence = judge.evidence
            doctoring.change(&evidence)
            let doctored = SequenceJudge(expected: judge.expected, evidence: evidence)
            let found = doctored.differences
            #expect(found.contains { $0.hasPrefix(doctoring.witness) }, "\(number): \(found)")
        }
    }
}
