import Payments
import Testing

/// The machine of one order, every pair of state and answer (C2, C3, C5).
@Suite("The revoke machine, pair by pair")
struct RevokeMachineTests {
    static let queries: [QueryVerdict] =
        TradeState.allCases.map { .notPaid($0, transactionID: nil) } + [
            .paid(proof), .orderNotExist, .unknown(.platform(code: "SYSTEMERROR")),
            .unknown(.unlisted(code: "X")), .configuration(.code("SIGNERROR")),
        ]
    static let reverses: [ReverseVerdict] = [
        .accepted(recall: false), .accepted(recall: true), .again(code: "USERPAYING"),
        .refused(code: "REVERSE_EXPIRE"), .unknown(.unverified(reason: "sign")),
        .configuration(.certificateRefused),
    ]
    static let refunds: [RefundVerdict] = [
        .accepted, .again(code: "NOTENOUGH"), .refused(code: "ERROR"),
        .unknown(.unverified(reason: "sign")), .configuration(.certificateRefused),
    ]
    static let refundQueries: [RefundQueryVerdict] = [
        .refunded, .processing, .refundNotExist, .stuck(state: "CHANGE"),
        .unknown(.malformed(reason: "xml")), .configuration(.code("SIGNERROR")),
    ]
    static let answers: [StepAnswer] =
        queries.map(StepAnswer.query) + reverses.map(StepAnswer.reverse)
        + refunds.map(StepAnswer.refund) + refundQueries.map(StepAnswer.refundQuery)

    static let start = Moment(
        boot: BootTime(nanoseconds: 1_000_000_000_000),
        bootID: BootID("boot-1"),
        wall: WallTime(milliseconds: 1_700_000_000_000, isSynchronised: true)
    )

    static func at(_ seconds: Double) -> Moment {
        Moment(
            boot: BootTime(nanoseconds: start.boot.nanoseconds + Int64(seconds * 1e9)),
            bootID: start.bootID,
            wall: start.wall
        )
    }

    /// A machine whose next step is due at once.
    static func waiting(
        _ call: RevokeMachine.Call,
        _ change: (inout RevokeRow) -> Void = { _ in },
    ) -> RevokeMachine {
        let queued = QueuedOrders(1)
        let reason = queued.rows.revokes[0].reason
        var row = RevokeRow(order: queued.orders[0], reason: reason, decided: start, due: start)
        change(&row)
        return RevokeMachine(
            row: row,
            attempt: queued.rows.attempts[0],
            begins: call,
            timing: Timing()
        )
    }

    static func stepping(
        _ call: RevokeMachine.Call,
        _ change: (inout RevokeRow) -> Void = { _ in },
    ) -> RevokeMachine {
        var machine = waiting(call, change)
        _ = machine.begin(at: start.boot)
        return machine
    }

    /// After one answer, `jitter` at its most.
    static func after(_ machine: RevokeMachine, _ answer: StepAnswer) -> RevokeMachine {
        var machine = machine
        let wasAwaited = machine.answered(answer, at: start, jitter: 0.999)
        #expect(wasAwaited)
        return machine
    }

    static func pause(_ machine: RevokeMachine) -> Duration { machine.row.due.boot - start.boot }

    @Test("An answer that this state does not wait for changes nothing")
    func stray() {
        var settled = Self.stepping(.query)
        _ = settled.answered(
            .query(.notPaid(.closed, transactionID: nil)),
            at: Self.start,
            jitter: 0
        )
        #expect(settled.state == .settled)
        let parked = Self.waiting(.query) {
            $0.parked = Self.start
            $0.parkedReason = "refund CHANGE"
        }
        #expect(parked.state == .parked)
        let calls = RevokeMachine.Call.allCases
        let machines =
            calls.map { Self.waiting($0) } + calls.map { Self.stepping($0) } + [settled, parked]
        for machine in machines {
            for answer in Self.answers where machine.state != .stepping(answer.call) {
                var changed = machine
                let wasAwaited = changed.answered(answer, at: Self.start, jitter: 0.5)
                #expect(!wasAwaited && changed == machine, "\(machine.state) \(answer)")
            }
        }
        for machine in [settled, parked] {
            var later = machine
            #expect(later.begin(at: Self.at(1e6).boot) == nil)
            #expect(later.nextStep == nil)
        }
    }

