import Payments
import Testing

/// Rows as the kiosk would store them.
enum Samples {
    static let saleID = made { SaleID("S0123456789ABCDEF") }
    static let order = made { OrderNumber("K0007-0123456789ABCDEFGHJK") }
    static let money = made { Money(minorUnits: 200, currency: .cny) }

    /// 1 March 2025, 08:30:00.250 UTC.
    static let moment = Moment(
        boot: BootTime(nanoseconds: 1_000_000_000),
        bootID: BootID("boot"),
        wall: WallTime(milliseconds: 1_740_817_800_250, isSynchronised: true),
    )

    static func sale(
        _ state: SaleState = .awaitingCode,
        truth: String? = nil,
        reason: String? = nil,
        reference: String? = "locker 7",
    ) -> SaleRow {
        let isPaid = [.paid, .delivering, .delivered, .undelivered].contains(state)
        return SaleRow(
            id: saleID,
            amount: money,
            description: "Locker, 24 h",
            reference: reference,
            idempotencyKey: "key-1",
            bodyHash: "hash",
            created: moment,
            state: state,
            updated: moment,
            truth: truth,
            reason: reason,
            claimKey: isPaid ? "claim-1" : nil,
            paid: isPaid ? moment : nil,
            transactionID: isPaid ? "4200000000000000000000000001" : nil,
        )
    }

    static func attempt(_ state: AttemptState = .paid) -> AttemptRow {
        AttemptRow(
            order: order,
            sale: saleID,
            ordinal: 1,
            amount: money,
            fingerprint: CodeFingerprint("fingerprint-not-to-be-shown"),
            prepared: moment,
            state: state,
            updated: moment,
            submitted: moment,
            verdict: "paid",
        )
    }

    static func event(_ id: Int64, _ kind: EventKind = .saleChanged) -> EventRow {
        EventRow(
            id: id,
            kind: kind,
            at: moment,
            sale: saleID,
            order: order,
            state: .paid,
            amount: money,
            truth: Truth.paid.word,
        )
    }

    /// The samples are valid; a mistyped one must stop the tests with its place.
    private static func made<Value>(_ make: () -> Value?) -> Value {
        guard let value = make() else { fatalError("a sample is not valid") }
        return value
    }
}
