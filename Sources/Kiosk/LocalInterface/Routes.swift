import HTTPTypes
import Hummingbird
import Logging
import Payments

/// Every call of the local interface, the same on both listeners.
struct Routes: Sendable {
    private let gate: Gate
    private let responder: RouterResponder<CallContext>

    init(
        settings: LocalInterfaceSettings,
        control: any KioskControl,
        feed: LiveFeed,
        course: ListeningCourse,
        bodyHash: @escaping @Sendable ([UInt8]) -> String,
    ) {
        let body = CallBody(maximumBytes: settings.limits.bodyBytes)
        let sales = SaleCalls(control: control, body: body, bodyHash: bodyHash)
        let revokes = RevokeCalls(control: control, body: body)
        let service = ServiceCalls(control: control, body: body, feed: feed, course: course)
        let journal = JournalCalls(control: control, body: body)
        let events = EventStream(control: control, feed: feed, ping: settings.limits.ping)
        gate = Gate(token: settings.token)
        let sale: RouterPath = "/v1/sales/{id}"
        let table: [(path: RouterPath, calls: [Call])] = [
            ("/healthz", [Call(.get, .open, service.health)]),
            ("/readyz", [Call(.get, .open, service.readiness)]),
            ("/v1/status", [Call(.get, .open, service.status)]),
            ("/v1/events", [Call(.get, .open, events.respond)]),
            ("/v1/sales", [Call(.get, .token, sales.list), Call(.post, .token, sales.open)]),
            (sale, [Call(.get, .token, sales.show)]),
            ("/v1/sales/{id}/cancel", [Call(.post, .token, sales.cancel)]),
            ("/v1/sales/{id}/delivering", [Call(.post, .token, sales.claim)]),
            ("/v1/sales/{id}/delivered", [Call(.post, .token, sales.delivered)]),
            ("/v1/sales/{id}/undelivered", [Call(.post, .token, sales.undelivered)]),
            ("/v1/sales/{id}/receipt", [Call(.post, .token, sales.receipt)]),
            ("/v1/revokes", [Call(.get, .token, revokes.list)]),
            ("/v1/revokes/{order}/retry", [Call(.post, .token, revokes.retry)]),
            ("/v1/revokes/{order}/settle", [Call(.post, .token, revokes.settle)]),
            ("/v1/journal/adopt", [Call(.post, .token, journal.adopt)]),
            ("/v1/service", [Call(.post, .token, service.service)]),
        ]
        let router = Router(context: CallContext.self)
        for (path, calls) in table { Self.add(calls, at: path, to: router, behind: gate) }
        responder = router.buildResponder()
    }

    /// The answer to a request, whatever happens.
    func respond(to request: Request, from source: CallSource) async -> Response {
        let context = CallContext(source: source)
        var response: Response
        do {
            try gate.check(request, from: context.peer)
            response = try await responder.respond(to: request, context: context)
            // The router's own refusals have no body; the only one it has left is an unknown path.
            if response.status == .notFound, response.headers[.contentType] == nil {
                response = ProblemDocument.noSuchPath.response
            }
        } catch let problem as ProblemDocument {
            response = problem.response
        } catch {
            // Never with the error's text in the answer: it may name files.
            context.logger.error("A call failed.", metadata: ["error": "\(error)"])
            response = ProblemDocument.internalError.response
        }
        // What a HEAD is answered has the length of a GET's body, and no body; an event stream is not begun.
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    // MARK: - Inside

    private struct Call: Sendable {
        let method: HTTPRequest.Method
        let access: Gate.Access
        let handle: @Sendable (Request, CallContext) async throws -> Response

        init(
            _ method: HTTPRequest.Method,
            _ access: Gate.Access,
            _ handle: @escaping @Sendable (Request, CallContext) async throws -> Response,
        ) {
            self.method = method
            self.access = access
            self.handle = handle
        }
    }

    private static func add(
        _ calls: [Call],
        at path: RouterPath,
        to router: Router<CallContext>,
        behind gate: Gate,
    ) {
        for call in calls {
            for method in methods(of: call) {
                router.on(path, method: method) { request, context in
                    try gate.admit(request, from: context.peer, to: call.access)
                    return try await call.handle(request, context)
                }
            }
        }
        let allowed = calls.flatMap(methods(of:))
        let others: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        for method in others where !allowed.contains(method) {
            router.on(path, method: method) { _, _ -> Response in
                throw ProblemDocument.methodNotAllowed(allowed)
            }
        }
    }

    /// Whatever can be read can be asked for its head.
    private static func methods(of call: Call) -> [HTTPRequest.Method] {
        call.method == .get ? [.get, .head] : [call.method]
    }
}
