import Payments

/// The platform, as the wire facts say it behaves (1.8 to 1.10, 2, 3), with its own ledger of charges and returns.
extension World {

    // MARK: - Submit

    /// The first arrival of a submit; another one changes nothing. Returns how long the reply takes.
    func platformReceives(_ order: OrderNumber, _ amount: Money, _ code: String) -> Int64 {
        let file = books.file(order)
        guard file.platform == nil else { return 0 }
        var dice = schedule.orderDice()
        file.platform = PlatformOrder(
            state: .notPay,
            created: now,
            amount: amount,
            code: code,
            showsOtherState: dice.oneIn(2),
            namesUndonePayment: dice.oneIn(2)
        )
        if var fault = schedule.strikes(.orderPoisoned) {
            file.platform?.poison = 1 + fault.roll(9)
        }
        note("the platform receives \(order)")
        if file.isReversedUnseen, refusesAfterReverse {
            file.platform?.state = .closed
            file.platform?.refusal = .reversed
            return 0
        }
        plan(.acts(order, .ownEnd), in: PlatformOrder.ownEnd)
        pendingActs += 1
        guard let wallet = wallets[code], !wallet.isUsed else {
            return refuse(file, .used, leaves: .notPay)
        }
        guard wallet.expires > now else { return refuse(file, .expired, leaves: nil) }
        wallets[code]?.isUsed = true
        return begin(wallet.course, file)
    }

    private func begin(_ course: Wallet.Course, _ file: OrderFile) -> Int64 {
        switch course {
        case .pays(let delay):
            if delay == 0 {
                charge(file)
            } else {
                planAct(.pays, file, in: delay)
            }
            if schedule.happens(.refusedYetCharged) { file.platform?.refusal = .notEnough }
            return delay
        case .accepted(let delay):
            file.platform?.state = .accept
            planAct(.pays, file, in: delay)
        case .typesPassword(let delay):
            file.platform?.state = .userPaying
            planAct(.pays, file, in: delay)
        case .closesPassword(let delay):
            file.platform?.state = .userPaying
            planAct(.closesPassword, file, in: delay)
        case .ignoresPassword:
            file.platform?.state = .userPaying
        case .refused(let refusal, let state):
            if var fault = schedule.strikes(.chargedBehindRefusal) {
                planAct(.pays, file, in: fault.span(0, 20 * Span.second))
                return refuse(file, refusal, leaves: .notPay)
            }
            return refuse(file, refusal, leaves: state)
        }
        return 0
    }

    private func planAct(_ act: PlatformOrder.Act, _ file: OrderFile, in delay: Int64) {
        pendingActs += 1
        plan(.acts(file.order, act), in: delay)
    }

    private func refuse(
        _ file: OrderFile,
        _ refusal: Refusal,
        leaves state: PlatformOrder.State?,
    ) -> Int64 {
        file.platform?.refusal = refusal
        file.platform?.state = state ?? .notPay
        file.platform?.isAbsent = state == nil
        return 0
    }

    /// What the submit is answered: how the order stands when the answer is made.
    func platformConcludes(_ order: OrderNumber) -> SubmitVerdict {
        guard let platform = books.file(order).platform else {
            return .unknown(.platform(code: "SYSTEMERROR"))
        }
        if schedule.happens(.systemError) { return .unknown(.platform(code: "SYSTEMERROR")) }
        if let refusal = platform.refusal { return .refused(refusal) }
        switch platform.state {
        case .success: return .paid(World.proof(order))
        case .userPaying, .accept: return .passwordNeeded
        case .notPay, .payError: return .unknown(.platform(code: "BANKERROR"))
        case .closed: return .refused(.closed)
        case .revoked, .refund: return .refused(.reversed)
        }
    }

    static func proof(_ order: OrderNumber) -> PaymentProof {
        PaymentProof(transactionID: order.text, paidAtSeconds: nil, maskedPayer: nil)
    }

    // MARK: - By itself

    func act(_ order: OrderNumber, _ act: PlatformOrder.Act) {
        let file = books.file(order)
        if act == .refunded {
            guard file.platform?.refund == .processing else { return }
            file.platform?.refund = .done
            return giveBack(file)
        }
        guard let platform = file.platform, platform.isOpen else { return }
        switch act {
        case .refunded: break
        case .pays: charge(file)
        case .closesPassword:
            note("the payer closes the password page of \(order)")
            file.platform?.state = .payError
        case .ownEnd:
            note("the platform ends \(order)")
            file.platform?.state = platform.showsOtherState ? .closed : .revoked
        }
    }

    private func charge(_ file: OrderFile) {
        guard file.platform?.charged == nil else { return }
        file.platform?.state = .success
        file.platform?.isAbsent = false
        file.platform?.charged = now
        tally.charges += 1
        see(.charged(file))
    }

    func giveBack(_ file: OrderFile) {
        file.platform?.returned = now
        tally.returns += 1
        see(.returned(file))
    }

    // MARK: - Query

