/// The table of cases: payers 0xx and 1xx, refusals 2xx, unknown results 3xx, wire 4xx, spoilt replies 5xx, reverse 6xx,
/// query 7xx, configuration 8xx, refund 9xx. Durations are multiplied by ``SandboxTimings/payerScale``.
extension SandboxCase {
    package static let allCases =
        payers + refusals + unknowns + wires + spoiltReplies + reverseFaults + queryFaults
        + configurations + refundFaults

    package static let paid = Self("000", "paid", "paid at once; any digits not listed do the same")
    package static let passwordThenPaid = Self(
        "102",
        "password-then-paid",
        "needs the password, pays after 8 s"
    ) { $0.payer = .typesPassword(after: .seconds(8)) }
    package static let passwordNeverPaid = Self(
        "103",
        "password-never-paid",
        "needs the password, never pays"
    ) { $0.payer = .ignoresPassword }
    package static let cutBeforeProcessing = Self(
        "403",
        "cut-before-processing",
        "request cut by TCP reset, never processed"
    ) { $0.arrival = .cut(afterBytes: .max) }
    package static let cutDuringReply = Self(
        "405",
        "cut-during-reply",
        "paid, connection ends after 300 bytes of the reply"
    ) { $0.fault = .cut(afterBytes: 300) }
    package static let slowReply = Self("406", "slow-reply", "paid at once, reply 25 s late") {
        $0.fault = .late(.seconds(25))
    }

    private static let payers = [
        paid,
        Self("001", "paid-with-coupon", "paid at once, part of it with a coupon") {
            $0.hasCoupon = true
        },
        Self("101", "paid-slowly", "paid after 4 s without password, reply waits for it") {
            $0.payer = .paysSlowly(.seconds(4))
        },
        passwordThenPaid,
        passwordNeverPaid,
        Self("104", "password-then-cancelled", "needs the password, closes the page after 6 s") {
            $0.payer = .closesPassword(after: .seconds(6))
        },
        Self("105", "password-too-late", "needs the password, pays after 40 s if it still can") {
            $0.payer = .typesPassword(after: .seconds(40))
        },
        Self("106", "late-payment", "needs the password, pays just before the reverse is done") {
            $0.payer = .paysAsReverseArrives
        },
        Self("107", "page-held", "never pays, reverse refused with USERPAYING for 40 s") {
            $0.payer = .ignoresPassword
            $0.reverseHold = .seconds(40)
        },
    ]

    private static let refusals = [
        refused("201", "too-little-money", "NOTENOUGH", leaving: .notPaid),
        refused("202", "expired-code", "AUTHCODEEXPIRE", leaving: .absent),
        refused("203", "used-code", "AUTH_CODE_ERROR", leaving: .absent),
        refused("204", "invalid-code", "AUTH_CODE_INVALID", leaving: .absent),
        refused("205", "card-not-supported", "NOTSUPORTCARD", leaving: .payError),
        refused("206", "trade-error", "TRADE_ERROR", leaving: .payError),
        refused("207", "unlisted-code", "SANDBOX_UNLISTED", leaving: .notPaid),
        refused("208", "other-payer", "BUYER_MISMATCH", leaving: .notPaid),
        Self("209", "refused-but-paid", "answers FAIL NOTENOUGH although the money was taken") {
            $0.answer = .fails("NOTENOUGH")
        },
    ]

    private static let unknowns = [
        Self("301", "system-error-paid", "answers SYSTEMERROR although paid") {
            $0.answer = .fails("SYSTEMERROR")
        },
        refused("302", "system-error-not-paid", "SYSTEMERROR", leaving: .notPaid),
        Self("303", "bank-error-paid", "answers BANKERROR, paid 3 s later") {
            $0.payer = .paysBehindTheReply(.seconds(3))
            $0.answer = .fails("BANKERROR")
        },
        refused("304", "bank-error-not-paid", "BANKERROR", leaving: .notPaid),
        Self("305", "unlisted-code-paid", "answers a code of no table although paid") {
            $0.answer = .fails("SANDBOX_UNLISTED")
        },
        Self("306", "communication-failure-paid", "answers return_code FAIL although paid") {
            $0.fault = .communicationFailure
        },
    ]

