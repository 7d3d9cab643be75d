import Payments
import Testing

@testable import kioskpay

@Suite("The journal's rows against the ledger")
struct JournalJudgeTests {
    private struct Fixture {
        var sale: SaleRow
        var attempt: AttemptRow
        var fact: LedgerFact

        init() throws {
            var generator = SystemRandomNumberGenerator()
            let now = Moment(
                boot: BootTime(nanoseconds: 1),
                bootID: BootID("boot"),
                wall: WallTime(milliseconds: 1, isSynchronised: true)
            )
            let amount = try #require(Money(minorUnits: 200, currency: .cny))
            let kiosk = try #require(KioskID("K0007"))
            sale = SaleRow(
                id: SaleID(using: &generator),
                amount: amount,
                description: "",
                reference: nil,
                idempotencyKey: nil,
                bodyHash: nil,
                created: now,
                state: .delivered,
                updated: now,
                transactionID: "42"
            )
            attempt = AttemptRow(
                order: OrderNumber(kiosk: kiosk, using: &generator),
                sale: sale.id,
                ordinal: 1,
                amount: amount,
                fingerprint: CodeFingerprint(String(repeating: "0", count: 64)),
                prepared: now,
                state: .paid,
                updated: now,
                transactionID: "42"
            )
            fact = LedgerFact(
                order: attempt.order.text,
                amount: 200,
                charged: 200,
                transactionID: "42"
            )
        }

        var differences: [String] {
            JournalJudge(
                sales: [JournalJudge.Sale(row: sale, attempts: [attempt])],
                ledger: [fact]
            ).differences
        }

        /// Undone, as the row's outcome says.
        mutating func undo(_ outcome: String) {
            sale.state = .expired
            sale.transactionID = nil
            attempt.state = .undone
            attempt.outcome = outcome
            attempt.transactionID = nil
        }
    }

    @Test("Paid and kept, returned, nothing charged: journal and ledger agree")
    func agreement() throws {
        #expect(try Fixture().differences.isEmpty)
        var returned = try Fixture()
        returned.undo("returned")
        returned.fact.returned = 200
        #expect(returned.differences.isEmpty)
        var nothing = try Fixture()
        nothing.undo("nothing-charged")
        nothing.fact.charged = nil
        #expect(nothing.differences.isEmpty)
    }

    @Test("Money that moved otherwise is found")
    func wrongMoney() throws {
        let changes: [(inout Fixture) -> Void] = [
            { $0.fact.charged = nil },
            { $0.fact.returned = 200 },
            { $0.fact.charged = 100 },
            { $0.fact.amount = 300 },
            { $0.fact.transactionID = "43" },
            { $0.fact.violations = ["nonce-repeated"] },
            // Undone as returned, and the payer never got it; undone as nothing charged, and it was.
            { $0.undo("returned") },
            { $0.undo("nothing-charged") },
            {
                $0.undo("nothing-charged")
                $0.fact.returned = 200
            },
        ]
        for (number, change) in changes.enumerated() {
            var fixture = try Fixture()
            change(&fixture)
            #expect(!fixture.differences.isEmpty, "\(number)")
        }
    }

    @Test("What is open, and what nobody recorded, is found")
    func open() throws {
        let changes: [(inout Fixture) -> Void] = [
            { $0.sale.state = .paid },
            { $0.sale.state = .undelivered },
            { $0.attempt.state = .revoking },
            { $0.sale.transactionID = nil },
        ]
        for (number, change) in changes.enumerated() {
            var fixture = try Fixture()
            change(&fixture)
            #expect(!fixture.differences.isEmpty, "\(number)")
        }
        let stranger = LedgerFact(order: "K0007-X", amount: 200, charged: 200)
        let probe = LedgerFact(order: "K0007-Y", amount: nil)
        #expect(JournalJudge(sales: [], ledger: [stranger]).differences.count == 1)
        #expect(JournalJudge(sales: [], ledger: [probe]).differences.isEmpty)
    }
}
