/// The four truths a payer can read (rule G3), with the next step implied by each.
package enum Truth: Hashable, Sendable {
    /// Nothing was taken: void, or a confirming query said so.
    case nothingTaken
    case paid
    /// Taken and being returned.
    case beingReturned
    /// Not known yet: leave WeChat's password page; anything taken comes back by itself, order N.
    case notKnownYet(OrderNumber)

    /// The stable word used in rows and on the local interface.
    package var word: String {
        switch self {
        case .nothingTaken: "nothing-taken"
        case .paid: "paid"
        case .beingReturned: "being-returned"
        case .notKnownYet: Self.notKnownYetWord
        }
    }

    /// The word without its order.
    package static let notKnownYetWord = "not-known-yet"
}