    @Test("Every answer leads on: another step in time, an end, or a person")
    func everyAnswer() {
        for answer in Self.answers {
            let machine = Self.after(Self.stepping(answer.call), answer)
            #expect(machine.row.tries == 1 && machine.row.lastAnswer != nil)
            switch machine.state {
            case .waiting: #expect(machine.nextStep != nil)
            case .settled: #expect(machine.row.settled != nil && machine.owesRecord)
            case .parked: #expect(machine.row.parked != nil && machine.owesRecord)
            case .stepping: Issue.record("\(answer) leaves the step open")
            }
        }
    }

    @Test(
        "Undone says what is proven of the money: REVOKED and CLOSED need not name a payment (C3, G3)",
        arguments: [
            (TradeState.revoked, nil as String?, "nothing-kept"), (.closed, nil, "nothing-kept"),
            (.revoked, "1", "returned"), (.closed, "1", "returned"), (.refund, nil, "returned"),
            (.payError, nil, "nothing-charged"),
        ]
    )
    func outcome(_ state: TradeState, _ transaction: String?, _ outcome: String) {
        var machine = Self.stepping(.query) {
            $0.accepted = Self.start
            $0.toConfirm = TradeState.payError.rawValue
            $0.toConfirmSince = Self.at(-60)
        }
        machine = Self.after(machine, .query(.notPaid(state, transactionID: transaction)))
        #expect(machine.state == .settled && machine.attempt.outcome == outcome)
    }

    @Test("A first revoke that comes late looks first; the revoke then follows at once (C3)")
    func looksFirst() {
        let late = Self.at(20.1).boot
        var machine = Self.waiting(.reverse)
        #expect(machine.begin(at: late) == .query)
        machine = Self.after(machine, .query(.paid(proof)))
        #expect(machine.row.chargeSeen && machine.state == .waiting(next: .reverse))
        #expect(Self.pause(machine) == .zero && machine.begin(at: late) == .reverse)
        // Asked once, answered or not; in time, refused (rule B4) or known to be charged it is not asked at all.
        var unknown = Self.waiting(.reverse)
        #expect(unknown.begin(at: late) == .query)
        unknown = Self.after(unknown, .query(.unknown(.platform(code: "SYSTEMERROR"))))
        #expect(unknown.begin(at: Self.at(60).boot) == .reverse)
        var inTime = Self.waiting(.reverse)
        #expect(inTime.begin(at: Self.at(19.9).boot) == .reverse)
        var known = Self.waiting(.reverse) { $0.chargeSeen = true }
        #expect(known.begin(at: late) == .reverse)
        let refused = QueuedOrders(1, reason: .refused)
        var confirmed = RevokeMachine(
            row: refused.rows.revokes[0],
            attempt: refused.rows.attempts[0],
            begins: .reverse,
            timing: Timing()
        )
        #expect(confirmed.begin(at: late) == .reverse)
    }

    @Test(
        "Only REVOKED, CLOSED and REFUND of a verified query settle at once (C3)",
        arguments: RevokeMachineTests.queries
    )
    func settles(_ verdict: QueryVerdict) {
        let machine = Self.after(Self.stepping(.query), .query(verdict))
        let ends: [QueryVerdict] = [
            .notPaid(.revoked, transactionID: nil), .notPaid(.closed, transactionID: nil),
            .notPaid(.refund, transactionID: nil),
        ]
        #expect((machine.state == .settled) == ends.contains(verdict))
        #expect((machine.attempt.state == .undone) == ends.contains(verdict))
    }

