import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Payments

/// Keeps one connection within the limits: a place among the clients, time to send a request, time to take the answer.
///
/// Sits behind the HTTP codec of every accepted connection and runs on its event loop alone. Hummingbird's own idle
/// timer is not used: each byte of a body would start it anew.
final class ClientGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Where the connection stands between its client and us.
    private enum Phase {
        /// No place was asked for yet.
        case new
        /// All places were taken: what arrives is dropped.
        case refused
        case serving
        case closed
    }

    private let clients: ClientCount
    private let limits: LocalInterfaceLimits
    private var phase = Phase.new
    /// Heads and ends of requests read, heads and ends of answers written.
    private var requestsBegun = 0
    private var requestsRead = 0
    private var answersBegun = 0
    private var answersWritten = 0
    private var isEventStream = false
    private var isInputClosed = false
    private var sendTimer: Scheduled<Void>?
    private var takeTimer: Scheduled<Void>?

    init(clients: ClientCount, limits: LocalInterfaceLimits) {
        self.clients = clients
        self.limits = limits
    }

    // MARK: - Coming and going

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { enter(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        enter(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    private func enter(_ context: ChannelHandlerContext) {
        guard case .new = phase else { return }
        guard clients.enter() else {
            phase = .refused
            refuse(.tooManyClients(maximum: clients.maximum), context)
            return
        }
        phase = .serving
        // The kernel's own buffer would else grow to megabytes before a slow reader is noticed.
        // A connection that is gone already cannot be given one, and need not.
        _ = context.channel.setOption(.socketOption(.so_sndbuf), value: limits.sendBufferBytes)
        startSendTimer(limits.request, context)
    }

    private func leave() {
        if case .serving = phase { clients.leave() }
        phase = .closed
        sendTimer?.cancel()
        takeTimer?.cancel()
    }

    // MARK: - Requests in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .serving = phase else { return }
        switch unwrapInboundIn(data) {
        case .head:
            requestsBegun += 1
            startSendTimer(limits.request, context)
        case .body:
            break
        case .end:
            requestsRead += 1
            sendTimer?.cancel()
            awaitNextRequest(context)
        }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            isInputClosed = true
            closeIfReaderGone(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: - Answers out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        context.write(data, promise: promise)
        switch part {
        case .head(let head):
            answersBegun += 1
            isEventStream = head.headerFields[.contentType] == "text/event-stream"
            closeIfReaderGone(context)
        case .body:
            break
        case .end:
            isEventStream = false
            answersWritten += 1
            awaitNextRequest(context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        takeTimer?.cancel()
        takeTimer = nil
        if !context.channel.isWritable {
            takeTimer = schedule(limits.stall, context) { _, context in
                context.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: - Inside

    /// A kept-alive connection may rest, once everything asked for is answered.
    private func awaitNextRequest(_ context: ChannelHandlerContext) {
        guard requestsBegun == requestsRead, answersWritten == requestsRead else { return }
        startSendTimer(limits.keepAlive, context)
    }

    private func startSendTimer(_ time: Duration, _ context: ChannelHandlerContext) {
        sendTimer?.cancel()
        sendTimer = schedule(time, context) { handler, context in
            handler.requestOverdue(context)
        }
    }

    private func requestOverdue(_ context: ChannelHandlerContext) {
        let isArriving = requestsBegun == 0 || requestsRead < requestsBegun
        // An answer under way, or one given early, leaves no room for this one.
        if isArriving, answersBegun == requestsRead, answersWritten == requestsRead {
            refuse(.tooSlow, context)
        } else {
            context.close(promise: nil)
        }
    }

    /// Nobody half-closes an event stream: whoever closed has gone, and the place is free at once.
    private func closeIfReaderGone(_ context: ChannelHandlerContext) {
        if isEventStream, isInputClosed { context.close(promise: nil) }
    }

    /// Writes an answer that nobody asked the routes for, and closes.
    private func refuse(_ problem: ProblemDocument, _ context: ChannelHandlerContext) {
        let body = problem.body
        var head = HTTPResponse(status: problem.status, headerFields: problem.fields)
        head.headerFields[.contentLength] = String(body.count)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    private func schedule(
        _ time: Duration,
        _ context: ChannelHandlerContext,
        _ body: @escaping (ClientGuard, ChannelHandlerContext) -> Void,
    ) -> Scheduled<Void> {
        let delay = TimeAmount.nanoseconds(time.wholeNanoseconds)
        return context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            body(self, context)
        }
    }
}
