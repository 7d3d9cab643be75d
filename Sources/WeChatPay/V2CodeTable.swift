import Payments

/// What the platform's error codes mean, one table per call (wire facts, 2.1 to 2.4).
///
/// A code counts only in a reply that verified. One that no table lists means unknown (rule B3):
/// the platform adds codes without notice, and only a query tells what became of the money. Of a
/// query's, the operator is told as well.
struct V2CodeTable<Meaning: Hashable & Sendable>: Sendable {
    struct Row: Sendable {
        let code: String
        let meaning: Meaning
    }

    let rows: [Row]

    subscript(code: String) -> Meaning? { rows.first { $0.code == code }?.meaning }

    /// Several codes with one meaning.
    fileprivate static func rows(_ meaning: Meaning, _ codes: [String]) -> [Row] {
        codes.map { Row(code: $0, meaning: meaning) }
    }
}

/// What a code of a failed submit means.
enum V2SubmitMeaning: Hashable, Sendable {
    case passwordNeeded
    case refused(Refusal.Advice)
    case unknown
    case configuration(V2Fault)
}

/// What a code of a failed query means.
enum V2QueryMeaning: Hashable, Sendable {
    case orderNotExist
    case unknown
    case configuration(V2Fault)
}

/// What a code of a failed reverse means.
enum V2ReverseMeaning: Hashable, Sendable {
    case again
    case refused
    case unknown
    case configuration(V2Fault)
}

/// What a code of a failed refund means.
enum V2RefundMeaning: Hashable, Sendable {
    case again
    case refused
    case configuration(V2Fault)
}

/// What a code of a failed query of a refund means.
enum V2RefundQueryMeaning: Hashable, Sendable {
    case refundNotExist
    case unknown
    case configuration(V2Fault)
}

/// Whose fault a code of class configuration is.
enum V2Fault: Hashable, Sendable {
    /// Keys, ids or permissions of the merchant.
    case identity
    /// The request itself, hence this program or a setting that it copies into requests.
    case request
    /// Our number under other parameters, which rule A2 excludes.
    case orderNumbers

    func verdict(_ code: String) -> ConfigurationFault {
        switch self {
        case .identity: .code(code)
        case .request: .requestRefused(code: code)
        case .orderNumbers: .orderNumberUsed(code: code)
        }
    }

    // Ids, keys and the form of a request are checked alike in every call. The documents list some
    // of these codes under one call only; an operator has to act on them wherever they turn up.
    fileprivate static let identityCodes = [
        "SIGNERROR", "NOAUTH", "APPID_NOT_EXIST", "MCHID_NOT_EXIST", "APPID_MCHID_NOT_MATCH",
    ]
    fileprivate static let requestCodes = [
        "PARAM_ERROR", "LACK_PARAMS", "XML_FORMAT_ERROR", "NOT_UTF8", "REQUIRE_POST_METHOD",
    ]
    // We name orders by our own number and never send this id, so the request was not understood.
    fileprivate static let strangeTransaction = ["INVALID_TRANSACTIONID"]
}

extension V2CodeTable<V2SubmitMeaning> {
    static let submit = Self(
        rows: rows(.passwordNeeded, ["USERPAYING", "ACCEPT"])
            // The documents answer FREQUENCY_LIMITED with "try again later". A submit is never repeated blindly, as the
            // first one may have been taken: the query decides (rule B3).
            + rows(.unknown, ["SYSTEMERROR", "BANKERROR", "FREQUENCY_LIMITED"])
            // Says that money was taken, not whether it was ours: the query compares amount and
            // order.
            + rows(.unknown, ["ORDERPAID"])
            + rows(
                .refused(.newCode),
                ["AUTHCODEEXPIRE", "AUTH_CODE_ERROR", "AUTH_CODE_INVALID"]
            )
            // The number is used up; a fresh code comes with a fresh number (rule A2).
            + rows(.refused(.newCode), ["ORDERCLOSED", "ORDERREVERSED", "BUYER_MISMATCH"])
            + rows(.refused(.otherCard), ["NOTENOUGH", "NOTSUPORTCARD"])
            // No password, risk control or balance: the code does not say which. To pay another way
            // helps in all three; "you ended it" would be untrue in two.
            + rows(.refused(.otherWallet), ["TRADE_ERROR"])
            // No code that the payer shows can help.
            + rows(.refused(.callStaff), ["INVALID_REQUEST"])
            + rows(.configuration(.orderNumbers), ["OUT_TRADE_NO_USED"])
            + rows(.configuration(.identity), V2Fault.identityCodes)
            + rows(.configuration(.request), V2Fault.requestCodes)
    )
}

extension V2CodeTable<V2QueryMeaning> {
    static let query = Self(
        rows: rows(.orderNotExist, ["ORDERNOTEXIST"])
            + rows(.unknown, ["SYSTEMERROR", "FREQUENCY_LIMITED"])
            + rows(.configuration(.identity), V2Fault.identityCodes)
            + rows(.configuration(.request), V2Fault.requestCodes + V2Fault.strangeTransaction)
    )
}

extension V2CodeTable<V2ReverseMeaning> {
    static let reverse = Self(
        rows: rows(.again, ["SYSTEMERROR", "USERPAYING", "TRADE_STATE_ERROR"])
            // Permission, rate or repetition, and nothing tells which: asking again, slowly, is
            // right for the last two, and of the first a person is told (`wantsPerson`).
            + rows(.again, ["INVALID_REQUEST"])
            + rows(.refused, ["REVERSE_EXPIRE", "TRADE_ERROR", "ORDERPAID"])
            + rows(.unknown, ["FREQUENCY_LIMITED"])
            + rows(.configuration(.identity), V2Fault.identityCodes)
            + rows(.configuration(.request), V2Fault.requestCodes + V2Fault.strangeTransaction)
    )
}

extension V2CodeTable<V2RefundMeaning> {
    static let refund = Self(
        // Always the same number: another one would refund twice.
        rows: rows(.again, ["SYSTEMERROR", "BIZERR_NEED_RETRY"])
            // The merchant's funds, or the platform's patience: both come back with time.
            + rows(.again, ["NOTENOUGH", "INVALID_REQ_TOO_MUCH", "FREQUENCY_LIMITED"])
            + rows(.refused, ["TRADE_OVERDUE", "ERROR", "USER_ACCOUNT_ABNORMAL"])
            + rows(.configuration(.identity), V2Fault.identityCodes)
            + rows(.configuration(.request), V2Fault.requestCodes + V2Fault.strangeTransaction)
    )
}

extension V2CodeTable<V2RefundQueryMeaning> {
    static let refundQuery = Self(
        rows: rows(.refundNotExist, ["REFUNDNOTEXIST"])
            + rows(.unknown, ["SYSTEMERROR", "BIZERR_NEED_RETRY"])
            + rows(.unknown, ["INVALID_REQ_TOO_MUCH", "FREQUENCY_LIMITED"])
            + rows(.configuration(.identity), V2Fault.identityCodes)
            + rows(.configuration(.request), V2Fault.requestCodes + V2Fault.strangeTransaction)
    )
}
