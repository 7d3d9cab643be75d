import Hummingbird
import Logging
import Payments
import StrictJSON

/// The calls about sales.
struct SaleCalls: Sendable {
    /// Sales in one answer of the list.
    static let listLimit: ClosedRange<Int64> = 1...200
    static let usualListLimit: Int64 = 50

    let control: any KioskControl
    let body: CallBody
    let bodyHash: @Sendable ([UInt8]) -> String

    func open(_ request: Request, _ context: CallContext) async throws -> Response {
        let wish = try await body.sale(from: request, bodyHash: bodyHash)
        let answer = try await answered(.sale, .sale, context) {
            try await control.ask(wish)
        }
        return try await response(answer, to: .sale)
    }

    func show(_ request: Request, _ context: CallContext) async throws -> Response {
        let id = try saleID(context)
        guard let details = try await reading({ try await control.sale(id) }) else {
            throw ProblemDocument(.notFound)
        }
        return .json(details.document)
    }

    func list(_ request: Request, _ context: CallContext) async throws -> Response {
        let limit = try CallQuery.integer("limit", of: request, in: Self.listLimit)
        let sales = try await reading {
            try await control.sales(limit: Int(limit ?? Self.usualListLimit))
        }
        return .json(
            JSONWriter.object { list in
                list.array("sales") { array in
                    for details in sales { array.object { details.write(to: &$0) } }
                }
            }
        )
    }

    func claim(_ request: Request, _ context: CallContext) async throws -> Response {
        let key = try await body.claimKey(from: request)
        return try await call(.claim(key: key), .claim, context)
    }

    func cancel(_ request: Request, _ context: CallContext) async throws -> Response {
        try await body.nothing(from: request)
        return try await call(.cancel, .cancel, context)
    }

    func delivered(_ request: Request, _ context: CallContext) async throws -> Response {
        try await body.nothing(from: request)
        return try await call(.delivered, .delivered, context)
    }

    func undelivered(_ request: Request, _ context: CallContext) async throws -> Response {
        try await body.nothing(from: request)
        return try await call(.undelivered, .undelivered, context)
    }

    func receipt(_ request: Request, _ context: CallContext) async throws -> Response {
        try await body.nothing(from: request)
        return try await call(.receipt, .receipt, context)
    }

    // MARK: - Inside

    private func call(
        _ call: SaleCall,
        _ words: CallWords,
        _ context: CallContext,
    ) async throws -> Response {
        let id = try saleID(context)
        let answer = try await answered(.about(call), words, context) {
            try await control.call(id, call)
        }
        return try await response(answer, to: .about(call))
    }

    /// The machine's answer; who asked is in the log whether or not there is one (rule G2).
    private func answered(
        _ asked: ProblemDocument.Asked,
        _ words: CallWords,
        _ context: CallContext,
        _ ask: () async throws -> Answer,
    ) async throws -> Answer {
        do {
            let answer = try await ask()
            await log(words.fitting(answer), answer.outcome, context)
            return answer
        } catch {
            await log(words.fitting(nil), (nil, ProblemDocument.noAnswerWord), context)
            throw ProblemDocument.noAnswer(to: asked)
        }
    }

    private func saleID(_ context: CallContext) throws -> SaleID {
        guard let id = context.parameters.get("id").flatMap({ SaleID($0) }) else {
            throw ProblemDocument(.notFound)
        }
        return id
    }

    private func response(
        _ answer: Answer,
        to asked: ProblemDocument.Asked,
    ) async throws -> Response {
        switch answer {
        case .sale(let row):
            return .json(try await document(row, asked))
        case .created(let row):
            var response = Response.json(try await document(row, asked), status: .created)
            response.headers[.location] = "/v1/sales/\(row.id)"
            return response
        case .accepted(let row):
            return .json(try await document(row, asked), status: .accepted)
        case .problem(let problem):
            throw ProblemDocument(problem)
        case .revoke:
            // No call about a sale is answered with an order.
            throw ProblemDocument.internalError
        }
    }

    /// The answered row is newer than the stored one may be; the attempts are the stored ones.
    private func document(
        _ row: SaleRow,
        _ asked: ProblemDocument.Asked,
    ) async throws -> [UInt8] {
        let stored = try await reading(for: asked) { try await control.sale(row.id) }
        return SaleDetails(
            sale: row,
            attempts: stored?.attempts ?? [],
            returned: stored?.returned
        ).document
    }

    /// Who changed what is in the log (rule G2).
    private func log(
        _ words: Logger.Message,
        _ outcome: (sale: SaleID?, word: String),
        _ context: CallContext,
    ) async {
        let caller = await Caller.of(context)
        context.logger.info(
            words,
            metadata: [
                "sale": "\(outcome.sale?.text ?? context.parameters.get("id") ?? "none")",
                "outcome": "\(outcome.word)", "by": "\(caller)",
            ],
        )
    }
}

extension Answer {
    /// For the log: the sale, if it is known, and one word.
    var outcome: (sale: SaleID?, word: String) {
        switch self {
        case .sale(let row), .created(let row), .accepted(let row): (row.id, row.state.rawValue)
        case .revoke(let entry): (entry.attempt.sale, entry.attempt.state.rawValue)
        case .problem(let problem): (nil, problem.word)
        }
    }
}

/// Reads from the journal; a failure is the caller's to see as such, never as an empty answer.
func reading<Value>(
    for asked: ProblemDocument.Asked = .reading,
    _ body: () async throws -> Value,
) async throws -> Value {
    do {
        return try await body()
    } catch is NoAnswer {
        throw ProblemDocument.noAnswer(to: asked)
    } catch {
        throw ProblemDocument.storageFailed
    }
}

extension Response {
    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)),
        )
    }
}