    @Test("A final refusal and a query that says SUCCESS: refund (C5)")
    func refusedAndPaid() {
        var machine = Self.after(
            Self.stepping(.reverse),
            .reverse(.refused(code: "REVERSE_EXPIRE"))
        )
        #expect(machine.state == .waiting(next: .query))
        #expect(machine.row.refusal == "REVERSE_EXPIRE")
        // No answer in between makes it a revoke again.
        _ = machine.begin(at: Self.at(10).boot)
        machine = Self.after(machine, .query(.unknown(.platform(code: "SYSTEMERROR"))))
        #expect(machine.state == .waiting(next: .query))
        _ = machine.begin(at: Self.at(20).boot)
        machine = Self.after(machine, .query(.paid(proof)))
        #expect(machine.state == .waiting(next: .refund))
        #expect(machine.attempt.state == .refunding)
        #expect(machine.row.refundDecided == Self.start && machine.row.chargeSeen)
    }

    @Test("Paid without a refusal is revoked, not refunded (C3)")
    func paidIsRevoked() {
        let machine = Self.after(Self.stepping(.query), .query(.paid(proof)))
        #expect(machine.state == .waiting(next: .reverse))
        #expect(machine.attempt.state == .revoking)
    }

    @Test("A refusal that a later answer takes back is none")
    func refusalTakenBack() {
        for verdict in [ReverseVerdict.accepted(recall: false), .again(code: "SYSTEMERROR")] {
            let machine = Self.after(
                Self.stepping(.reverse) { $0.refusal = "TRADE_ERROR" },
                .reverse(verdict)
            )
            #expect(machine.row.refusal == nil)
        }
    }

    @Test("Finally refused six times and never paid: parked for a person (C5)")
    func refusedForEver() {
        for answer in [
            QueryVerdict.orderNotExist, .notPaid(.payError, transactionID: nil),
            .notPaid(.notPay, transactionID: nil),
        ] {
            let few = Self.after(
                Self.stepping(.query) {
                    $0.refusal = "REVERSE_EXPIRE"
                    $0.unknownAnswers = 5
                },
                .query(answer)
            )
            #expect(few.state == .waiting(next: .reverse))
            #expect(Self.pause(few) >= .seconds(1))
            let many = Self.after(
                Self.stepping(.query) {
                    $0.refusal = "REVERSE_EXPIRE"
                    $0.unknownAnswers = 6
                },
                .query(answer)
            )
            #expect(many.state == .parked)
            #expect(many.row.parkedReason == "revoke-refused REVERSE_EXPIRE")
        }
    }

    @Test("INVALID_REQUEST and TRADE_ERROR show it to a person at once; trying goes on (C4)")
    func wantsPerson() {
        for verdict in [
            ReverseVerdict.again(code: "INVALID_REQUEST"), .refused(code: "TRADE_ERROR"),
        ] {
            let machine = Self.after(Self.stepping(.reverse), .reverse(verdict))
            #expect(machine.row.needsPerson && machine.nextStep != nil)
        }
        let unlisted = Self.after(
            Self.stepping(.query),
            .query(.unknown(.unlisted(code: "NEW_CODE")))
        )
        #expect(unlisted.row.needsPerson)
    }

    // MARK: - Refund (C5)

    static func refunding(
        _ call: RevokeMachine.Call,
        _ change: (inout RevokeRow) -> Void = { _ in },
    ) -> RevokeMachine {
        stepping(call) {
            $0.refundDecided = start
            $0.chargeSeen = true
            change(&$0)
        }
    }

    @Test("A refund's own SUCCESS proves nothing: its query has the word (C5)")
    func accepted() {
        let machine = Self.after(Self.refunding(.refund), .refund(.accepted))
        #expect(machine.state == .waiting(next: .refundQuery))
        #expect(Self.pause(machine) == .seconds(5))
    }

    @Test("Only a refund query that says SUCCESS ends it: refunded, money returned (C5)")
    func refunded() {
        for verdict in Self.refundQueries {
            let machine = Self.after(Self.refunding(.refundQuery), .refundQuery(verdict))
            #expect((machine.state == .settled) == (verdict == .refunded))
            guard verdict == .refunded else { continue }
            #expect(machine.attempt.state == .refunded)
            #expect(machine.attempt.outcome == "returned")
        }
    }

