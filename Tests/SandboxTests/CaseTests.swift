import Payments
import Testing

@testable import Sandbox

/// What a client sees of a submit.
private enum Outcome: Equatable {
    case paid
    case fails(String)
    case silence
    case reset
    case truncated
    case status(Int)
    /// A reply whose signature is missing or wrong.
    case unverified
    /// Verified, but not what was asked.
    case mismatched
    case doctype
    case oversized
}

/// How the order ends when a careful client queries, then reverses until it is settled.
private enum End: Equatable {
    case paid
    /// Settled by reverse; whether money had moved before.
    case undone(charged: Bool)
    /// The payer's time decides which.
    case paidOrUndone
    /// The platform refuses the reverse for ever and keeps the money.
    case stuck
}

@Suite("Every case, over TLS")
struct CaseTests {
    private static let expected: [String: (Outcome, End)] = [
        "paid": (.paid, .paid), "paid-with-coupon": (.paid, .paid), "paid-slowly": (.paid, .paid),
        "password-then-paid": (.fails("USERPAYING"), .paidOrUndone),
        "password-never-paid": (.fails("USERPAYING"), .undone(charged: false)),
        "password-then-cancelled": (.fails("USERPAYING"), .undone(charged: false)),
        "password-too-late": (.fails("USERPAYING"), .paidOrUndone),
        "late-payment": (.fails("USERPAYING"), .undone(charged: true)),
        "page-held": (.fails("USERPAYING"), .undone(charged: false)),
        "too-little-money": (.fails("NOTENOUGH"), .undone(charged: false)),
        "expired-code": (.fails("AUTHCODEEXPIRE"), .undone(charged: false)),
        "used-code": (.fails("AUTH_CODE_ERROR"), .undone(charged: false)),
        "invalid-code": (.fails("AUTH_CODE_INVALID"), .undone(charged: false)),
        "card-not-supported": (.fails("NOTSUPORTCARD"), .undone(charged: false)),
        "trade-error": (.fails("TRADE_ERROR"), .undone(charged: false)),
        "unlisted-code": (.fails("SANDBOX_UNLISTED"), .undone(charged: false)),
        "other-payer": (.fails("BUYER_MISMATCH"), .undone(charged: false)),
        "refused-but-paid": (.fails("NOTENOUGH"), .paid),
        "system-error-paid": (.fails("SYSTEMERROR"), .paid),
        "system-error-not-paid": (.fails("SYSTEMERROR"), .undone(charged: false)),
        "bank-error-paid": (.fails("BANKERROR"), .paidOrUndone),
        "bank-error-not-paid": (.fails("BANKERROR"), .undone(charged: false)),
        "unlisted-code-paid": (.fails("SANDBOX_UNLISTED"), .paid),
        "communication-failure-paid": (.unverified, .paid),
        "no-reply-paid": (.silence, .paid), "no-reply-lost": (.silence, .undone(charged: false)),
        "cut-before-processing": (.reset, .undone(charged: false)),
        "cut-before-reply": (.reset, .paid), "cut-during-reply": (.truncated, .paid),
        "slow-reply": (.paid, .paid), "http-500-paid": (.status(500), .paid),
        "http-502-lost": (.status(502), .undone(charged: false)),
        "html-reply": (.unverified, .paid), "garbage-reply": (.unverified, .paid),
        "empty-reply": (.unverified, .paid),
        "forged-success": (.unverified, .undone(charged: false)),
        "forged-signature": (.unverified, .paid),
        "unsigned-success": (.unverified, .undone(charged: false)),
        "wrong-amount": (.mismatched, .paid), "wrong-order": (.mismatched, .paid),
        "wrong-merchant": (.mismatched, .paid), "duplicate-field": (.unverified, .paid),
        "doctype-reply": (.doctype, .paid), "oversized-reply": (.oversized, .paid),
        "reverse-recall-twice": (.fails("USERPAYING"), .undone(charged: false)),
        "reverse-system-error-twice": (.fails("USERPAYING"), .undone(charged: false)),
        "reverse-html-400-twice": (.fails("USERPAYING"), .undone(charged: false)),
        "reverse-no-reply": (.fails("USERPAYING"), .undone(charged: false)),
        "reverse-without-effect": (.fails("USERPAYING"), .undone(charged: false)),
        "reverse-forged": (.fails("USERPAYING"), .undone(charged: false)),
        "reverse-http-502-twice": (.fails("USERPAYING"), .undone(charged: false)),
        "reverse-shows-refund": (.fails("USERPAYING"), .undone(charged: true)),
        "reverse-shows-closed": (.fails("USERPAYING"), .undone(charged: false)),
        "reverse-hides-payment": (.fails("USERPAYING"), .undone(charged: true)),
        "reverse-expired": (.fails("USERPAYING"), .stuck),
        "query-no-reply-twice": (.fails("USERPAYING"), .paid),
        "query-http-502-thrice": (.fails("USERPAYING"), .undone(charged: true)),
        "query-forged-success": (.fails("USERPAYING"), .undone(charged: false)),
        "query-denies-order": (.fails("SYSTEMERROR"), .paid),
        "query-wrong-amount": (.fails("SYSTEMERROR"), .paid),
        "query-system-error-twice": (.fails("USERPAYING"), .paidOrUndone),
        "query-unlisted-code": (.fails("USERPAYING"), .paidOrUndone),
        "sign-error": (.fails("SIGNERROR"), .undone(charged: false)),
        "no-permission": (.fails("NOAUTH"), .undone(charged: false)),
        "app-mismatch": (.fails("APPID_MCHID_NOT_MATCH"), .undone(charged: false)),
        "parameter-error": (.fails("PARAM_ERROR"), .undone(charged: false)),
        "frequency-limited": (.fails("FREQUENCY_LIMITED"), .undone(charged: false)),
        "number-used": (.fails("OUT_TRADE_NO_USED"), .undone(charged: false)),
        // This client only reverses: RefundTests tells the rest.
        "refund-processing": (.fails("USERPAYING"), .stuck),
        "refund-change": (.fails("USERPAYING"), .stuck),
        "refund-system-error-twice": (.fails("USERPAYING"), .stuck),
        "refund-too-little-money": (.fails("USERPAYING"), .stuck),
        "refund-no-reply": (.fails("USERPAYING"), .stuck),
        "refund-refused": (.fails("USERPAYING"), .stuck),
    ]

