import CCurl
import Threads

// The life of one request: started, moved to the other host if the first cannot be reached or, where
// sending it twice is harmless, does not answer, and reported exactly once.
extension TransportLoop {
    func start(_ order: TransferOrder) {
        let now = BootClock.now
        if !order.request.isWellFormed { return refuse(order, .malformedRequest) }
        if order.request.usesClientCertificate && setup.identity == nil {
            return refuse(order, .tls, detail: "No client certificate is configured.")
        }
        start(order, attempt(order.request, at: now))
    }

    private func attempt(_ request: HTTPSRequest, at now: Int64) -> Transfer.Attempt {
        let configuration = setup.configuration
        let mayBeTrial = request.kind == .repeatable && !request.usesClientCertificate
        let isTrial = mayBeTrial && hosts.takeRequestTrial(at: now)
        let patience = configuration.patience
        return Transfer.Attempt(
            hosts: isTrial ? [0, 1] : hosts.order,
            started: now,
            deadline: now.advanced(by: configuration.requestTimeout),
            patience: request.kind == .submit
                ? nil : isTrial ? min(patience, configuration.trialPatience) : patience,
            checksValidityDates: checksValidityDates,
            maximumBodyBytes: configuration.maximumReplyBytes
        )
    }

    /// A transfer for a request that may follow; `nil` when the request could not be sent anyway, which is told then.
    func prepare(_ request: HTTPSRequest) -> Transfer? {
        guard request.isWellFormed, !request.usesClientCertificate || setup.identity != nil else {
            return nil
        }
        let order = TransferOrder(
            id: inbox.newID(),
            request: request,
            onWritingBegan: { _ in },
            completion: { _ in }
        )
        return make(order, attempt(request, at: BootClock.now))
    }

    private func make(_ order: TransferOrder, _ attempt: Transfer.Attempt) -> Transfer? {
        guard let transfer = Transfer(.request(order), attempt: attempt, sockets: sockets),
            setup.prepare(transfer)
        else { return nil }
        return transfer
    }

    /// The prepared transfer if it is this order's, in every way; it is forgotten in any case.
    private func takePrepared(_ order: TransferOrder, _ attempt: Transfer.Attempt) -> Transfer? {
        guard order.request.kind == .submit, let transfer = prepared else { return nil }
        prepared = nil
        return transfer.adopt(order, attempt) ? transfer : nil
    }

    private func start(_ order: TransferOrder, _ attempt: Transfer.Attempt) {
        guard let transfer = takePrepared(order, attempt) ?? make(order, attempt), add(transfer)
        else {
            // Only without memory. What earlier attempts wrote must not be forgotten.
            let report = TransferReport(
                writingBegan: attempt.writes.began,
                lastWriteNanoseconds: attempt.writes.began ? BootClock.now : nil,
                result: .failed(.internalFault)
            )
            return complete(order, report)
        }
    }

    /// The transfer left libcurl with a result.
    func finish(_ transfer: Transfer, code: CURLcode) {
        switch transfer.purpose {
        case .opening, .trial:
            finishOpening(transfer, code: code)
        case .request(let order):
            if code == CURLE_OK && transfer.hasFinalReply {
                finish(order, transfer)
            } else {
                fail(order, transfer, as: failure(code, of: transfer))
            }
        }
    }

    func failure(_ code: CURLcode, of transfer: Transfer) -> TransportFailure {
        TransportFailure(code, of: transfer, throughProxy: setup.configuration.proxy != nil)
    }

    private func finish(_ order: TransferOrder, _ transfer: Transfer) {
        sockets.end(transfer)
        let reply = HTTPSReply(
            status: transfer.easy.responseCode,
            body: transfer.reply.body,
            dateSeconds: transfer.reply.dateSeconds,
            host: setup.hosts[transfer.host].text
        )
        let now = BootClock.now
        if (500...599).contains(reply.status) {
            hosts.hostFailed(transfer.host, at: now)
        } else {
            hosts.answered(transfer.host, since: transfer.started, at: now)
        }
        complete(order, report(order, transfer, .reply(reply)))
        answered(transfer, at: now)
    }

    private func fail(_ order: TransferOrder, _ transfer: Transfer, as failure: TransportFailure) {
        let now = BootClock.now
        if note(failure, of: transfer, at: now), !transfer.otherHosts.isEmpty,
            now < transfer.requestDeadline
        {
            let attempt = Transfer.Attempt(
                hosts: transfer.otherHosts,
                started: now,
                deadline: transfer.requestDeadline,
                checksValidityDates: checksValidityDates,
                maximumBodyBytes: setup.configuration.maximumReplyBytes,
                writes: transfer.writes
            )
            return start(order, attempt)
        }
        complete(order, report(order, transfer, .failed(failure), detail: transfer.detail))
    }

    /// What the failure says of the host; whether the other host may be tried.
    ///
    /// With the client certificate the fault may be the certificate's, not the host's: it says nothing of the host then. A
    /// host that ends such a connection may be refusing the certificate, which whoever sent the request has to learn.
    private func note(_ failure: TransportFailure, of transfer: Transfer, at now: Int64) -> Bool {
        let mayRepeat = !transfer.writes.began || transfer.order?.request.kind == .repeatable
        if transfer.hasWritten && (failure == .timedOut || failure == .cut) {
            if !transfer.showsCertificate {
                hosts.leftUnanswered(transfer.host, since: transfer.started, at: now)
            }
            return mayRepeat && (failure == .timedOut || !transfer.showsCertificate)
        }
        guard failure.concernsReachingTheHost && mayRepeat else { return false }
        if !transfer.showsCertificate { hosts.hostFailed(transfer.host, at: now) }
        return true
    }

    /// Ends a transfer that libcurl still has; a submit's connection is reset (rule C2).
    func give(up transfer: Transfer, as failure: TransportFailure) {
        remove(transfer)
        switch transfer.purpose {
        case .request(let order):
            if failure == .timedOut { return fail(order, transfer, as: failure) }
            complete(order, report(order, transfer, .failed(failure)))
        case .opening, .trial:
            if failure != .stopped { finishOpening(transfer, code: CURLE_OPERATION_TIMEDOUT) }
        }
    }

    func refuse(_ order: TransferOrder, _ failure: TransportFailure, detail: String = "") {
        complete(
            order,
            TransferReport(writingBegan: false, result: .failed(failure), detail: detail)
        )
    }

    private func report(
        _ order: TransferOrder,
        _ transfer: Transfer,
        _ result: TransferReport.Result,
        detail: String = ""
    ) -> TransferReport {
        let writes = transfer.writes
        var isComplete = false
        if case .reply = result { isComplete = true }
        return TransferReport(
            writingBegan: writes.began,
            firstWriteNanoseconds: writes.firstWrite,
            lastWriteNanoseconds: writes.lastPossibleWrite(
                ofBody: order.request.body.count,
                replyIsComplete: isComplete,
                now: BootClock.now
            ),
            replyBegan: transfer.reply.hasBegun,
            result: result,
            detail: detail
        )
    }

    private func complete(_ order: TransferOrder, _ report: TransferReport) {
        inbox.transferEnded(order.id)
        order.completion(report)
    }
}
