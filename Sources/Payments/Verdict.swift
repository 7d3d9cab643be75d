/// What verified replies mean. The dialects produce these; the machines decide on nothing else (rule B1).

/// Proof of a payment, from a reply that verified and matched its record in every field (rule B1).
package struct PaymentProof: Hashable, Sendable {
    /// The platform's number, printed on slips (`transaction_id`).
    package let transactionID: String
    /// When the platform says it was paid, seconds since 1970 UTC; `nil` if the reply did not say.
    package let paidAtSeconds: Int64?
    /// The payer, masked to the last four characters (rule G1); `nil` if the reply did not say.
    package let maskedPayer: String?

    package init(transactionID: String, paidAtSeconds: Int64?, maskedPayer: String?) {
        self.transactionID = transactionID
        self.paidAtSeconds = paidAtSeconds
        self.maskedPayer = maskedPayer
    }
}

/// The verdict on a submit.
package enum SubmitVerdict: Hashable, Sendable {
    case paid(PaymentProof)
    /// The payer types the password, or the debit is waiting (USERPAYING, ACCEPT): rule B2.
    case passwordNeeded
    /// Said no. One query confirms it before anybody is told (rule B4).
    case refused(Refusal)
    /// Nobody knows: rule B3.
    case unknown(UnknownCause)
    /// The kiosk's own keys or identity are at fault, if a probe says so too (rule B7).
    case configuration(ConfigurationFault)
}

/// The verdict on a query.
package enum QueryVerdict: Hashable, Sendable {
    case paid(PaymentProof)
    /// A verified state other than SUCCESS. `transactionID` is there if money moved at some time.
    case notPaid(TradeState, transactionID: String?)
    /// A verified ORDERNOTEXIST.
    case orderNotExist
    case unknown(UnknownCause)
    case configuration(ConfigurationFault)

    /// What of the kiosk's own configuration the platform seems to blame. A probe decides (rule B7), a person is told at
    /// once, and the order stays open: nothing in this says what became of its money (wire facts, 2.2).
    package var suspicion: ConfigurationFault? {
        switch self {
        case .configuration(let fault): fault
        case .unknown(.unlisted(let code)): .code(code)
        case .paid, .notPaid, .orderNotExist, .unknown: nil
        }
    }
}

/// States of an order on the platform other than SUCCESS (`trade_state`).
package enum TradeState: String, Hashable, Sendable, CaseIterable {
    /// Paid, then a refund was started. Never Paid (rule B1).
    case refund = "REFUND"
    case notPay = "NOTPAY"
    case userPaying = "USERPAYING"
    case accept = "ACCEPT"
    case closed = "CLOSED"
    case revoked = "REVOKED"
    case payError = "PAYERROR"
    /// A state this version does not know: unknown, never final.
    case other = "OTHER"
}

/// The verdict on a revoke (`reverse`).
package enum ReverseVerdict: Hashable, Sendable {
    /// Verified SUCCESS. Proves nothing by itself (rule C3); `recall` asks for it again.
    case accepted(recall: Bool)
    /// Verified FAIL that asks for patience: USERPAYING, SYSTEMERROR, `recall=Y`.
    case again(code: String)
    /// Verified FAIL that will not change by asking again (REVERSE_EXPIRE, TRADE_ERROR): a query decides (rule C5).
    case refused(code: String)
    case unknown(UnknownCause)
    case configuration(ConfigurationFault)

    /// Whether a person is told at once, and not only when several tries have failed: INVALID_REQUEST, which can be a
    /// missing permission, and TRADE_ERROR, which is about the merchant's account (wire facts, 2.3). Trying goes on as the
    /// verdict says.
    package var wantsPerson: Bool {
        switch self {
        case .again(let code), .refused(let code): Self.codesForPersons.contains(code)
        case .accepted, .unknown, .configuration: false
        }
    }

    private static let codesForPersons: Set<String> = ["INVALID_REQUEST", "TRADE_ERROR"]
}

/// Why nobody knows.
package enum UnknownCause: Hashable, Sendable {
    /// No complete reply: `reason` is the transport's stable word (`timed-out`, `cut`, `aborted`, …).
    case noReply(reason: String)
    /// HTTP status other than 200.
    case httpStatus(Int)
    /// The signature did not verify, or a field that must be signed is not: `reason` names the check.
    case unverified(reason: String)
    /// Verified, but a field differs from the record.
    case mismatch(field: String)
    /// Not a document of this dialect.
    case malformed(reason: String)
    /// A verified code that means unknown (SYSTEMERROR, BANKERROR), or one that no table lists.
    case platform(code: String)
    /// A verified code of a query that no table lists: unknown for the order, and for the operator a word of class
    /// configuration (wire facts, 2.2), see ``QueryVerdict/suspicion``.
    case unlisted(code: String)

    /// Whether the reply arrived whole and yet could not be trusted: three in a row are a fault (rule B7).
    package var doesNotVerify: Bool {
        switch self {
        case .unverified, .mismatch, .malformed: true
        case .noReply, .httpStatus, .platform, .unlisted: false
        }
    }
}

/// Why a payment was refused, as the payer needs to hear it (rule B4).
package struct Refusal: Hashable, Sendable {
    /// What the payer can do about it.
    package enum Advice: String, Hashable, Sendable, CaseIterable {
        /// Show the code again: expired, used, unreadable.
        case newCode = "new-code"
        /// Show the same code again: the attempt is void, and for such a code that was no presentation (rules B5, B8).
        case sameCode = "same-code"
        /// Choose another card in the wallet: balance, card kind.
        case otherCard = "other-card"
        /// Pay another way: the wallet or the account itself was refused.
        case otherWallet = "other-wallet"
        /// It was not completed, and nobody knows why: the bank or the payer failed it (PAYERROR), or it was closed, which the
        /// platform also does by itself (CLOSED, REVOKED).
        case notCompleted = "not-completed"
        /// The kiosk or the merchant's account is at fault: nothing the payer can do.
        case callStaff = "call-staff"
    }

    package let advice: Advice
    /// The platform's code or state, for the record.
    package let code: String

    package init(advice: Advice, code: String) {
        self.advice = advice
        self.code = code
    }
}

/// A fault of this kiosk's configuration as the platform sees it (rule B7).
package enum ConfigurationFault: Hashable, Sendable {
    /// A code of class configuration: SIGNERROR, NOAUTH, APPID_MCHID_NOT_MATCH, …
    case code(String)
    /// HTTP 400 with an HTML page from a call that needs the client certificate.
    case certificateRefused
    /// A reply of class configuration on a request that we made wrongly (PARAM_ERROR, XML_FORMAT_ERROR, …).
    case requestRefused(code: String)
    /// A new order number was in use already, with other parameters: this kiosk's numbers repeat (rule A2).
    case orderNumberUsed(code: String)
    /// Replies arrive but do not verify.
    case repliesDoNotVerify

    /// A stable word for status and log.
    package var text: String {
        switch self {
        case .code(let code), .requestRefused(let code), .orderNumberUsed(let code): code
        case .certificateRefused: "certificate-refused"
        case .repliesDoNotVerify: "replies-do-not-verify"
        }
    }
}