    @Test("This table knows every case and no other")
    func table() {
        #expect(Set(Self.expected.keys) == Set(SandboxCase.allCases.map(\.name)))
    }

    @Test(
        "The scan's last digits choose the case, and the ledger tells what became of the money",
        arguments: SandboxCase.allCases
    )
    func tale(of play: SandboxCase) async throws {
        let (outcome, end) = try #require(Self.expected[play.name])
        // The platform's own revoke is tested by its own clock; here a slow machine must not run into it.
        var timings = SandboxTimings.scaled(by: 0.01)
        timings.platformRevoke = .seconds(20)
        try await Stand.run(timings: timings) { stand throws in
            let client = CarefulClient(stand: stand, order: Merchant.unique("K0007-"), of: play)
            let seen = try client.submit(code: Merchant.code(play.digits))
            #expect(seen == outcome, "\(play.name)")
            let isPaid = try outcome == .paid || client.findsPaid()
            if !isPaid { try client.undo(isHopeless: end == .stuck) }
            let entry = try stand.entry(client.order)
            #expect(entry.caseName == play.name)
            switch end {
            case .paid: #expect(isPaid && entry.holdsMoney && entry.state == .success)
            case .undone(let charged):
                #expect(!isPaid && !entry.holdsMoney && (entry.charged != nil) == charged)
            case .paidOrUndone: #expect(isPaid == entry.holdsMoney)
            case .stuck: #expect(!isPaid && entry.holdsMoney)
            }
            #expect(stand.server.violations().isEmpty)
        }
    }
}

