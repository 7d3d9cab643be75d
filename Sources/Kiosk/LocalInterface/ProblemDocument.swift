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
        case .saleActive, .amountTooHigh, .wrongCurrency, .keyReused:
            self.init(aboutNewSale: problem)
        case .notReady(let reasons):
            self = .notReady(reasons)
        case .notFound, .cannotCancel, .notPaid, .alreadyClaimed, .claimUnchecked,
            .releaseWithdrawn, .alreadyDelivered, .nothingToPrint, .outcomeOpen:
            self.init(aboutSale: problem)
        case .noSuchRevoke, .alreadySettled, .notParked, .needsReport, .journalNotAdopted,
            .journalDamaged, .releaseParked:
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
