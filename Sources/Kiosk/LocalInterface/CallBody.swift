import Hummingbird
import NIOCore
import Payments
import StrictJSON

/// Reads what calls carry, strictly: a key nobody knows, a key twice or a number with decimals is an error that names
/// the path (rule E1).
struct CallBody: Sendable {
    let maximumBytes: Int

    func sale(from request: Request, bodyHash: ([UInt8]) -> String) async throws -> SaleRequest {
        let key = try idempotencyKey(of: request)
        let reader = try await reader(of: request)
        let wish = try refusing { () throws(JSONError) in
            let amount = try reader.integer("amount", in: Int64(1)...Money.maximum)
            let code = try reader.string("currency", bytes: 3...3)
            let description = try reader.optionalString("description", bytes: 0...127)
            let reference = try reader.optionalString("reference", bytes: 0...64)
            try reader.finish()
            guard let currency = Currency(code) else {
                throw reader.error("currency", "must be three capital letters such as CNY")
            }
            guard let money = Money(minorUnits: amount, currency: currency) else {
                throw reader.error("amount", "must be a whole number from 1 to \(Money.maximum)")
            }
            return (money: money, description: description ?? "", reference: reference)
        }
        // What counts as the same body is what it says: an application may repeat it with its keys in another order.
        let canonical = JSONWriter.object { body in
            body.integer("amount", wish.money.minorUnits)
            body.string("currency", wish.money.currency.code)
            body.string("description", wish.description)
            body.string("reference", wish.reference)
        }
        return SaleRequest(
            amount: wish.money,
            description: wish.description,
            reference: wish.reference,
            idempotencyKey: key,
            bodyHash: key.map { _ in bodyHash(canonical) },
        )
    }

    /// The key of a claim (rule D1).
    func claimKey(from request: Request) async throws -> String {
        let reader = try await reader(of: request)
        return try refusing { () throws(JSONError) in
            let key = try reader.string("claim", bytes: 1...64)
            try reader.finish()
            guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw reader.error("claim", "must be visible ASCII characters without spaces")
            }
            return key
        }
    }

    /// A person's word on an order (rule C5).
    func settlement(from request: Request) async throws -> (SettlementOutcome, note: String) {
        let reader = try await reader(of: request)
        return try refusing { () throws(JSONError) in
            let outcome = try reader.choice("outcome", of: SettlementOutcome.self)
            let note = try reader.string("note", bytes: 1...500)
            try reader.finish()
            return (outcome, note: note)
        }
    }

    func serviceMode(from request: Request) async throws -> ServiceMode {
        let reader = try await reader(of: request)
        return try refusing { () throws(JSONError) in
            let mode = try reader.choice("mode", of: ServiceMode.self)
            try reader.finish()
            return mode
        }
    }

    /// For calls that carry nothing: no body, or an empty object.
    func nothing(from request: Request) async throws {
        let bytes = try await collect(request)
        guard !bytes.isEmpty else { return }
        let reader = try parse(bytes, of: request)
        try refusing { () throws(JSONError) in try reader.finish() }
    }

    // MARK: - Inside

    /// 1 to 255 visible ASCII characters, once; `nil` if the header is absent.
    private func idempotencyKey(of request: Request) throws -> String? {
        let keys = request.headers.values(named: "idempotency-key")
        guard let key = keys.first else { return nil }
        guard keys.count == 1, (1...255).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw ProblemDocument.invalid(
                "The header Idempotency-Key must stand once, with 1 to 255 visible ASCII characters."
            )
        }
        return key
    }

    private func reader(of request: Request) async throws -> JSONReader {
        try parse(try await collect(request), of: request)
    }

    private func parse(_ bytes: [UInt8], of request: Request) throws -> JSONReader {
        let types = request.headers.values(named: "content-type")
        guard types.count == 1, let type = types.first, Self.isJSON(type) else {
            throw ProblemDocument.notJSON
        }
        return try refusing { () throws(JSONError) in
            try JSONReader.parse(bytes, maximumBytes: maximumBytes)
        }
    }

    private func collect(_ request: Request) async throws -> [UInt8] {
        let problem = ProblemDocument.tooLarge(maximumBytes: maximumBytes)
        if let text = request.headers[.contentLength], let length = Int(text) {
            guard length <= maximumBytes else { throw problem }
        }
        do {
            return Array((try await request.body.collect(upTo: maximumBytes)).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw problem
        }
    }

    /// `application/json`, with or without a charset of UTF-8.
    private static func isJSON(_ type: String) -> Bool {
        let parts = type.lowercased().split(separator: ";").map { part in
            part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        }.map { String($0) }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy { ["charset=utf-8", "charset=\"utf-8\""].contains($0) }
    }

    private func refusing<Value>(
        _ body: () throws(JSONError) -> Value
    ) throws(ProblemDocument) -> Value {
        do {
            return try body()
        } catch {
            throw ProblemDocument.invalid(error)
        }
    }
}
