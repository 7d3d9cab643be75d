import Hummingbird
import Logging
import Payments
import StrictJSON

/// The calls about the revoke queue: what a technician reads, has tried again, and settles (rule C5).
struct RevokeCalls: Sendable {
    /// Orders in one answer of the list.
    static let listLimit: ClosedRange<Int64> = 1...1_000
    static let usualListLimit: Int64 = 200

    let control: any KioskControl
    let body: CallBody

    /// The oldest first.
    func list(_ request: Request, _ context: CallContext) async throws -> Response {
        let limit = try CallQuery.integer("limit", of: request, in: Self.listLimit)
        let entries = await control.revokes(limit: Int(limit ?? Self.usualListLimit))
        let count = await control.status().queue.count
        return .json(
            JSONWriter.object { list in
                list.integer("count", count)
                list.array("revokes") { array in
                    for entry in entries { array.object { entry.write(to: &$0) } }
                }
            }
        )
    }

    func retry(_ request: Request, _ context: CallContext) async throws -> Response {
        try await body.nothing(from: request)
        return try await call(.retry, "An order was asked to be tried again.", context)
    }

    func settle(_ request: Request, _ context: CallContext) async throws -> Response {
        let (outcome, note) = try await body.settlement(from: request)
        let caller = await Caller.of(context)
        let call = RevokeCall.settle(outcome, note: note, by: "\(caller)")
        return try await self.call(call, "A person settled an order.", context)
    }

    // MARK: - Inside

    private func call(
        _ call: RevokeCall,
        _ words: Logger.Message,
        _ context: CallContext,
    ) async throws -> Response {
        guard let order = context.parameters.get("order").flatMap({ OrderNumber($0) }) else {
            throw ProblemDocument(.noSuchRevoke)
        }
        let answer: Answer
        do {
            answer = try await control.callRevoke(order, call)
        } catch {
            await log(words, order, ProblemDocument.noAnswerWord, context)
            throw ProblemDocument.noAnswer(to: .order(call))
        }
        await log(words, order, answer.outcome.word, context)
        switch answer {
        case .revoke(let entry): return .json(JSONWriter.object { entry.write(to: &$0) })
        case .problem(let problem): throw ProblemDocument(problem)
        case .sale, .created, .accepted: throw ProblemDocument.internalError
        }
    }

    /// Who did what is in the log, whether or not there is an answer (rule G2).
    private func log(
        _ words: Logger.Message,
        _ order: OrderNumber,
        _ outcome: String,
        _ context: CallContext,
    ) async {
        let caller = await Caller.of(context)
        context.logger.notice(
            words,
            metadata: ["order": "\(order)", "outcome": "\(outcome)", "by": "\(caller)"],
        )
    }
}