/// Submits, queries and reverses as the rules ask, each call on a connection of its own.
private struct CarefulClient {
    let stand: Stand
    let order: String
    /// Short only where silence is what is tested: elsewhere a slow machine must not look silent.
    private let patience: Duration

    init(stand: Stand, order: String, of play: SandboxCase) {
        self.stand = stand
        self.order = order
        let isSilent =
            play.fault == .silence || play.arrival == .swallowed
            || play.queries.contains(.faulty(.silence))
            || play.reverses.contains(.doneButFaulty(.silence))
        patience = isSilent ? .milliseconds(1200) : .seconds(20)
    }

    func submit(code: String) throws -> Outcome {
        try outcome(of: .submit, stand.merchant.submit(order, code: code))
    }

    /// Whether one of three queries says SUCCESS and is to be believed.
    func findsPaid() throws -> Bool {
        for _ in 0..<3 where try outcome(of: .query, stand.merchant.query(order)) == .paid {
            return true
        }
        return false
    }

    /// Not before the platform's time, and again until a query says that it is settled.
    func undo(isHopeless: Bool) throws {
        let timings = stand.server.options.timings
        if let submitted = stand.server.entry(of: order)?.history.last?.at {
            Pause.until(submitted + timings.earliestReverse)
        }
        for _ in 0..<(isHopeless ? 3 : 12) {
            let reverse = try outcome(of: .reverse, stand.merchant.query(order))
            if reverse == .paid, try isSettled() { return }
            Pause.until(PlatformTime.now.boot + .milliseconds(60))
        }
        #expect(isHopeless, "never settled: \(stand.server.ledger())")
    }

    private func isSettled() throws -> Bool {
        let answer = try stand.query(order)
        #expect(stand.merchant.verifies(answer))
        return ["REVOKED", "CLOSED", "REFUND"].contains(answer["trade_state"])
            || answer["err_code"] == "ORDERNOTEXIST"
    }

    private func outcome(of operation: SandboxOperation, _ body: [UInt8]) throws -> Outcome {
        do {
            let client = try stand.connect()
            client.wait(atMost: patience)
            let answer = try client.post(operation.path, body)
            return judge(answer, of: operation)
        } catch TLSClient.Failure.silence {
            return .silence
        } catch TLSClient.Failure.ended(let wasReset, let received) {
            #expect(received.isEmpty == wasReset)
            return wasReset ? .reset : .truncated
        }
    }

    private func judge(_ answer: Answer, of operation: SandboxOperation) -> Outcome {
        if answer.status != 200 { return .status(answer.status) }
        if answer.text.contains("<!DOCTYPE") { return .doctype }
        guard answer["return_code"] == "SUCCESS", stand.merchant.verifies(answer) else {
            return .unverified
        }
        if answer.body.count > 1 << 20 { return .oversized }
        if answer["mch_id"] != stand.material.identity.merchantID { return .mismatched }
        guard answer["result_code"] == "SUCCESS" else { return .fails(answer["err_code"] ?? "") }
        if operation == .reverse {
            return answer["recall"] == "Y" ? .fails("recall") : .paid
        }
        let state = answer["trade_state"] ?? "SUCCESS"
        guard state == "SUCCESS" else { return .fails(state) }
        let isAsked = answer["out_trade_no"] == order && answer["total_fee"] == "888"
        return isAsked ? .paid : .mismatched
    }
}

/// Waits for the clock, which is a condition of its own where the platform's times are tested.
enum Pause {
    static func until(_ time: BootTime) {
        guard let wakeup = try? Wakeup() else { return }
        while PlatformTime.now.boot < time { wakeup.wait(until: time) }
    }
}
