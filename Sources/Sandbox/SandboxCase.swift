/// What a payer and the platform do with one order: chosen by the scan's last three digits, or by a script.
///
/// The table of all of them is ``allCases``; `SANDBOX.md` beside this file lists the same table for people.
package struct SandboxCase: Hashable, Sendable, CustomStringConvertible {
    /// A stable name, lower case with hyphens.
    package let name: String
    /// The scan's last three digits that choose it.
    package let digits: String
    /// One line for a person.
    package let summary: String

    var payer = Payer.paysAtOnce
    var arrival = Arrival.processed
    var answer = Answer.truth
    var fault: ReplyFault?
    /// What the first queries meet, one each; later ones are answered honestly.
    var queries: [QueryTurn] = []
    /// What the first reverses meet, one each; later ones are done.
    var reverses: [ReverseTurn] = []
    /// Reverses are refused with this code for ever.
    var reverseRefusal: String?
    /// What the first refunds meet, one each; later ones are accepted.
    var refunds: [RefundTurn] = []
    /// How long an accepted refund is PROCESSING.
    var refundTime = Duration.seconds(4)
    /// How it ends.
    var refundEnd = SandboxRefundStatus.success
    /// A reverse during the password page is refused with USERPAYING this long after the submit.
    var reverseHold: Duration?
    /// What a query says of the order once it is reversed and money had been taken.
    var paidThenReversed = SandboxOrderState.revoked
    /// What a query says of the order once it is reversed and nothing had been taken.
    var unpaidThenReversed = SandboxOrderState.revoked
    /// A query of the order still names the payment once it is reversed; the platform need not.
    var namesReversedPayment = true
    /// Part of the amount is paid by a coupon.
    var hasCoupon = false

    /// Who takes the money, and when.
    enum Payer: Hashable, Sendable {
        case paysAtOnce
        /// The platform tries one card after another; the reply waits for it.
        case paysSlowly(Duration)
        /// The debit happens behind a reply that was already given.
        case paysBehindTheReply(Duration)
        case typesPassword(after: Duration)
        case ignoresPassword
        case closesPassword(after: Duration)
        /// Types the password at the last moment: just before a reverse is done.
        case paysAsReverseArrives
        /// Nothing is taken; the submit's truth is this code.
        case isRefused(String, leaving: SandboxOrderState)
    }

    /// What becomes of the submit on its way in.
    enum Arrival: Hashable, Sendable {
        case processed
        /// The first transmission is read and never processed, nor answered.
        case swallowed
        /// The first transmission is cut (TCP reset) after this many bytes, at the latest before it is processed.
        case cut(afterBytes: Int)
        /// The first transmission is never processed; a front server answers this status.
        case refusedByFront(Int)
    }

    /// What the submit's reply says.
    enum Answer: Hashable, Sendable {
        case truth
        /// FAIL with this code, whatever really happened.
        case fails(String)
        /// SUCCESS, whatever really happened.
        case claimsPaid
    }

    enum QueryTurn: Hashable, Sendable {
        case faulty(ReplyFault)
        /// ORDERNOTEXIST although the order exists.
        case deniesOrder
        case fails(String)
        /// Says SUCCESS with a forged signature, whatever the state.
        case forgedSuccess
    }

    enum ReverseTurn: Hashable, Sendable {
        /// Nothing is done yet: SUCCESS with `recall=Y`.
        case recall
        case fails(String, recall: Bool)
        /// SUCCESS without doing anything.
        case claimsSuccess
        /// Done, but the reply is spoilt.
        case doneButFaulty(ReplyFault)
        /// Not done, and no usable reply.
        case lost(ReplyFault)
    }

    enum RefundTurn: Hashable, Sendable {
        /// Not accepted.
        case fails(String)
        /// Accepted, but the reply is spoilt.
        case acceptedButFaulty(ReplyFault)
    }

    init(
        _ digits: String,
        _ name: String,
        _ summary: String,
        _ change: (inout Self) -> Void = { _ in },
    ) {
        self.digits = digits
        self.name = name
        self.summary = summary
        change(&self)
    }

    /// The case of that name in ``allCases``.
    package init?(named name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// The case that a payment code chooses by its last three digits; ``paid`` if none lists them.
    package init(code: String) {
        let digits = String(code.suffix(3))
        self = Self.allCases.first { $0.digits == digits } ?? .paid
    }

    package var description: String { "\(digits) \(name): \(summary)" }

    /// One line per case, for `--list`.
    package static var listing: String {
        allCases.map(\.description).joined(separator: "\n")
    }

    /// ``allCases`` has the submit cut before it is processed: here after `afterBytes` bytes of the HTTP request.
    package static func cutDuringRequest(afterBytes count: Int) -> Self {
        var changed = cutBeforeProcessing
        changed.arrival = .cut(afterBytes: count)
        return changed
    }

    /// Paid, and the connection ends after `afterBytes` bytes of the HTTP reply, its head included.
    package static func cutDuringReply(afterBytes count: Int) -> Self {
        var changed = cutDuringReply
        changed.fault = .cut(afterBytes: count)
        return changed
    }

    /// The payer types the password after `delay`, which ``SandboxTimings/payerScale`` still multiplies.
    package static func passwordThenPaid(after delay: Duration) -> Self {
        var changed = passwordThenPaid
        changed.payer = .typesPassword(after: delay)
        return changed
    }

    /// Paid, with the reply `delay` late, which ``SandboxTimings/payerScale`` still multiplies.
    package static func slowReply(after delay: Duration) -> Self {
        var changed = slowReply
        changed.fault = .late(delay)
        return changed
    }
}
