/// Which codes are taken, and what a taken code begins (rules B8, C7).
extension Till {
    /// Codes are taken only while a sale waits for one, or any time while ready in fixed-price mode (rule B8).
    mutating func codeScanned(_ code: ScannedCode, _ fingerprint: CodeFingerprint) {
        guard isTakingCodes() else { return }
        let known: PaymentCode
        switch code {
        case .weChat(let payment):
            known = payment
        case .otherWallet(let wallet):
            refuseCode(.otherWallet(wallet))
            printOtherWallet(wallet, fingerprint)
            return
        case .notAPaymentCode:
            refuseCode(.notAPaymentCode)
            return
        }
        guard !wasShown(fingerprint) else {
            refuseCode(.alreadyRead)
            return
        }
        // Rules A3, B7, C7 and D4 are checked before an attempt, never during one: no code is wasted.
        if let reason = reasons.first(where: \.stopsCodes) {
            actions.append(.notice(.cannotTakeCode(reason)))
            return
        }
        startAttempt(known, fingerprint)
    }

    /// Rule B8: whoever shows a code that is not taken is told so. An application shows the notice; a fixed-price kiosk needs
    /// none, so there the lights say it, and what stays before the scanner says it once.
    private mutating func refuseCode(_ notice: Notice) {
        actions.append(.notice(notice))
        guard policy.sale.fixedItem != nil else { return }
        if sale == nil { restEnds = now.boot + SalePolicy.scannerSilence }
        // Approved is the last payer's, and is not taken from them.
        if resultLight?.situation != .approved { showResult(.declined) }
    }

    /// Fixed-price mode: paper names the wallet that cannot be used, once for each presentation (rule B8).
    private mutating func printOtherWallet(
        _ wallet: ScannedCode.OtherWallet,
        _ fingerprint: CodeFingerprint,
    ) {
        guard let item = policy.sale.fixedItem else { return }
        let (now, memory) = (now, policy.timing.codeMemory)
        namedCodes.removeAll { now.boot - $0.shownAt >= memory }
        guard !namedCodes.contains(where: { $0.fingerprint == fingerprint }) else { return }
        if namedCodes.count == Till.mostNamedCodes { namedCodes.removeFirst() }
        namedCodes.append((fingerprint, now.boot))
        actions.append(
            .print(
                Slip(
                    kind: .otherWallet(wallet),
                    sale: sale?.row.id,
                    order: nil,
                    amount: sale?.row.amount ?? item.amount,
                    description: sale?.row.description ?? item.description,
                    made: now.wall,
                    isCopy: false
                )
            )
        )
    }

    private mutating func isTakingCodes() -> Bool {
        guard let sale else { return isFixedModeReady() }
        switch sale.phase {
        case .awaitingCode:
            return true
        case .declined(let pauseEnds):
            return now.boot >= pauseEnds
        case .opening, .attempting, .paying, .declining, .paid, .claiming, .delivering,
            .completing, .ending:
            return false
        }
    }

    /// Fixed-price mode: after any verdict the scanner rests, and then needs silence (interfaces, 2).
    private mutating func isFixedModeReady() -> Bool {
        guard policy.sale.fixedItem != nil, reasons.isEmpty else { return false }
        guard let ends = restEnds else { return true }
        if now.boot < ends {
            restEnds = max(ends, now.boot + SalePolicy.scannerSilence)
            return false
        }
        restEnds = nil
        return true
    }

    mutating func rest() {
        guard policy.sale.fixedItem != nil else { return }
        restEnds = now.boot + policy.sale.rest + SalePolicy.scannerSilence
    }

    /// Rule B8: the same code within two minutes, or longer if so configured, is one presentation, unless its attempt was void.
    private mutating func wasShown(_ fingerprint: CodeFingerprint) -> Bool {
        let (now, memory) = (now.boot, policy.timing.codeMemory)
        recentCodes.removeAll { now - $0.shownAt >= memory }
        return recentCodes.contains { $0.fingerprint == fingerprint }
    }

    private mutating func startAttempt(_ code: PaymentCode, _ fingerprint: CodeFingerprint) {
        if sale == nil, let item = policy.sale.fixedItem {
            let wish = SaleRequest(
                amount: item.amount,
                description: item.description,
                reference: nil,
                idempotencyKey: nil,
                bodyHash: nil
            )
            sale = Sale(row: newSaleRow(wish), phase: .awaitingCode)
        }
        guard var sale else { return }
        sale.attemptCount += 1
        sale.row.state = .submitting
        sale.row.truth = nil
        sale.row.reason = nil
        sale.row.updated = now
        let attempt = AttemptRow(
            order: OrderNumber(kiosk: policy.kiosk, using: &generator),
            sale: sale.row.id,
            ordinal: sale.attemptCount,
            amount: sale.row.amount,
            fingerprint: fingerprint,
            prepared: now,
            state: .prepared,
            updated: now
        )
        sale.phase = .attempting(
            Sale.Attempt(
                row: attempt,
                machine: AttemptMachine(code: code, timing: policy.timing)
            )
        )
        sale.lastAttempt = attempt
        self.sale = sale
        resultLight = nil
        recentCodes.append(
            RecentCode(fingerprint: fingerprint, order: attempt.order, shownAt: now.boot)
        )
        record(
            [.sale(sale.row), .attempt(attempt)],
            events: [event(.saleChanged, sale.row, order: attempt.order)],
            after: .attemptPrepared(attempt.order)
        )
        actions.append(
            .prepareSubmit(
                attempt.order,
                code,
                attempt.amount,
                description: sale.row.description
            )
        )
        disarm(.codeWait(sale.row.id))
    }

    /// Rule A1: the intent is on stable storage, the submit may leave.
    mutating func attemptPrepared(_ order: OrderNumber) {
        guard let attempt = liveAttempt(order) else { return }
        if now.boot - attempt.row.prepared.boot > policy.timing.recordPatience, !attempt.isWithdrawn
        {
            // Storage took so long that the payer may have left: nothing has been sent, so nothing is.
            voidAttempt(attempt, ends: .declined)
            return
        }
        if attempt.isWithdrawn {
            voidAttempt(attempt, ends: .cancelled)
            return
        }
        apply(to: order) { machine, now in machine.committed(at: now.boot) }
    }
}
