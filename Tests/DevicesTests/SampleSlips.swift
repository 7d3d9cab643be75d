import Payments
import Testing

@testable import Devices

/// Slips and merchants for the tests.
enum SampleSlips {
    /// The kinds of slip by name, as the golden files are named.
    static func all() throws -> [(name: String, slip: Slip)] {
        let order = try #require(OrderNumber("K0007-0123456789ABCDEFGHJK"))
        let proof = PaymentProof(
            transactionID: "4200001234202603011234567890",
            paidAtSeconds: 1_772_328_600,
            maskedPayer: "…9f3c",
        )
        // The payer is not stored (rule G1), so a copy does not name them.
        let storedProof = PaymentProof(
            transactionID: proof.transactionID,
            paidAtSeconds: proof.paidAtSeconds,
            maskedPayer: nil,
        )
        return [
            ("receipt", try slip(.receipt(proof), order)),
            ("receipt-copy", try slip(.receipt(storedProof), order, isCopy: true)),
            ("nothing-taken-no-code", try slip(.notCompleted(.nothingTaken, nil), nil)),
            ("nothing-taken-new-code", try slip(.notCompleted(.nothingTaken, .newCode), order)),
            ("nothing-taken-same-code", try slip(.notCompleted(.nothingTaken, .sameCode), order)),
            ("nothing-taken-other-card", try slip(.notCompleted(.nothingTaken, .otherCard), order)),
            (
                "nothing-taken-other-wallet",
                try slip(.notCompleted(.nothingTaken, .otherWallet), order)
            ),
            (
                "nothing-taken-not-completed",
                try slip(.notCompleted(.nothingTaken, .notCompleted), order)
            ),
            ("nothing-taken-call-staff", try slip(.notCompleted(.nothingTaken, .callStaff), order)),
            ("alipay", try slip(.otherWallet(.alipay), nil, hasSale: false)),
            ("union-pay", try slip(.otherWallet(.unionPay), nil, hasSale: false)),
            ("being-returned", try slip(.notCompleted(.beingReturned, nil), order)),
            ("not-known-yet", try slip(.notCompleted(.notKnownYet(order), nil), order)),
            ("nothing-kept", try slip(.nothingKept, order)),
            ("money-returned", try slip(.moneyReturned, order, isSynchronised: false)),
        ]
    }

    static func receipt(
        description: String = "储物柜 24 小时",
        amount: Int64 = 200,
        isCopy: Bool = false,
    ) throws -> Slip {
        let proof = PaymentProof(
            transactionID: "4200001234202603011234567890",
            paidAtSeconds: nil,
            maskedPayer: nil
        )
        return try slip(
            .receipt(proof),
            OrderNumber("K0007-0123456789ABCDEFGHJK"),
            description: description,
            amount: amount,
            isCopy: isCopy
        )
    }

    static func slip(
        _ kind: Slip.Kind,
        _ order: OrderNumber?,
        description: String = "储物柜 24 小时",
        amount: Int64 = 200,
        isCopy: Bool = false,
        isSynchronised: Bool = true,
        hasSale: Bool = true,
    ) throws -> Slip {
        let sale = try #require(SaleID("S0123456789ABCDEF"))
        return Slip(
            kind: kind,
            sale: hasSale ? sale : nil,
            order: order,
            amount: try #require(Money(minorUnits: amount, currency: .cny)),
            description: description,
            made: WallTime(milliseconds: 1_772_328_605_000, isSynchronised: isSynchronised),
            isCopy: isCopy,
        )
    }

    /// The C library of a machine that builds this has GB18030.
    static func encoder() throws -> GB18030Encoder {
        let encoder = GB18030Encoder()
        return try #require(encoder)
    }

    static func merchant(_ language: MerchantText.Language) -> MerchantText {
        switch language {
        case .chinese:
            MerchantText(
                name: "南山智能储物柜有限公司",
                site: "南山店 1 号机",
                contact: "400-000-0000",
                language: .chinese
            )
        case .english:
            MerchantText(
                name: "Nanshan Lockers Ltd.",
                site: "Nanshan store, kiosk 1",
                contact: "400-000-0000",
                language: .english
            )
        }
    }

    static func profile(columns: Int) -> PrinterProfile {
        PrinterProfile(
            name: "test",
            columns: columns,
            hasCutter: true,
            reportsStatus: true,
            millimetresPerSecond: 1000
        )
    }
}
