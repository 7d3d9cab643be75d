/// Releasing the goods (section D): offered, claimed, delivered, undelivered, and silence.
extension Till {
    mutating func claimCalled(_ request: RequestID, _ sale: Sale, key: String) {
        switch sale.phase {
        case .paid(let proof):
            var sale = sale
            sale.row.state = .delivering
            sale.row.claimKey = key
            sale.row.updated = now
            let id = record(
                [.sale(sale.row)],
                events: [event(.saleChanged, sale.row)],
                answers: [(request, .sale(sale.row))],
                after: .claimed
            )
            sale.phase = .claiming(proof, id)
            self.sale = sale
        case .claiming(_, let id):
            // The same key again is the same claim: answered by the same commit.
            if sale.row.claimKey == key {
                records.addAnswer(request, .sale(sale.row), to: id)
            } else {
                answer(request, .problem(.alreadyClaimed))
            }
        case .delivering:
            guard sale.row.claimKey == key else {
                return answer(request, .problem(.alreadyClaimed))
            }
            // Goods may leave on this answer: not on a claim of before the restart whose money may be back.
            answer(request, sale.isClaimUnchecked ? .problem(.claimUnchecked) : .sale(sale.row))
        case .completing(let id):
            if sale.row.claimKey == key {
                records.addAnswer(request, .sale(sale.row), to: id)
            } else {
                answer(request, .problem(.alreadyClaimed))
            }
        case .ending:
            answer(request, .problem(nothingToRelease(sale.row)))
        case .opening, .awaitingCode, .attempting, .paying, .declining, .declined:
            answer(request, .problem(.notPaid(sale.storedState)))
        }
    }

    mutating func claimCommitted() {
        guard var sale, case .claiming(let proof, _) = sale.phase else { return }
        sale.phase = .delivering(proof)
        self.sale = sale
        // From here the same timer watches for the report (rule D3).
        arm(.deliveryWait(sale.row.id), at: now.boot + policy.sale.deliveryWait)
    }

    mutating func deliveredCalled(_ request: RequestID, _ sale: Sale) {
        switch sale.phase {
        case .paid, .claiming, .delivering:
            complete(answering: request)
        case .completing(let id):
            records.addAnswer(request, .sale(sale.row), to: id)
        case .ending:
            answer(request, .problem(nothingToRelease(sale.row)))
            flagLateDelivery(of: sale.row.id, [sale.lastAttempt].compactMap(\.self))
        case .opening, .awaitingCode, .attempting, .paying, .declining, .declined:
            answer(request, .problem(.notPaid(sale.storedState)))
            flagLateDelivery(of: sale.row.id, [])
        }
    }

    /// Delivered, with or without a claim before it (rule D1).
    mutating func complete(answering request: RequestID?) {
        guard var sale else { return }
        disarm(.deliveryWait(sale.row.id))
        disarm(.unreportedWait(sale.row.id))
        disarm(.claimCheck(sale.row.id))
        sale.row.state = .delivered
        sale.row.updated = now
        sale.phase = .completing(records.upcoming)
        self.sale = sale
        record(
            [.sale(sale.row)],
            events: [event(.saleChanged, sale.row)],
            answers: request.map { [($0, .sale(sale.row))] } ?? [],
            after: .delivered
        )
    }

    mutating func undeliveredCalled(_ request: RequestID, _ sale: Sale) {
        switch sale.phase {
        case .claiming(_, let id):
            // Nobody may dispense on a claim that is withdrawn before it is acknowledged (rule D1).
            records.replaceAnswers(of: id, by: .problem(.releaseWithdrawn))
            withdraw(reason: .undelivered, answering: request)
        case .paid, .delivering:
            withdraw(reason: .undelivered, answering: request)
        case .completing:
            refuseUndelivered(request, sale.lastAttempt)
        case .ending(let id):
            if revokes.machines(of: sale.row.id).contains(where: \.isAboutGoods) {
                // It is just being parked: the same call again sends the money back.
                answer(request, .problem(.releaseParked))
            } else if sale.row.state == .undelivered {
                records.addAnswer(request, .sale(sale.row), to: id)
            } else {
                answer(request, .problem(.notPaid(sale.row.state)))
            }
        case .opening, .awaitingCode, .attempting, .paying, .declining, .declined:
            answer(request, .problem(.notPaid(sale.storedState)))
        }
    }

    /// Rules D2 and D3.
    mutating func deliveryWaitOver() {
        guard let sale else { return }
        switch sale.phase {
        case .paid:
            withdraw(reason: .notClaimed, answering: nil)
        case .delivering:
            switch policy.sale.claimedUnreported {
            case .ask:
                self.sale?.isUnreported = true
                record([], events: [event(.releaseUnreported, sale.row)], after: .nothing)
                // Now and then a technician looks; the kiosk does not wait for ever.
                arm(.unreportedWait(sale.row.id), at: parkTime(of: sale.row))
            case .refund:
                withdraw(reason: .undelivered, answering: nil)
            case .keep:
                complete(answering: nil)
            }
        case .opening, .awaitingCode, .attempting, .paying, .declining, .declined, .claiming,
            .completing, .ending:
            break
        }
    }

    // MARK: - Silence after the claim (rule D3)

