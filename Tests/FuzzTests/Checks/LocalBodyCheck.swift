import Payments
import StrictJSON

@testable import Kiosk

/// What must hold of every body of a call: exactly those are taken that a second reader of JSON finds right, key by key
/// (rule E1), and every other is refused with the path of what is wrong.
///
/// The input's first byte: bits 0, 1 and 3 for the call, bit 2 for a bound of 64 bytes. The rest is the body.
struct LocalBodyCheck {
    private enum Call: UInt8 {
        case sale
        case claim
        case service
        case nothing
        case settlement = 8
    }

    /// What a call says.
    private enum Wish: Equatable {
        case sale(amount: Int64, currency: String, description: String, reference: String?)
        case claim(String)
        case service(String)
        case nothing
        case settlement(outcome: String, note: String)
    }

    private let call: Call
    private let maximumBytes: Int
    private let body: [UInt8]

    init(_ input: [UInt8]) {
        let options = input.first ?? 0
        call = Call(rawValue: options & 11) ?? .sale
        maximumBytes = options & 4 == 0 ? 65_536 : 64
        body = Array(input.dropFirst())
    }

    func run() throws(Finding) {
        let plain = PlainJSON(body)
        let right = body.count <= maximumBytes ? plain.flatMap(wish) : nil
        let taken: Wish
        do throws(JSONError) {
            taken = try read()
        } catch {
            try Finding.unless(right == nil, "A right body was refused.")
            return try check(error, plain)
        }
        try Finding.unless(right != nil, "A wrong body was taken.")
        try Finding.unless(taken == right, "A body was taken for what it does not say.")
    }

    private func read() throws(JSONError) -> Wish {
        let document = try CallDocument(body, maximumBytes: maximumBytes)
        switch call {
        case .sale:
            let sale = try document.sale()
            return .sale(
                amount: sale.amount.minorUnits,
                currency: sale.amount.currency.code,
                description: sale.description,
                reference: sale.reference,
            )
        case .claim: return .claim(try document.claimKey())
        case .service: return .service(try document.serviceMode().rawValue)
        case .nothing:
            try document.nothing()
            return .nothing
        case .settlement:
            let settlement = try document.settlement()
            return .settlement(outcome: settlement.0.rawValue, note: settlement.note)
        }
    }

    /// What the body says; `nil` if the call may not say that.
    private func wish(_ body: PlainJSON) -> Wish? {
        let known: Set<String> =
            switch call {
            case .sale: ["amount", "currency", "description", "reference"]
            case .claim: ["claim"]
            case .service: ["mode"]
            case .nothing: []
            case .settlement: ["outcome", "note"]
            }
        guard body.isObject, !body.hasTwins, known.isSuperset(of: body.keys) else { return nil }
        switch call {
        case .sale: return sale(body)
        case .claim:
            return body["claim"]?.string(1...64).flatMap { key in
                key.utf8.allSatisfy { 0x21...0x7E ~= $0 } ? .claim(key) : nil
            }
        case .service:
            return body["mode"]?.string(1...20).flatMap { mode in
                ["normal", "maintenance"].contains(mode) ? .service(mode) : nil
            }
        case .nothing: return .nothing
        case .settlement:
            guard let outcome = body["outcome"]?.string(1...20),
                ["refunded", "not-charged", "written-off"].contains(outcome),
                let note = body["note"]?.string(1...500)
            else { return nil }
            return .settlement(outcome: outcome, note: note)
        }
    }

    private func sale(_ body: PlainJSON) -> Wish? {
        guard let amount = body["amount"]?.integer, 1...1_000_000_000 ~= amount,
            let currency = body["currency"]?.string(3...3),
            currency.utf8.allSatisfy({ 0x41...0x5A ~= $0 })
        else { return nil }
        guard let description = Self.optional(body["description"], 0...127),
            let reference = Self.optional(body["reference"], 0...64)
        else { return nil }
        return .sale(
            amount: amount,
            currency: currency,
            description: description ?? "",
            reference: reference,
        )
    }

    /// A string or nothing; `nil` if it is neither.
    private static func optional(_ value: PlainJSON?, _ bytes: ClosedRange<Int>) -> String?? {
        switch value {
        case nil, .null: .some(nil)
        case .some(let value): value.string(bytes).map { .some($0) }
        }
    }

    /// A refusal is one line that names the place, as far as the text has places, and never quotes a payment code.
    private func check(_ error: JSONError, _ plain: PlainJSON?) throws(Finding) {
        try Finding.unless(
            error.description.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control
            },
            "A refusal is more than one line.",
        )
        guard let plain, plain.isObject, plain.depth <= 16, body.count <= maximumBytes else {
            return
        }
        try Finding.unless(!error.path.isEmpty, "A refusal does not name the key.")
        for key in plain.keys {
            guard case .string(let text) = plain[key] else { continue }
            let isCode = text.utf8.count == 18 && text.utf8.allSatisfy { 0x30...0x39 ~= $0 }
            try Finding.unless(
                !isCode || !error.description.contains(text),
                "A refusal quotes a payment code (G1).",
            )
        }
    }
}
