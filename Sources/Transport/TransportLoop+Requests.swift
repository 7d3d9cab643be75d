import CCurl
import Threads

// The life of one request: started, moved to the other host if the first cannot be reached, and
// reported exactly once.
extension TransportLoop {
    func start(_ order: TransferOrder) {
        let now = BootClock.now
        if !order.request.isWellFormed { return refuse(order, .malformedRequest) }
        if order.request.usesClientCertificate && setup.identity == nil {
            return refuse(order, .tls, detail: "No client certificate is configured.")
        }
        start(order, attempt(until: now.advanced(by: setup.configuration.requestTimeout)))
    }

    private func attempt(until deadline: Int64) -> Transfer.Attempt {
        Transfer.Attempt(
            hosts: hosts.order,
            deadline: deadline,
            checksValidityDates: checksValidityDates,
            maximumBodyBytes: setup.configuration.maximumReplyBytes
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
        return make(order, attempt(until: BootClock.now))
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
            contentType: transfer.reply.contentType,
            dateSeconds: transfer.reply.dateSeconds,
            host: setup.hosts[transfer.host].text
        )
        let now = BootClock.now
        if (500...599).contains(reply.status) { hosts.hostFailed(transfer.host, at: now) }
        complete(order, report(order, transfer, .reply(reply)))
        answered(transfer, at: now)
    }

    private func fail(_ order: TransferOrder, _ transfer: Transfer, as failure: TransportFailure) {
        let now = BootClock.now
        let mayMove = !transfer.writes.began || order.request.kind == .repeatable
        if failure.concernsReachingTheHost && mayMove {
            // With the client certificate the fault may be the certificate's, not the host's.
            if !transfer.showsCertificate { hosts.hostFailed(transfer.host, at: now) }
            if !transfer.otherHosts.isEmpty && now < transfer.deadline {
                let attempt = Transfer.Attempt(
                    hosts: transfer.otherHosts,
                    deadline: transfer.deadline,
                    checksValidityDates: checksValidityDates,
                    maximumBodyBytes: setup.configuration.maximumReplyBytes,
                    writes: transfer.writes
                )
                return start(order, attempt)
            }
        }
        complete(order, report(order, transfer, .failed(failure), detail: transfer.detail))
    }

    /// Ends a transfer that libcurl still has; a submit's connection is reset (rule C2).
    func give(up transfer: Transfer, as failure: TransportFailure) {
        remove(transfer)
        switch transfer.purpose {
        case .request(let order):
            if failure == .timedOut && !transfer.writes.began && !transfer.showsCertificate {
                hosts.hostFailed(transfer.host, at: BootClock.now)
            }
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