    /// When a claimed release that is not reported goes to a person. A claim of another boot is as old as this start.
    func parkTime(of row: SaleRow) -> BootTime {
        let age = row.updated.age(at: now) ?? .zero
        return now.boot + max(.zero, policy.sale.unreportedPark - age)
    }

    /// Rule D3, `ask`: nobody said what became of the goods, so nobody but a person may say what becomes of the money. The
    /// sale ends, and the kiosk sells again.
    mutating func unreportedWaitOver() {
        guard let sale, case .delivering = sale.phase, let attempt = sale.lastAttempt else {
            return
        }
        let parked = park(attempt, .claimedUnreported, because: ParkedReason.claimedUnreported)
        self.sale?.lastAttempt = parked.attempt
        endSale(
            .undelivered,
            // Whether the money is there the platform never said, and a person decides about it: no return is promised.
            truth: sale.isClaimUnchecked ? nil : .paid,
            reason: ParkedReason.claimedUnreported,
            parking: parked,
            order: attempt.order
        )
    }

    /// Puts a paid attempt into the queue for a person. The caller records it at once.
    mutating func park(
        _ attempt: AttemptRow,
        _ reason: RevokeReason,
        because parkedReason: String,
    ) -> RevokeEntry {
        let isOfLostRows = parkedReason != ParkedReason.claimedUnreported
        _ = enterQueue(
            attempt,
            reason,
            chargeSeen: true,
            begins: .query,
            isRefundLost: isOfLostRows
        )
        revokes.update(attempt.order) { machine in
            machine.park(parkedReason, at: now)
            machine.owesRecord = false
        }
        let machine = revokes[attempt.order]
        return RevokeEntry(
            row: machine?.row
                ?? RevokeRow(order: attempt.order, reason: "", decided: now, due: now),
            attempt: machine?.attempt ?? attempt
        )
    }

    // MARK: - Calls about a sale that is over

    mutating func pastClaimCalled(_ request: RequestID, _ row: SaleRow, key: String) {
        guard row.state == .delivered else {
            return answer(request, .problem(nothingToRelease(row)))
        }
        answer(request, row.claimKey == key ? taken(row) : .problem(.alreadyClaimed))
    }

    mutating func pastDeliveredCalled(
        _ request: RequestID,
        _ row: SaleRow,
        _ attempts: [AttemptRow],
    ) {
        guard row.state != .delivered else { return answer(request, taken(row)) }
        answer(request, .problem(nothingToRelease(row)))
        flagLateDelivery(of: row.id, attempts)
    }

    mutating func pastUndeliveredCalled(
        _ request: RequestID,
        _ row: SaleRow,
        _ attempts: [AttemptRow],
    ) {
        // What counts as delivered stays so, also where a recovery found its order in an older state and parked it (rule C1).
        if row.state != .delivered,
            let parked = revokes.machines(of: row.id).first(where: \.isAboutGoods)
        {
            return parkedUndelivered(request, row, parked.row.order)
        }
        if row.state == .undelivered,
            let kept = attempts.max(by: { $0.ordinal < $1.ordinal }), kept.state == .writtenOff
        {
            // A person let the money stay, and the goods did not leave: that person must know (rules C1, C5).
            answer(request, .problem(.alreadySettled(kept.state)))
            flagLate(kept, "undelivered-after-written-off")
            return
        }
        switch row.state {
        case .undelivered: answer(request, taken(row))
        case .delivered: refuseUndelivered(request, attempts.max { $0.ordinal < $1.ordinal })
        case .awaitingCode, .submitting, .confirming, .declined, .cancelling, .paid,
            .delivering, .cancelled, .expired:
            answer(request, .problem(.notPaid(row.state)))
        }
    }

    /// A claim or a report is taken when it is stored: acknowledged earlier, it would be lost with the power (rules A1, A3).
    private func taken(_ row: SaleRow) -> Answer {
        service.unstored.sales[row.id] == nil ? .sale(row) : .problem(.storageFailed)
    }

    /// The report that was missing: the goods did not leave, so the money goes back (rules C1, D2).
    private mutating func parkedUndelivered(
        _ request: RequestID,
        _ row: SaleRow,
        _ order: OrderNumber,
    ) {
        // Its last word is being stored: the same call again finds it.
        guard revokes[order]?.awaitedRecord == nil else {
            return answer(request, .problem(.releaseParked))
        }
        revokes.update(order) { $0.unpark(at: now) }
        guard let machine = revokes[order] else { return }
        var row = row
        row.truth = Truth.beingReturned.word
        row.reason = RevokeReason.undelivered.rawValue
        row.updated = now
        if lastSale?.id == row.id { lastSale = row }
        revokes.await(records.upcoming, order)
        record(
            [.sale(row), .attempt(machine.attempt), .revoke(machine.row)],
            events: [event(.saleChanged, row, order: order)],
            answers: [(request, .sale(row))],
            after: .undeliveredLate(row, machine.attempt)
        )
    }

    /// Why nothing may be released for a sale that is over, or all but.
    func nothingToRelease(_ row: SaleRow) -> Problem {
        if revokes.machines(of: row.id).contains(where: \.isAboutGoods) { return .releaseParked }
        return row.paid == nil ? .notPaid(row.state) : .releaseWithdrawn
    }
}
