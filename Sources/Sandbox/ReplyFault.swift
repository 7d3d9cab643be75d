/// What spoils a reply on its way out.
package enum ReplyFault: Hashable, Sendable {
    /// Nothing is sent; the connection stays open and what the client sends is dropped.
    case silence
    /// TCP reset instead of a reply.
    case reset
    /// The connection ends after this many bytes of the HTTP reply, without TLS close.
    case cut(afterBytes: Int)
    /// Sent this much later.
    case late(Duration)
    /// This HTTP status with an HTML page.
    case status(Int)
    /// An HTML page with status 200.
    case html
    /// The page of a refused client certificate (wire facts, 1.3).
    case html400
    case garbage
    case empty
    /// `return_code=FAIL`, unsigned.
    case communicationFailure
    /// Signed with another key.
    case forged
    case unsigned
    /// `total_fee` one higher, properly signed.
    case amount
    /// Another `out_trade_no`, properly signed.
    case order
    /// Another `mch_id`, properly signed.
    case merchant
    /// `total_fee` twice.
    case duplicate
    case doctype
    /// Properly signed, with a field of 2 MiB.
    case oversized

    /// A short name for events.
    var word: String {
        switch self {
        case .silence: "not sent"
        case .reset: "reset"
        case .cut(let count): "cut after \(count) bytes"
        case .late(let delay): "late by \(delay)"
        case .status(let status): "HTTP \(status)"
        case .html: "HTML"
        case .html400: "HTTP 400"
        case .garbage: "garbage"
        case .empty: "empty"
        case .communicationFailure: "return_code FAIL"
        case .forged: "forged"
        case .unsigned: "unsigned"
        case .amount: "wrong amount"
        case .order: "wrong order"
        case .merchant: "wrong merchant"
        case .duplicate: "duplicate field"
        case .doctype: "DOCTYPE"
        case .oversized: "oversized"
        }
    }
}
