import Hummingbird
import NIOCore
import Payments
import StrictJSON

/// Takes what calls carry out of their requests; what it says is ``CallDocument``'s to read.
struct CallBody: Sendable {
    let maximumBytes: Int

    func sale(from request: Request, bodyHash: ([UInt8]) -> String) async throws -> SaleRequest {
        let key = try idempotencyKey(of: request)
        let body = try await collect(request)
        let sale = try read(body, of: request) { document throws(JSONError) in
            try document.sale()
        }
        return SaleRequest(
            amount: sale.amount,
            description: sale.description,
            reference: sale.reference,
            idempotencyKey: key,
            bodyHash: key.map { _ in bodyHash(sale.canonical) },
        )
    }

    /// The key of a claim (rule D1).
    func claimKey(from request: Request) async throws -> String {
        let body = try await collect(request)
        return try read(body, of: request) { document throws(JSONError) in
            try document.claimKey()
        }
    }

    /// A person's word on an order (rule C5).
    func settlement(from request: Request) async throws -> (SettlementOutcome, note: String) {
        let body = try await collect(request)
        return try read(body, of: request) { document throws(JSONError) in
            try document.settlement()
        }
    }

    func serviceMode(from request: Request) async throws -> ServiceMode {
        let body = try await collect(request)
        return try read(body, of: request) { document throws(JSONError) in
            try document.serviceMode()
        }
    }

    /// For calls that carry nothing: no body, or an empty object.
    func nothing(from request: Request) async throws {
        let body = try await collect(request)
        guard !body.isEmpty else { return }
        try read(body, of: request) { document throws(JSONError) in try document.nothing() }
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

    private func read<Value>(
        _ body: [UInt8],
        of request: Request,
        _ value: (CallDocument) throws(JSONError) -> Value,
    ) throws(ProblemDocument) -> Value {
        let types = request.headers.values(named: "content-type")
        guard types.count == 1, let type = types.first, Self.isJSON(type) else {
            throw ProblemDocument.notJSON
        }
        do {
            return try value(CallDocument(body, maximumBytes: maximumBytes))
        } catch {
            throw ProblemDocument.invalid(error)
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
}
