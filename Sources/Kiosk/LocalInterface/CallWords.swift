import Logging
import Payments

/// What the log says of a call, by what became of it: a line about money must not say the opposite of what happened.
struct CallWords: Sendable {
    let done: Logger.Message
    let refused: Logger.Message
    /// Storage hangs, and the call may still take effect.
    let unanswered: Logger.Message

    /// - Parameter answer: `nil` if none came.
    func fitting(_ answer: Answer?) -> Logger.Message {
        switch answer {
        case nil: unanswered
        case .problem: refused
        case .sale, .created, .accepted, .revoke: done
        }
    }

    static let sale = CallWords(
        done: "A sale was asked for.",
        refused: "A sale was refused.",
        unanswered: "A sale was asked for, and it is not known yet whether it is made."
    )
    static let claim = CallWords(
        done: "The release was claimed.",
        refused: "A claim of the release was refused.",
        unanswered: "A claim of the release is not answered, and may still count."
    )
    static let cancel = CallWords(
        done: "The sale is being cancelled.",
        refused: "A cancel was refused.",
        unanswered: "A cancel is not answered, and may still count."
    )
    static let delivered = CallWords(
        done: "The goods were reported delivered.",
        refused: "A report that the goods were delivered was refused.",
        unanswered: "A report that the goods were delivered is not answered, and may still count."
    )
    static let undelivered = CallWords(
        done: "The goods were reported undelivered.",
        refused: "A report that the goods did not come was refused.",
        unanswered: "A report that the goods did not come is not answered, and may still count."
    )
    static let receipt = CallWords(
        done: "A copy of the slip was asked for.",
        refused: "A copy of the slip was refused.",
        unanswered: "A copy of the slip was asked for, and is not answered."
    )
    static let retry = CallWords(
        done: "An order is tried again, as a person asked.",
        refused: "A person's wish to try an order again was refused.",
        unanswered: "A person's wish to try an order again is not answered, and may still count."
    )
    static let settle = CallWords(
        done: "A person settled an order.",
        refused: "A person's settlement of an order was refused.",
        unanswered: "A person's settlement of an order is not answered, and may still count."
    )
}
