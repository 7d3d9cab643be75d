import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Payments
import ServiceLifecycle

/// `GET /v1/events`: the durable log from where the reader stopped, then what happens, without gap or double.
///
/// The reader subscribes before it reads the log, so nothing can fall between the two; what it gets twice is known by
/// its id. A live id that is not the next one sends it back to the log.
struct EventStream: Sendable {
    /// Events read from the log at once.
    static let batch = 100

    let control: any KioskControl
    let feed: LiveFeed
    let ping: Duration

    func respond(_ request: Request, _ context: CallContext) async throws -> Response {
        let resume = try resumePoint(of: request)
        var headers = HTTPFields()
        headers[.contentType] = "text/event-stream"
        let body = ResponseBody { writer in
            try await self.run(from: resume, on: context, to: &writer)
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// `Last-Event-ID` comes from a reader that reconnects to the same address, so it is newer than `after`.
    private func resumePoint(of request: Request) throws -> Int64? {
        let after = try CallQuery.integer("after", of: request, in: 0...Int64.max)
        let headers = request.headers.values(named: "last-event-id")
        guard let text = headers.first, !text.isEmpty else { return after }
        guard headers.count == 1 else {
            throw ProblemDocument.invalid("The header Last-Event-ID must stand only once.")
        }
        return try CallQuery.number(text, named: "Last-Event-ID", in: 0...Int64.max)
    }

    /// Ends when the reader falls behind or goes, when the log cannot be read, and when the daemon stops. The reader
    /// comes back after a second and resumes.
    @concurrent private func run(
        from resume: Int64?,
        on context: CallContext,
        to writer: inout any ResponseBodyWriter,
    ) async throws {
        let subscription = feed.subscribe()
        defer { subscription.end() }
        context.channel.closeFuture.whenComplete { _ in subscription.end() }
        let interval = TimeAmount.nanoseconds(ping.wholeNanoseconds)
        let pings = context.channel.eventLoop.scheduleRepeatedTask(
            initialDelay: interval,
            delay: interval,
        ) { _ in subscription.ping() }
        defer { pings.cancel() }
        try await withTaskCancellationOrGracefulShutdownHandler {
            do {
                try await follow(subscription, from: resume, to: &writer)
            } catch let error as LogUnreadable {
                context.logger.error(
                    "An event reader was cut: the log could not be read.",
                    metadata: ["error": "\(error.underlying)"],
                )
            }
        } onCancelOrGracefulShutdown: {
            subscription.end()
        }
    }

    @concurrent private func follow(
        _ subscription: Subscription,
        from resume: Int64?,
        to writer: inout any ResponseBodyWriter,
    ) async throws {
        let newest = try await logged { try await control.lastEventID() }
        var last = min(resume ?? newest, newest)
        try await writer.write(ByteBuffer(bytes: EventDocument.opening(lastEventID: last)))
        if let resume, resume > newest {
            try await writer.write(ByteBuffer(bytes: EventDocument.reset(lastEventID: newest)))
        }
        try await replay(after: &last, to: &writer)
        for await step in subscription.steps {
            switch step {
            case .ping:
                try await writer.write(ByteBuffer(bytes: EventDocument.ping))
            case .item(.notice(let notice)):
                try await writer.write(ByteBuffer(bytes: EventDocument.notice(notice)))
            case .item(.event(let row)):
                if row.id > last + 1 { try await replay(after: &last, to: &writer) }
                guard row.id > last else { continue }
                try await writer.write(ByteBuffer(bytes: EventDocument.event(row)))
                last = row.id
            }
        }
    }

    /// Writes the log from `last` to its end, one batch after the other as the reader takes them.
    @concurrent private func replay(
        after last: inout Int64,
        to writer: inout any ResponseBodyWriter,
    ) async throws {
        while true {
            let after = last
            let rows = try await logged {
                try await control.events(after: after, limit: Self.batch)
            }
            guard let final = rows.last, final.id > last else { return }
            var buffer = ByteBuffer()
            for row in rows { buffer.writeBytes(EventDocument.event(row)) }
            try await writer.write(buffer)
            last = final.id
            guard rows.count == Self.batch else { return }
        }
    }

    private struct LogUnreadable: Error {
        let underlying: any Error
    }

    private func logged<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            throw LogUnreadable(underlying: error)
        }
    }
}
