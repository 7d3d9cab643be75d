/// What the machines need to know of the configuration. Defaults are the vendor's; `Kiosk` fills the rest in.
package struct Policy: Hashable, Sendable {
    package var kiosk: KioskID
    package var sale: SalePolicy
    package var timing: Timing
    package var risk: RiskLimits

    package init(
        kiosk: KioskID,
        sale: SalePolicy = SalePolicy(),
        timing: Timing = Timing(),
        risk: RiskLimits = RiskLimits(),
    ) {
        self.kiosk = kiosk
        self.sale = sale
        self.timing = timing
        self.risk = risk
    }
}

/// How this kiosk sells (configuration `sale`).
package struct SalePolicy: Hashable, Sendable {
    /// What becomes of a claimed release that is never reported (rule D3).
    package enum ClaimedUnreported: String, Hashable, Sendable, CaseIterable {
        case ask
        case refund
        case keep
    }

    /// What any scan buys in fixed-price mode; `nil` when an application starts each sale.
    package struct FixedItem: Hashable, Sendable {
        package let amount: Money
        package let description: String

        package init(amount: Money, description: String) {
            self.amount = amount
            self.description = description
        }
    }

    package var currency: Currency = .cny
    /// In smallest units; a sale above it is refused.
    package var maximumAmount: Int64 = 100_000
    package var codeWait: Duration = .seconds(60)
    package var maximumAttempts = 5
    package var deliveryWait: Duration = .seconds(60)
    package var claimedUnreported: ClaimedUnreported = .ask
    /// ``ClaimedUnreported/ask``: from the claim to where a person must settle it and the kiosk sells again (rule D3).
    package var unreportedPark: Duration = .seconds(3_600)
    package var autoDeliver = false
    package var requirePrinter = false
    package var fixedItem: FixedItem?
    /// Fixed-price mode: the scanner rests this long after any verdict, then needs ``scannerSilence``.
    package var rest: Duration = .seconds(4)

    /// Fixed-price mode: silence wanted after the rest (interfaces, 2).
    package static let scannerSilence: Duration = .seconds(2)
    /// The same code within this time is one presentation, also across a restart (rule B8); ``Timing/codeMemory`` may be
    /// longer.
    package static let codeMemory: Duration = .seconds(120)
    package init() {}
}

/// Windows and pauses (configuration `timing`; sources in the wire facts, section 3, and rules B and C).
package struct Timing: Hashable, Sendable {
    /// Between two queries of one order (rule B2).
    package var poll: Duration = .seconds(5)
    /// From the first non-final reply to giving up (rule B2).
    package var payerWait: Duration = .seconds(30)
    /// From the submit to the platform's own end (rule B2).
    package var hardEnd: Duration = .seconds(45)
    /// A submit without reply is queried from here on (rule B3).
    package var queryAfterSilence: Duration = .seconds(10)
    /// A query in flight at the window's end is awaited this long (rule B2).
    package var lastQueryWait: Duration = .seconds(3)
    /// The one query that confirms a refusal may take this long (rule B4).
    package var refusalCheck: Duration = .seconds(5)
    /// From the last byte of the submit to the first revoke (rule C2).
    package var revokeNotBefore: Duration = .seconds(15)
    /// Base and cap of the revoke queue's back-off (rule C4).
    package var retryBase: Duration = .seconds(2)
    package var retryCap: Duration = .seconds(900)
    /// Between two refunds of one order (wire facts, 1.12; the number stays the same).
    package var refundAgain: Duration = .seconds(60)
    /// Before an answer settles that must be said twice (rule C3).
    package var confirmAgain: Duration = .seconds(60)
    /// From the breaker's opening to its first probe, and the longest pause between two (rule C4).
    package var breakerProbe: Duration = .seconds(10)
    package var breakerProbeCap: Duration = .seconds(60)
    /// Between probes while out of service (rule B7), and between tries to reach storage again (rule A3).
    package var probe: Duration = .seconds(60)
    /// From a code to its submit: storage that takes longer finds the payer gone, and nothing is submitted (rule B5).
    package var recordPatience: Duration = .seconds(10)
    /// From a refusal to the next code of the same sale (rule B4).
    package var retryPause: Duration = .seconds(2)
    /// The same code within this time is one presentation (rule B8); at least ``SalePolicy/codeMemory``.
    package var codeMemory: Duration = SalePolicy.codeMemory
    /// Due orders start within this time after the network returns (rule C4).
    package var recoverySpread: Duration = .seconds(30)

    /// How long a result's light stays (interfaces, 4).
    package static let resultLight: Duration = .seconds(3)

    package init() {}
}

/// Bounds on money that may be held without goods (rule C7; configuration `risk`).
package struct RiskLimits: Hashable, Sendable {
    package var maximumUnsettledCount = 20
    /// In smallest units.
    package var maximumUnsettledSum: Int64 = 2_000_000
    package var revokeRequestsPerSecond = 5

    /// Orders in the revoke queue, refused and parked ones included, from which on no attempt starts: memory is bounded too.
    package var maximumQueued = 10_000

    package init() {}
}
