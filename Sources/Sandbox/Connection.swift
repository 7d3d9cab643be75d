internal import Payments

/// Serves one client: handshake, then request after request until somebody ends it.
struct Connection {
    let stream: TLSStream
    let platform: SharedPlatform
    let control: NetworkControl
    let timings: SandboxTimings
    private var parser = HTTPRequestParser()

    init(
        stream: TLSStream,
        platform: SharedPlatform,
        control: NetworkControl,
        timings: SandboxTimings,
    ) {
        self.stream = stream
        self.platform = platform
        self.control = control
        self.timings = timings
    }

    /// Returns how to close the connection.
    mutating func serve() -> TLSStream.Ending {
        do {
            try stream.handshake(within: timings.request)
            while true {
                if let ending = try serveOne() { return ending }
            }
        } catch {
            return error == .cut ? .reset : .orderly
        }
    }

    /// One request; `nil` if the connection goes on.
    private mutating func serveOne() throws(TLSStream.End) -> TLSStream.Ending? {
        var firstByte: BootTime? = parser.count > 0 ? PlatformTime.now.boot : nil
        while true {
            switch parser.next() {
            case .request(let request):
                return try answer(request, firstByte: firstByte ?? PlatformTime.now.boot)
            case .refused(let status):
                try send(.status(status, closes: true))
                return .orderly
            case .needsContinue:
                try stream.write(
                    Array("HTTP/1.1 100 Continue\r\n\r\n".utf8),
                    within: timings.request
                )
            case .needsMore: break
            }
            let cut = platform.with { platform, _ in platform.requestCut }
            do {
                let room = cut.map { max(1, min(4096, $0 - parser.count)) } ?? 4096
                parser.append(try stream.read(atMost: room, within: limit(since: firstByte)))
            } catch {
                guard error == .timedOut, parser.count > 0 else { throw error }
                try send(.status(408, closes: true))
                return .orderly
            }
            firstByte = firstByte ?? PlatformTime.now.boot
            if isCutHere() { return .reset }
        }
    }

    /// How long the next byte may take: a request has to be whole in time, however slowly it drips.
    private func limit(since firstByte: BootTime?) -> Duration {
        guard let firstByte else { return timings.idle }
        return max(.zero, timings.request - (PlatformTime.now.boot - firstByte))
    }

    /// Whether the script wants the submit that is coming in to be cut at this byte.
    private func isCutHere() -> Bool {
        guard parser.mayBeSubmit else { return false }
        let count = parser.count
        return platform.with { platform, _ in
            guard let limit = platform.requestCut, count >= limit else { return false }
            platform.requestWasCut()
            return true
        }
    }

    private func answer(
        _ request: HTTPRequest,
        firstByte: BootTime,
    ) throws(TLSStream.End) -> TLSStream.Ending? {
        guard let operation = SandboxOperation(path: request.target) else {
            return try finish(.status(404), to: request)
        }
        guard request.method == "POST" else {
            let document = ReplyDocument.communicationFailure("请使用post方法")
            return try finish(document.reply(spoiltBy: nil), to: request)
        }
        let call = Platform.Call(
            operation: operation,
            body: request.body,
            certificate: stream.certificateFault,
            firstByte: firstByte
        )
        let ticket = platform.with { platform, now in platform.receive(call, at: now) }
        if ticket.delay > .zero { try stream.pause(for: ticket.delay) }
        var reply = platform.with { platform, now in platform.finish(ticket, at: now) }
        if control.condition.network == .silent { reply.delivery = .silence }
        return try finish(reply, to: request)
    }

    private func finish(
        _ reply: Reply,
        to request: HTTPRequest,
    ) throws(TLSStream.End) -> TLSStream.Ending? {
        var reply = reply
        if request.closes { reply.closes = true }
        switch reply.delivery {
        case .whole:
            try send(reply, isHead: request.method == "HEAD")
            return reply.closes ? .orderly : nil
        case .silence:
            // Until the client has had enough, or the idle limit: what it still sends is dropped.
            while true { _ = try stream.read(atMost: 4096, within: timings.idle) }
        case .reset: return .reset
        case .dropped: return .orderly
        case .cut(let count):
            let bytes = reply.encoded(date: PlatformTime.now.httpDate, isHead: false)
            try stream.write(Array(bytes.prefix(count)), within: timings.request)
            return .truncated
        }
    }

    private func send(_ reply: Reply, isHead: Bool = false) throws(TLSStream.End) {
        let bytes = reply.encoded(date: PlatformTime.now.httpDate, isHead: isHead)
        try stream.write(bytes, within: timings.request)
    }
}
