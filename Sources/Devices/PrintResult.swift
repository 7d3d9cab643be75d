/// What became of a slip.
package enum PrintResult: Hashable, Sendable {
    /// The printer said that it interpreted all of it, and was well afterwards.
    case confirmed
    /// All of it was sent; nobody can say whether it came out.
    case sentUnconfirmed
    /// It did not come out, or not whole.
    case failed(PrintFailure)
}

/// Why a slip did not come out. A printer's fault never changes a payment (rule D4).
package enum PrintFailure: Hashable, Sendable {
    case device(DeviceTrouble)
    /// Too many slips wait already.
    case queueFull
    /// The slip contradicts itself: it is no receipt and yet says paid.
    case contradictory

    /// One sentence for a person.
    package var sentence: String {
        switch self {
        case .device(let trouble):
            "The slip was not printed; the payment stands as it is. \(trouble.sentence)"
        case .queueFull:
            "The slip was not printed because too many wait; the payment stands as it is. "
                + "Put the printer in order and print a copy."
        case .contradictory:
            "The slip was not printed because it says paid without being a receipt; "
                + "the payment stands as it is. Report this fault."
        }
    }
}