    @Test("Patience, silence and doubt: never a second refund within a minute (C5)")
    func secondRefund() {
        let again = Self.after(Self.refunding(.refund), .refund(.again(code: "NOTENOUGH")))
        #expect(again.state == .waiting(next: .refund))
        #expect(Self.pause(again) >= .seconds(60))
        let unclear = Self.after(
            Self.refunding(.refund),
            .refund(.unknown(.malformed(reason: "x")))
        )
        #expect(unclear.state == .waiting(next: .refundQuery))
        // The refund never arrived: the same one again, but not at once, also where a restart forgot when it left.
        for machine in [Self.refunding(.refundQuery), unclear] {
            var machine = machine
            _ = machine.begin(at: Self.at(5).boot)
            machine = Self.after(machine, .refundQuery(.refundNotExist))
            #expect(machine.state == .waiting(next: .refund))
            #expect(Self.pause(machine) >= .seconds(60))
        }
    }

    @Test("CHANGE and every other state that cannot end by itself is parked (C5)")
    func stuck() {
        let machine = Self.after(
            Self.refunding(.refundQuery),
            .refundQuery(.stuck(state: "ABNORMAL"))
        )
        #expect(machine.state == .parked && machine.attempt.state == .parked)
        #expect(machine.row.parkedReason == "refund ABNORMAL")
    }

    @Test("A refused refund that its query does not know is parked if the order is still paid (C5)")
    func refused() {
        var machine = Self.after(Self.refunding(.refund), .refund(.refused(code: "TRADE_OVERDUE")))
        #expect(machine.state == .waiting(next: .refundQuery))
        _ = machine.begin(at: Self.at(10).boot)
        var none = Self.after(machine, .refundQuery(.refundNotExist))
        #expect(none.state == .waiting(next: .query))
        _ = none.begin(at: Self.at(10).boot)
        let paid = Self.after(none, .query(.paid(proof)))
        #expect(paid.state == .parked)
        #expect(paid.row.parkedReason == "refund-refused TRADE_OVERDUE")
        // Nothing is decided on no answer.
        let unclear = Self.after(none, .query(.unknown(.platform(code: "SYSTEMERROR"))))
        #expect(unclear.state == .waiting(next: .query))
        #expect(Self.after(machine, .refundQuery(.refunded)).state == .settled)
        let underWay = Self.after(machine, .refundQuery(.processing))
        #expect(underWay.state == .waiting(next: .refundQuery) && underWay.row.refusal == nil)
    }

    @Test("Money that a person gave back shows in the order: no other refund is asked for (C3, C5)")
    func givenBackByHand() {
        for state in [TradeState.revoked, .closed, .refund] {
            var machine = Self.refunding(.refundQuery) { $0.refusal = "ERROR" }
            machine = Self.after(machine, .refundQuery(.refundNotExist))
            _ = machine.begin(at: Self.at(10).boot)
            machine = Self.after(machine, .query(.notPaid(state, transactionID: nil)))
            if state == .refund {
                // It could be the kiosk's own, until the query of that says no.
                #expect(machine.state == .waiting(next: .refundQuery))
                _ = machine.begin(at: Self.at(20).boot)
                let own = Self.after(machine, .refundQuery(.stuck(state: "CHANGE")))
                #expect(own.state == .parked)
                machine = Self.after(machine, .refundQuery(.refundNotExist))
            }
            #expect(machine.state == .settled && machine.attempt.state == .undone)
            #expect(machine.attempt.outcome == "returned")
        }
    }

    @Test(
        "Every sixth unclear answer about a refund is followed by one look at the order (C4, C5)",
        arguments: [
            StepAnswer.refund(.again(code: "NOTENOUGH")),
            .refund(.unknown(.platform(code: "TRADE_STATE_ERROR"))),
            .refundQuery(.unknown(.platform(code: "NEW_CODE"))), .refundQuery(.refundNotExist),
        ]
    )
    func looksAtTheOrder(_ answer: StepAnswer) {
        for (before, isLooked) in [(4, false), (5, true), (6, false), (11, true)] {
            let machine = Self.after(
                Self.refunding(answer.call) { $0.unknownAnswers = before },
                answer
            )
            #expect((machine.state == .waiting(next: .query)) == isLooked, "\(before)")
        }
        var machine = Self.refunding(answer.call) { $0.unknownAnswers = 5 }
        machine = Self.after(machine, answer)
        _ = machine.begin(at: Self.at(1_000).boot)
        for verdict in [QueryVerdict.paid(proof), .unknown(.platform(code: "SYSTEMERROR"))] {
            let next = Self.after(machine, .query(verdict))
            #expect(next.state == .waiting(next: .refundQuery))
        }
    }

