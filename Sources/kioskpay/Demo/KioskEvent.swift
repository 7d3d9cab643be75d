import KioskClient
import StrictJSON

/// One event of the daemon's stream, as an application reads it (interfaces, 3).
struct KioskEvent: Hashable, Sendable {
    /// `nil` for a notice, which is not kept.
    let id: Int64?
    /// `sale`, `release`, `money-returned`, `notice`, …
    let kind: String
    let sale: String?
    let order: String?
    let state: String?
    /// Why, or which notice.
    let reason: String?
    let message: PayerText?

    /// - Throws: one sentence if the daemon's JSON is not what the interface promises.
    init(_ event: EventStreamParser.Event) throws(JSONError) {
        let reader = try JSONReader.parse(Array(event.data.utf8), maximumBytes: 65_536)
        id = try reader.optionalInteger("id", in: Int64(1)...Int64.max)
        kind = event.name
        sale = try reader.optionalString("sale", bytes: 1...64)
        order = try reader.optionalString("order", bytes: 1...64)
        state = try reader.optionalString("state", bytes: 1...64)
        let notice = try reader.optionalString("notice", bytes: 1...64)
        let why = try reader.optionalString("reason", bytes: 0...256)
        reason = notice ?? why
        message = try PayerText(in: reader)
    }

    /// One line for a person.
    var line: String {
        let number = id.map { "\($0) " } ?? ""
        return number + [kind, state, reason].compactMap(\.self).joined(separator: " ")
    }
}

/// A sentence for the payer in both languages.
struct PayerText: Hashable, Sendable {
    let chinese: String
    let english: String

    /// The member `message` of an event or a sale; `nil` where there is none.
    init?(in reader: JSONReader) throws(JSONError) {
        guard reader.presence(of: "message") == .value else { return nil }
        let texts = try reader.object("message")
        chinese = try texts.string("zh-Hans", bytes: 0...1024)
        english = try texts.string("en", bytes: 0...1024)
    }
}

/// A sale as the local interface shows it.
struct KioskSale: Hashable, Sendable {
    struct Attempt: Hashable, Sendable {
        let order: String
        let state: String
    }

    let id: String
    let state: String
    let amount: Int64
    let currency: String
    let attempts: [Attempt]
    let transactionID: String?
    let message: PayerText?

    init(_ body: [UInt8]) throws(JSONError) {
        let reader = try JSONReader.parse(body, maximumBytes: 65_536)
        id = try reader.string("id", bytes: 1...64)
        state = try reader.string("state", bytes: 1...64)
        amount = try reader.integer("amount", in: Int64(1)...Int64.max)
        currency = try reader.string("currency", bytes: 3...3)
        transactionID = try reader.optionalString("transactionID", bytes: 1...64)
        message = try PayerText(in: reader)
        var attempts: [Attempt] = []
        for attempt in try reader.objects("attempts", maximumCount: 20) {
            attempts.append(
                Attempt(
                    order: try attempt.string("order", bytes: 1...64),
                    state: try attempt.string("state", bytes: 1...64)
                )
            )
        }
        self.attempts = attempts
    }
}