    private static let wires = [
        Self("401", "no-reply-paid", "paid, no reply, connection left open") {
            $0.fault = .silence
        },
        Self("402", "no-reply-lost", "request swallowed, never processed, no reply") {
            $0.arrival = .swallowed
        },
        cutBeforeProcessing,
        Self("404", "cut-before-reply", "paid, connection reset before the reply") {
            $0.fault = .reset
        },
        cutDuringReply,
        slowReply,
        Self("407", "http-500-paid", "paid, reply HTTP 500") { $0.fault = .status(500) },
        Self("408", "http-502-lost", "never processed, reply HTTP 502") {
            $0.arrival = .refusedByFront(502)
        },
        Self("409", "html-reply", "paid, reply an HTML page with HTTP 200") { $0.fault = .html },
        Self("410", "garbage-reply", "paid, reply of random bytes") { $0.fault = .garbage },
        Self("411", "empty-reply", "paid, reply without a body") { $0.fault = .empty },
    ]

    private static let spoiltReplies = [
        Self("501", "forged-success", "nothing taken, reply says SUCCESS with a forged signature") {
            $0.payer = .isRefused("SYSTEMERROR", leaving: .notPaid)
            $0.answer = .claimsPaid
            $0.fault = .forged
        },
        Self("502", "forged-signature", "paid, signature of the reply is wrong") {
            $0.fault = .forged
        },
        Self("503", "unsigned-success", "nothing taken, reply says SUCCESS without a signature") {
            $0.payer = .isRefused("SYSTEMERROR", leaving: .notPaid)
            $0.answer = .claimsPaid
            $0.fault = .unsigned
        },
        Self("504", "wrong-amount", "paid, reply names an amount one higher") {
            $0.fault = .amount
        },
        Self("505", "wrong-order", "paid, reply names another order number") { $0.fault = .order },
        Self("506", "wrong-merchant", "paid, reply names another mch_id") { $0.fault = .merchant },
        Self("507", "duplicate-field", "paid, reply has total_fee twice") { $0.fault = .duplicate },
        Self("508", "doctype-reply", "paid, reply has a DOCTYPE") { $0.fault = .doctype },
        Self("509", "oversized-reply", "paid, reply has 2 MiB") { $0.fault = .oversized },
    ]

    private static let reverseFaults = [
        unpaid("601", "reverse-recall-twice", "reverse answers recall=Y twice, then done") {
            $0.reverses = [.recall, .recall]
        },
        unpaid("602", "reverse-system-error-twice", "reverse answers SYSTEMERROR twice") {
            $0.reverses = [
                .fails("SYSTEMERROR", recall: true), .fails("SYSTEMERROR", recall: true),
            ]
        },
        unpaid("603", "reverse-html-400-twice", "reverse answers HTTP 400 with HTML twice") {
            $0.reverses = [.lost(.html400), .lost(.html400)]
        },
        unpaid("604", "reverse-no-reply", "first reverse is done but not answered") {
            $0.reverses = [.doneButFaulty(.silence)]
        },
        unpaid("605", "reverse-without-effect", "two reverses say SUCCESS and do nothing") {
            $0.reverses = [.claimsSuccess, .claimsSuccess]
        },
        unpaid("606", "reverse-forged", "first reverse is done, its reply forged") {
            $0.reverses = [.doneButFaulty(.forged)]
        },
        unpaid("607", "reverse-http-502-twice", "reverse answers HTTP 502 twice, not done") {
            $0.reverses = [.lost(.status(502)), .lost(.status(502))]
        },
        Self("608", "reverse-shows-refund", "late payment, order shows REFUND after the reverse") {
            $0.payer = .paysAsReverseArrives
            $0.paidThenReversed = .refund
        },
        unpaid("609", "reverse-shows-closed", "order shows CLOSED after the reverse") {
            $0.unpaidThenReversed = .closed
        },
        Self("610", "reverse-expired", "late payment, reverse refused with REVERSE_EXPIRE for ever")
        {
            $0.payer = .paysAsReverseArrives
            $0.reverseRefusal = "REVERSE_EXPIRE"
        },
        Self("611", "reverse-hides-payment", "late payment, then REVOKED without its payment") {
            $0.payer = .paysAsReverseArrives
            $0.namesReversedPayment = false
        },
    ]

