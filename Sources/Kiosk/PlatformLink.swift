internal import Glibc
package import Logging
package import Payments
internal import Synchronization
internal import Threads
package import Transport
package import WeChatPay

/// The way to WeChat Pay and back: builds requests with the dialect, sends them over the transport, turns what comes back
/// into the machine's words. Every call is answered exactly once (``ShellContract``, rule 4).
package final class PlatformLink: Sendable {
    private let dialect: V2Dialect
    private let client: HTTPSClient
    private let failures: FailureLog
    /// Transfers of submits under way, so that they can be abandoned (rule C2); `nil` while one is being handed over.
    private let submits = Mutex<[OrderNumber: TransferID?]>([:])
    private let prepared = Mutex(PreparedSubmit())
    private let doubtfulWords = Mutex<String?>(nil)

    /// What is known of one submit's way, for the log and the metrics.
    package struct SubmitTrace: Sendable {
        let order: OrderNumber
        let firstWriteNanoseconds: Int64?
        let failure: String?
    }

    package init(dialect: V2Dialect, client: HTTPSClient, log: Logger) {
        self.dialect = dialect
        self.client = client
        failures = FailureLog(log)
    }

    func openAhead() { client.openAhead() }

    /// Builds the request of a submit that will perhaps follow, and sees to the connection. Sends nothing of it.
    package func prepareSubmit(
        _ order: OrderNumber,
        _ code: PaymentCode,
        _ amount: Money,
        description: String,
    ) {
        prepared.withLock { $0.expect(order) }
        // On the transport's thread, as this one holds up whoever stores the record when they share a processor.
        client.prepare { [self] in
            let request = makeRequest(order, code, amount, description)
            prepared.withLock { $0.keep(request, of: order) }
            return .submit(request)
        }
    }

    /// The submit did not follow, or did and has its request (contract, 6).
    func forgetPreparedSubmit() {
        if prepared.withLock({ $0.forget() }) { client.forgetPrepared() }
    }

    private func makeRequest(
        _ order: OrderNumber,
        _ code: PaymentCode,
        _ amount: Money,
        _ description: String,
    ) -> PlatformRequest {
        var generator = SystemRandomNumberGenerator()
        return dialect.submit(
            order: order,
            code: code,
            amount: amount,
            description: description,
            // Asked each time: the network may have come after the daemon, and may have come with another address.
            ownAddress: MachineFacts.address(),
            using: &generator
        )
    }

    package func submit(
        _ order: OrderNumber,
        _ code: PaymentCode,
        _ amount: Money,
        description: String,
        deliver: @escaping @Sendable (TillEvent) -> Void,
        trace: @escaping @Sendable (SubmitTrace) -> Void,
    ) {
        let request =
            prepared.withLock { $0.take(of: order) }
            ?? makeRequest(order, code, amount, description)
        // Entered before it is sent: it may end before `send` returns, even on this thread, so no lock is held meanwhile.
        submits.withLock { _ = $0.updateValue(nil, forKey: order) }
        let id = client.send(
            .submit(request),
            onWritingBegan: { _ in deliver(.submitStarted(order)) },
            completion: { [self] report in
                failures.noted(report, path: request.path)
                submits.withLock { _ = $0.removeValue(forKey: order) }
                deliver(.submitEnded(order, outcome(report, order, amount)))
                trace(
                    SubmitTrace(
                        order: order,
                        firstWriteNanoseconds: report.firstWriteNanoseconds,
                        failure: failure(of: report)
                    )
                )
            }
        )
        submits.withLock { submits in
            if submits.keys.contains(order) { submits.updateValue(id, forKey: order) }
        }
        // Where this thread and the transport's share a processor, the submit goes first.
        sched_yield()
    }

    private func outcome(
        _ report: TransferReport,
        _ order: OrderNumber,
        _ amount: Money,
    ) -> SubmitOutcome {
        // Rule B5: the transport's own record decides, not the error.
        guard report.writingBegan else {
            return .neverLeft(reason: failure(of: report) ?? "refused")
        }
        let lastByte = BootTime(
            nanoseconds: report.lastWriteNanoseconds ?? BootClock.nanoseconds()
        )
        switch report.result {
        case .reply(let reply):
            let verdict = dialect.submitVerdict(
                PlatformReply(status: reply.status, body: reply.body),
                order: order,
                amount: amount
            )
            return .ended(verdict, lastByte: lastByte)
        case .failed(let failure):
            return .ended(.unknown(.noReply(reason: failure.rawValue)), lastByte: lastByte)
        }
    }

    private func failure(of report: TransferReport) -> String? {
        switch report.result {
        case .reply: nil
        case .failed(let failure): failure.rawValue
        }
    }

    /// Rule C2. The submit's completion still comes.
    func abandonSubmit(_ order: OrderNumber) {
        guard case .some(.some(let id)) = submits.withLock({ $0[order] }) else { return }
        client.abandon(id)
    }

    func query(
        _ order: OrderNumber,
        _ amount: Money?,
        answer: @escaping @Sendable (QueryVerdict) -> Void,
    ) {
        var generator = SystemRandomNumberGenerator()
        send(dialect.query(order: order, using: &generator)) { [self] result in
            switch result {
            case .success(let reply):
                let verdict = dialect.queryVerdict(reply, order: order, amount: amount)
                heard(reply, isDoubtful: verdict.isDoubtful)
                answer(verdict)
            case .failure(let failure):
                answer(.unknown(.noReply(reason: failure.word)))
            }
        }
    }

    func reverse(_ order: OrderNumber, answer: @escaping @Sendable (ReverseVerdict) -> Void) {
        reverse(order) { verdict, _ in answer(verdict) }
    }

    /// With the reason why there is no reply, for the probe.
    func reverse(
        _ order: OrderNumber,
        answer: @escaping @Sendable (ReverseVerdict, NoReply?) -> Void,
    ) {
        var generator = SystemRandomNumberGenerator()
        send(dialect.reverse(order: order, using: &generator)) { [self] result in
            switch result {
            case .success(let reply):
                let verdict = dialect.reverseVerdict(reply, order: order)
                heard(reply, isDoubtful: verdict.isDoubtful)
                answer(verdict, nil)
            case .failure(let failure):
                answer(.unknown(.noReply(reason: failure.word)), failure)
            }
        }
    }

    /// What the platform said with the last query or revoke that blamed this kiosk or did not verify; nobody vouches for it
    /// (rule B7).
    var unverifiedWords: String? { doubtfulWords.withLock { $0 } }

    private func heard(_ reply: PlatformReply, isDoubtful: Bool) {
        guard isDoubtful else { return }
        let words = dialect.unverifiedWords(of: reply)
        doubtfulWords.withLock { $0 = words }
    }

    /// Gives the whole amount of an order back, under the order's one refund number (rule C5).
    func refund(
        _ order: OrderNumber,
        _ amount: Money,
        answer: @escaping @Sendable (RefundVerdict) -> Void,
    ) {
        var generator = SystemRandomNumberGenerator()
        let request = dialect.refund(order: order, amount: amount, using: &generator)
        send(request) { [dialect] result in
            switch result {
            case .success(let reply):
                answer(dialect.refundVerdict(reply, order: order, amount: amount))
            case .failure(let failure):
                answer(.unknown(.noReply(reason: failure.word)))
            }
        }
    }

    /// Asks what became of that refund.
    func refundQuery(
        _ order: OrderNumber,
        _ amount: Money,
        answer: @escaping @Sendable (RefundQueryVerdict) -> Void,
    ) {
        var generator = SystemRandomNumberGenerator()
        send(dialect.refundQuery(order: order, using: &generator)) { [dialect] result in
            switch result {
            case .success(let reply):
                answer(dialect.refundQueryVerdict(reply, order: order, amount: amount))
            case .failure(let failure):
                answer(.unknown(.noReply(reason: failure.word)))
            }
        }
    }

    /// Why a request has no complete reply.
    struct NoReply: Error {
        let cause: TransportFailure
        /// The peer ended the connection before the first line of a reply, or did not finish its TLS handshake.
        let isDropped: Bool

        var word: String { cause.rawValue }

        init(_ cause: TransportFailure, replyBegan: Bool) {
            self.cause = cause
            isDropped = cause == .tls || (cause == .cut && !replyBegan)
        }
    }

    private func send(
        _ request: PlatformRequest,
        answer: @escaping @Sendable (Result<PlatformReply, NoReply>) -> Void,
    ) {
        client.send(
            HTTPSRequest(
                path: request.path,
                body: request.body,
                usesClientCertificate: request.needsClientCertificate,
                kind: .repeatable
            )
        ) { [failures] report in
            failures.noted(report, path: request.path)
            switch report.result {
            case .reply(let reply):
                answer(.success(PlatformReply(status: reply.status, body: reply.body)))
            case .failed(let failure):
                answer(.failure(NoReply(failure, replyBegan: report.replyBegan)))
            }
        }
    }
}

extension HTTPSRequest {
    fileprivate static func submit(_ request: PlatformRequest) -> HTTPSRequest {
        HTTPSRequest(
            path: request.path,
            body: request.body,
            usesClientCertificate: request.needsClientCertificate,
            kind: .submit
        )
    }
}

extension QueryVerdict {
    fileprivate var isDoubtful: Bool {
        if case .unknown(let cause) = self, cause.doesNotVerify { return true }
        return suspicion != nil
    }
}

extension ReverseVerdict {
    fileprivate var isDoubtful: Bool {
        switch self {
        case .configuration: true
        case .unknown(let cause): cause.doesNotVerify
        case .accepted, .again, .refused: false
        }
    }
}
