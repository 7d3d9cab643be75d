import HTTPTypes
import Hummingbird
import Payments
import StrictJSON

/// An error as `application/problem+json` (RFC 9457). The last part of `type` is stable; the sentences are for people.
struct ProblemDocument: Error, Sendable {
    enum Member: Hashable, Sendable {
        case string(String)
        case integer(Int64)
        case strings([String])
    }

    let status: HTTPResponse.Status
    /// Such as `sale-active`.
    let word: String
    let title: String
    /// What happened, whether money is concerned, what to do.
    let detail: String
    /// Further members, in this order.
    var members: [(key: String, value: Member)] = []
    var headers: [(name: HTTPField.Name, value: String)] = []

    var body: [UInt8] {
        JSONWriter.object { problem in
            problem.string("type", "urn:kioskpay:problem:\(word)")
            problem.string("title", title)
            problem.integer("status", status.code)
            problem.string("detail", detail)
            for (key, member) in members {
                switch member {
                case .string(let text): problem.string(key, text)
                case .integer(let number): problem.integer(key, number)
                case .strings(let texts):
                    problem.array(key) { for text in texts { $0.string(text) } }
                }
            }
        }
    }

    var fields: HTTPFields {
        var fields = HTTPFields()
        fields[.contentType] = "application/problem+json"
        for (name, value) in headers { fields[name] = value }
        return fields
    }

    var response: Response {
        Response(
            status: status,
            headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)),
        )
    }
}

// MARK: - What the kiosk refuses

extension ProblemDocument {
    init(_ problem: Problem) {
        switch problem {
        case .saleActive(let sale):
            self.init(
                .conflict,
                problem,
                "A sale is active",
                "Sale \(sale) is not over; wait for its end or cancel it, then ask again.",
                [("sale", .string(sale.text))]
            )
        case .notReady(let reasons):
            self = .notReady(reasons)
        case .amountTooHigh(let maximum):
            self.init(
                .unprocessableContent,
                problem,
                "The amount is too high",
                "This kiosk sells for at most \(maximum) of the smallest unit; no sale was made.",
                [("maximum", .integer(maximum))]
            )
        case .wrongCurrency(let currency):
            self.init(
                .unprocessableContent,
                problem,
                "The currency is not this kiosk's",
                "This kiosk sells in \(currency) only; no sale was made.",
                [("currency", .string(currency.code))]
            )
        case .keyReused:
            self.init(
                .unprocessableContent,
                problem,
                "The idempotency key was used for another sale",
                "The same Idempotency-Key came with another body; no sale was made. Use a new key."
            )
        case .notFound:
            self.init(
                .notFound,
                problem,
                "There is no such sale",
                "No sale of this id is known here; nothing was changed."
            )
        case .cannotCancel(let state):
            self.init(
                .conflict,
                problem,
                "The sale can no longer be cancelled",
                "The sale is \(state.rawValue); if it is paid and the goods did not come, "
                    + "report it undelivered instead.",
                [("state", .string(state.rawValue))]
            )
        case .notPaid(let state):
            self.init(
                .conflict,
                problem,
                "The sale is not paid",
                "The sale is \(state.rawValue); release nothing.",
                [("state", .string(state.rawValue))]
            )
        case .alreadyClaimed:
            self.init(
                .conflict,
                problem,
                "The release was already claimed",
                "Another key claimed this release first; release nothing for this one."
            )
        case .releaseWithdrawn:
            self.init(
                .conflict,
                problem,
                "The release is withdrawn",
                "The money is on its way back to the payer; release nothing. If goods were "
                    + "released already, a person must settle it."
            )
        case .alreadyDelivered:
            self.init(
                .conflict,
                problem,
                "The sale was already delivered",
                "Delivered was reported before and the payment stands; a person may refund it."
            )
        case .nothingToPrint:
            self.init(
                .conflict,
                problem,
                "There is nothing to print",
                "This sale has no slip: no money was taken for it."
            )
        case .noSuchRevoke, .alreadySettled, .notParked, .needsReport, .journalNotAdopted,
            .releaseParked:
            self.init(aboutRevoke: problem)
        case .storageFailed:
            self = .storageFailed
        }
    }

    init(
        _ status: HTTPResponse.Status,
        _ problem: Problem,
        _ title: String,
        _ detail: String,
        _ members: [(key: String, value: Member)] = [],
    ) {
        self.init(
            status: status,
            word: problem.word,
            title: title,
            detail: detail,
            members: members,
        )
    }

    static func notReady(_ reasons: [OutOfServiceReason]) -> Self {
        let words = reasons.map(\.rawValue)
        return Self(
            status: .serviceUnavailable,
            word: Problem.notReady([]).word,
            title: "No sale can start now",
            detail: "The kiosk is out of service (\(words.joined(separator: ", "))); no sale was "
                + "made. Ask again when /readyz answers 200.",
            members: [("reasons", .strings(words))],
        )
    }

    static var storageFailed: Self {
        Self(
            status: .serviceUnavailable,
            word: Problem.storageFailed.word,
            title: "The journal could not be used",
            detail: "It is not known whether the call took effect; repeat it, with the same "
                + "Idempotency-Key if it asks for a sale. A technician should look at the storage.",
        )
    }
}