    @Test("What the journal may have lost of a refund is no word of the order's (A5, C5)")
    func lostMark() {
        var machine = Self.stepping(.query) {
            $0.refusal = "REVERSE_EXPIRE"
            $0.toConfirm = "REFUND"
        }
        machine = Self.after(machine, .query(.paid(proof)))
        #expect(machine.state == .waiting(next: .refund))
        _ = machine.begin(at: Self.at(1).boot)
        machine = Self.after(machine, .refund(.unknown(.noReply(reason: "cut"))))
        _ = machine.begin(at: Self.at(10).boot)
        // Not returned by anybody: it is asked for again.
        machine = Self.after(machine, .refundQuery(.refundNotExist))
        #expect(machine.state == .waiting(next: .refund))
    }

    // MARK: - Time

    @Test("The back-off doubles from two seconds to fifteen minutes, with full jitter (C4)")
    func backOff() {
        for (tries, most) in [(0, 4.0), (1, 8), (3, 32), (8, 900), (40, 900)] {
            var least = Self.stepping(.query) { $0.tries = tries }
            var longest = least
            let answer = StepAnswer.query(.unknown(.platform(code: "X")))
            _ = least.answered(answer, at: Self.start, jitter: 0)
            _ = longest.answered(answer, at: Self.start, jitter: 0.999_999)
            #expect(Self.pause(least) == .seconds(1))
            #expect(Self.pause(longest) <= .seconds(most))
            #expect(Self.pause(longest) > .seconds(most * 0.99))
        }
    }

    @Test("The network's return hastens what is due, and nothing that a rule holds back (C2, C3)")
    func reschedule() {
        var due = Self.waiting(.reverse)
        due.reschedule(to: Self.at(12).boot, at: Self.start)
        #expect(Self.pause(due) == .seconds(12))
        var later = Self.waiting(.reverse) { $0.due = Self.at(15) }
        later.reschedule(to: Self.at(3).boot, at: Self.start)
        #expect(Self.pause(later) == .seconds(15))
    }

    @Test(
        "A step that fails with the network is no try: the same again; an unclear refund is asked for"
    )
    func outage() {
        for call in RevokeMachine.Call.allCases {
            var machine = Self.stepping(call)
            let row = machine.row
            let wasAwaited = machine.failedInOutage(call, at: Self.start)
            #expect(wasAwaited)
            #expect(machine.state == .waiting(next: call == .refund ? .refundQuery : call))
            #expect(machine.row.tries == row.tries && machine.row.lastAnswer == row.lastAnswer)
            #expect(!machine.row.needsPerson)
            var other = Self.waiting(call)
            let isStray = other.failedInOutage(call, at: Self.start)
            #expect(!isStray)
        }
    }

    @Test("An adopted order is looked at before it is revoked; paid, it goes to a person (A5)")
    func adopted() {
        let unknown = Self.after(
            Self.stepping(.query) { $0.isAdopted = true },
            .query(.unknown(.platform(code: "X")))
        )
        #expect(unknown.state == .waiting(next: .query))
        let paid = Self.after(Self.stepping(.query) { $0.isAdopted = true }, .query(.paid(proof)))
        #expect(paid.state == .parked && paid.isAboutGoods)
        #expect(paid.row.parkedReason == "paid-before-adoption")
        let unpaid = Self.after(
            Self.stepping(.query) { $0.isAdopted = true },
            .query(.notPaid(.notPay, transactionID: nil))
        )
        #expect(unpaid.state == .waiting(next: .reverse) && !unpaid.row.isAdopted)
    }
}
