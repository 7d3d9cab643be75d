import Payments

/// A person looks after what is parked (rule C5), with what can be found out: whether the goods left, and where the money is.
extension World {
    func personSettles() {
        guard process != nil, settlesParked else { return }
        for file in books.orderList where file.attempt?.state == .parked {
            guard process != nil, audit.violation == nil else { return }
            look(at: file)
        }
    }

    private func look(at file: OrderFile) {
        guard let sale = books.sale(of: file), let revoke = file.revoke else { return }
        let isAboutGoods = ParkedReason.aboutGoods.contains(revoke.parkedReason ?? "")
        if !file.isCharged {
            settle(file, file.wasCharged ? .refunded : .notCharged)
        } else if isAboutGoods, goodsLeft(for: file) {
            settle(file, .writtenOff)
        } else if revoke.refundDecided != nil || file.attempt?.amount != file.firstAmount {
            // The money goes back by hand: a transfer, or over the counter. So does what the journal has lost the amount of.
            note("a person pays back \(file.order)")
            giveBack(file)
            settle(file, .refunded)
        } else if isAboutGoods {
            call(.undelivered, sale.id, .person, sale.visit ?? 0)
        } else {
            call(.retry, file)
        }
    }

    /// The operator gives money back in the merchant's console that the kiosk wants to refund and cannot; the kiosk hears of it
    /// from the platform alone, or is told to try again.
    func refundByHand() {
        for file in books.orderList {
            guard process != nil, audit.violation == nil else { return }
            guard let revoke = file.revoke, revoke.refundDecided != nil,
                revoke.needsPerson || revoke.parked != nil, revoke.settled == nil,
                file.platform?.state == .success,
                var fault = schedule.strikes(.refundedByHand)
            else { continue }
            note("an operator refunds \(file.order) by hand")
            file.platform?.state = .refund
            giveBack(file)
            if file.attempt?.state == .parked, fault.oneIn(2) { call(.retry, file) }
        }
    }

    private func settle(_ file: OrderFile, _ outcome: SettlementOutcome) {
        call(.settle(outcome, note: "looked at", by: "person"), file)
    }

    private func call(_ call: RevokeCall, _ file: OrderFile) {
        let request = nextRequest(.person, 0)
        see(.asked(request))
        hear(.revokeCalled(request, file.order, call, stored: file.attempt))
    }
}