    private static let queryFaults = [
        password("701", "query-no-reply-twice", "two queries get no reply") {
            $0.queries = [.faulty(.silence), .faulty(.silence)]
        },
        password("702", "query-http-502-thrice", "three queries get HTTP 502") {
            $0.queries = [.faulty(.status(502)), .faulty(.status(502)), .faulty(.status(502))]
        },
        unpaid("703", "query-forged-success", "first query says SUCCESS with a forged signature") {
            $0.queries = [.forgedSuccess]
        },
        Self("704", "query-denies-order", "SYSTEMERROR although paid, two queries ORDERNOTEXIST") {
            $0.answer = .fails("SYSTEMERROR")
            $0.queries = [.deniesOrder, .deniesOrder]
        },
        Self("705", "query-wrong-amount", "SYSTEMERROR although paid, first query a wrong amount") {
            $0.answer = .fails("SYSTEMERROR")
            $0.queries = [.faulty(.amount)]
        },
        password("706", "query-system-error-twice", "two queries answer SYSTEMERROR") {
            $0.queries = [.fails("SYSTEMERROR"), .fails("SYSTEMERROR")]
        },
        password("707", "query-unlisted-code", "first query answers a code of no table") {
            $0.queries = [.fails("SANDBOX_UNLISTED")]
        },
    ]

    private static let configurations = [
        refused("801", "sign-error", "SIGNERROR", leaving: .absent),
        refused("802", "no-permission", "NOAUTH", leaving: .absent),
        refused("803", "app-mismatch", "APPID_MCHID_NOT_MATCH", leaving: .absent),
        refused("804", "parameter-error", "PARAM_ERROR", leaving: .absent),
        refused("805", "frequency-limited", "FREQUENCY_LIMITED", leaving: .absent),
        refused("806", "number-used", "OUT_TRADE_NO_USED", leaving: .absent),
    ]

    private static let refundFaults = [
        expired("901", "refund-processing", "refund is PROCESSING for 60 s, then back") {
            $0.refundTime = .seconds(60)
        },
        expired("902", "refund-change", "refund ends as CHANGE after 4 s, nothing goes back") {
            $0.refundEnd = .change
        },
        expired("903", "refund-system-error-twice", "refund answers SYSTEMERROR twice") {
            $0.refunds = [.fails("SYSTEMERROR"), .fails("SYSTEMERROR")]
        },
        expired("904", "refund-too-little-money", "refund answers NOTENOUGH twice") {
            $0.refunds = [.fails("NOTENOUGH"), .fails("NOTENOUGH")]
        },
        expired("905", "refund-no-reply", "first refund is accepted but not answered") {
            $0.refunds = [.acceptedButFaulty(.silence)]
        },
        expired("906", "refund-refused", "first refund answers USER_ACCOUNT_ABNORMAL") {
            $0.refunds = [.fails("USER_ACCOUNT_ABNORMAL")]
        },
    ]

    /// Paid at the last moment, and too old to be reversed: what a refund is for (rule C5).
    private static func expired(
        _ digits: String,
        _ name: String,
        _ summary: String,
        _ change: (inout Self) -> Void,
    ) -> Self {
        Self(digits, name, "late payment, reverse refused with REVERSE_EXPIRE; " + summary) {
            $0.payer = .paysAsReverseArrives
            $0.reverseRefusal = "REVERSE_EXPIRE"
            change(&$0)
        }
    }

    private static func refused(
        _ digits: String,
        _ name: String,
        _ code: String,
        leaving state: SandboxOrderState,
    ) -> Self {
        let query = state == .absent ? "ORDERNOTEXIST" : state.rawValue
        return Self(digits, name, "answers \(code), nothing taken, query says \(query)") {
            $0.payer = .isRefused(code, leaving: state)
        }
    }

    private static func unpaid(
        _ digits: String,
        _ name: String,
        _ summary: String,
        _ change: (inout Self) -> Void,
    ) -> Self {
        Self(digits, name, "never pays; " + summary) {
            $0.payer = .ignoresPassword
            change(&$0)
        }
    }

    private static func password(
        _ digits: String,
        _ name: String,
        _ summary: String,
        _ change: (inout Self) -> Void,
    ) -> Self {
        Self(digits, name, "pays after 8 s with password; " + summary) {
            $0.payer = .typesPassword(after: .seconds(8))
            change(&$0)
        }
    }
}
