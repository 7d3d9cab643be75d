/// What a printed slip says; how it looks belongs to `Devices`.
package struct Slip: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// A receipt. Only ever made for Paid (rule D4).
        case receipt(PaymentProof)
        /// Not completed, in one of the truths of rule G3 (never ``Truth/paid``), with the payer's next step.
        case notCompleted(Truth, Refusal.Advice?)
        /// A reprint's: the money that was taken has been returned.
        case moneyReturned
        /// A code of another wallet was shown: it was sent nowhere, and nothing was taken (rule B8).
        case otherWallet(ScannedCode.OtherWallet)
        /// A reprint's: the order is undone, and whether anything had been taken is not known (``AttemptRow/nothingKept``).
        case nothingKept
    }

    package let kind: Kind
    /// `nil` if no sale had begun: ``Kind/otherWallet(_:)`` alone.
    package let sale: SaleID?
    /// The order number to name when asking; `nil` if no code was ever submitted.
    package let order: OrderNumber?
    package let amount: Money
    package let description: String
    /// When the slip was made.
    package let made: WallTime
    /// A reprint, which must say so (rule D4).
    package let isCopy: Bool

    package init(
        kind: Kind,
        sale: SaleID?,
        order: OrderNumber?,
        amount: Money,
        description: String,
        made: WallTime,
        isCopy: Bool,
    ) {
        self.kind = kind
        self.sale = sale
        self.order = order
        self.amount = amount
        self.description = description
        self.made = made
        self.isCopy = isCopy
    }
}