    func platformQuery(_ order: OrderNumber, _ amount: Money?) -> QueryVerdict {
        let file = books.file(order)
        if schedule.happens(.queryFails) { return .unknown(.platform(code: "SYSTEMERROR")) }
        guard let platform = file.platform, !platform.isAbsent else { return .orderNotExist }
        if platform.refusal == nil, now - platform.created < 5 * Span.second,
            schedule.happens(.orderDenied)
        {
            return .orderNotExist
        }
        let transaction = platform.charged == nil ? nil : order.text
        let undone = platform.namesUndonePayment ? transaction : nil
        switch platform.state {
        case .success:
            guard amount == platform.amount else { return .unknown(.mismatch(field: "total_fee")) }
            return .paid(World.proof(order))
        case .notPay: return .notPaid(.notPay, transactionID: nil)
        case .userPaying: return .notPaid(.userPaying, transactionID: nil)
        case .accept: return .notPaid(.accept, transactionID: nil)
        case .payError: return .notPaid(.payError, transactionID: nil)
        case .closed: return .notPaid(.closed, transactionID: undone)
        case .revoked: return .notPaid(.revoked, transactionID: undone)
        case .refund: return .notPaid(.refund, transactionID: transaction)
        }
    }

    // MARK: - Reverse

    /// SUCCESS of an order nobody knows, on purpose (wire facts, 1.10).
    func platformReverse(_ order: OrderNumber, isFirst: Bool) -> ReverseVerdict {
        let file = books.file(order)
        guard let platform = file.platform else {
            file.isReversedUnseen = true
            return .accepted(recall: false)
        }
        if platform.state == .success, now - platform.created > PlatformOrder.longestReverse {
            return .refused(code: "REVERSE_EXPIRE")
        }
        if platform.refusesReverse || schedule.happens(.reverseRefused) {
            file.platform?.refusesReverse = true
            file.isForPerson = true
            return .refused(code: "TRADE_ERROR")
        }
        if isFirst, var fault = schedule.strikes(.reverseFails) {
            if fault.oneIn(2) { undo(file, platform) }
            return .again(code: "SYSTEMERROR")
        }
        if isFirst, var fault = schedule.strikes(.recall) {
            return fault.oneIn(2) ? .accepted(recall: true) : .again(code: "SYSTEMERROR")
        }
        if platform.state == .userPaying, schedule.happens(.reverseBusy) {
            return .again(code: "USERPAYING")
        }
        // Seen with wrong merchant parameters: SUCCESS, and nothing is undone (wire facts, 8, 16).
        if isFirst, schedule.happens(.reverseLies) { return .accepted(recall: false) }
        undo(file, platform)
        return .accepted(recall: false)
    }

    // MARK: - Refund (wire facts, 1.12 and 2.4)

    /// The same number refunds once; accepted is not done.
    func platformRefund(_ order: OrderNumber, _ amount: Money?) -> RefundVerdict {
        let file = books.file(order)
        guard let platform = file.platform, amount == platform.amount else {
            return World.unlistedRefund("ORDERNOTEXIST")
        }
        if platform.refund != nil { return .accepted }
        guard platform.state == .success else {
            // Somebody else has given the money back: refused for good, or in a word that no table lists.
            return platform.showsOtherState
                ? .refused(code: "ERROR") : World.unlistedRefund("TRADE_STATE_ERROR")
        }
        if schedule.happens(.refundFails) { return .again(code: "SYSTEMERROR") }
        if schedule.happens(.fundsLow) { return .again(code: "NOTENOUGH") }
        if schedule.happens(.refundRefused) {
            file.isForPerson = true
            return .refused(code: "USER_ACCOUNT_ABNORMAL")
        }
        file.platform?.state = .refund
        if schedule.happens(.refundStuck) {
            file.isForPerson = true
            file.platform?.refund = .stuck
            return .accepted
        }
        file.platform?.refund = .processing
        var dice = schedule.orderDice()
        planAct(.refunded, file, in: dice.spread(Span.second, PlatformOrder.longestRefund))
        return .accepted
    }

    /// What the dialect makes of a code that its table of refunds does not list (wire facts, 2.4).
    private static func unlistedRefund(_ code: String) -> RefundVerdict {
        .unknown(.platform(code: code))
    }

    func platformRefundQuery(_ order: OrderNumber) -> RefundQueryVerdict {
        if schedule.happens(.queryFails) { return .unknown(.platform(code: "SYSTEMERROR")) }
        switch books.file(order).platform?.refund {
        case nil: return .refundNotExist
        case .processing: return .processing
        case .done: return .refunded
        case .stuck: return .stuck(state: "CHANGE")
        }
    }

    private func undo(_ file: OrderFile, _ platform: PlatformOrder) {
        switch platform.state {
        case .success:
            giveBack(file)
            file.platform?.state = platform.showsOtherState ? .refund : .revoked
        case .notPay, .userPaying, .accept:
            note("the platform revokes \(file.order)")
            file.platform?.state = platform.showsOtherState ? .closed : .revoked
        case .payError, .closed, .revoked, .refund: break
        }
    }
}
