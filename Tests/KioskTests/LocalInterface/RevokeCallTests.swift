import Kiosk
import Payments
import Testing

/// The calls about the revoke queue, as a technician makes them (interfaces, 3).
@Suite struct RevokeCallTests {
    private static let path = "/v1/revokes/\(Samples.order)"
    private static let word = #"{"outcome":"written-off","note":"the goods were taken"}"#

    private static func entry(_ state: AttemptState) -> RevokeEntry {
        var row = RevokeRow(
            order: Samples.order,
            reason: "expired",
            decided: Samples.moment,
            tries: 3,
            due: Samples.moment,
            lastAnswer: "refund CHANGE",
            chargeSeen: true,
        )
        row.refundDecided = Samples.moment
        row.parked = Samples.moment
        row.parkedReason = "refund CHANGE"
        return RevokeEntry(row: row, attempt: Samples.attempt(state))
    }

    @Test func theQueueIsListedOldestFirst() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.revokes = [Self.entry(.parked)] }
            let answer = try exchange(running.socket, "GET", "/v1/revokes")
            #expect(answer.status == 200)
            #expect(
                answer.body == #"{"count":2,"revokes":[{"order":"K0007-0123456789ABCDEFGHJK","#
                    + #""sale":"S0123456789ABCDEF","amount":200,"currency":"CNY","#
                    + #""state":"parked","reason":"expired","#
                    + #""decidedAt":"2025-03-01T08:30:00.250Z","clockSynchronised":true,"#
                    + #""tries":3,"lastAnswer":"refund CHANGE","chargeSeen":true,"#
                    + #""flagged":false,"refundDecidedAt":"2025-03-01T08:30:00.250Z","#
                    + #""parkedAt":"2025-03-01T08:30:00.250Z","parkedReason":"refund CHANGE","#
                    + #""settledAt":null,"outcome":null}]}"#
            )
            #expect(!answer.body.contains("fingerprint"))
            _ = try exchange(running.socket, "GET", "/v1/revokes?limit=7")
            #expect(running.kiosk.with { $0.listLimits } == [200, 7])
            for wrong in ["limit=0", "limit=1001", "limit=x", "order=1"] {
                let answer = try exchange(running.socket, "GET", "/v1/revokes?\(wrong)")
                #expect(answer.status == 400, "\(wrong)")
            }
        }
    }

    @Test func aPersonsWordGoesInWithWhoSaidIt() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.revokeAnswer = { _, _ in .revoke(Self.entry(.writtenOff)) } }
            let answer = try exchange(
                running.socket,
                "POST",
                Self.path + "/settle",
                body: Self.word,
            )
            #expect(answer.status == 200)
            #expect(answer.body.contains(#""state":"written_off""#))
            let calls = running.kiosk.with { $0.revokeCalls.map(\.call) }
            guard case .settle(.writtenOff, note: let note, by: let by)? = calls.first else {
                Issue.record("\(calls)")
                return
            }
            #expect(note == "the goods were taken")
            #expect(by.hasPrefix("process ") && by.contains("user "))
        }
    }

    @Test func aTokensHolderIsNamedAsSuch() async throws {
        try await RunningInterface.serve { running in
            _ = try exchange(
                running.tcp,
                "POST",
                Self.path + "/settle",
                host: running.host,
                headers: [RunningInterface.tokenHeader],
                body: Self.word,
            )
            let calls = running.kiosk.with { $0.revokeCalls.map(\.call) }
            let by = "a holder of the token"
            #expect(calls == [.settle(.writtenOff, note: "the goods were taken", by: by)])
        }
    }

    @Test func aRetryCarriesNothing() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.revokeAnswer = { _, _ in .revoke(Self.entry(.refunding)) } }
            let answer = try exchange(running.socket, "POST", Self.path + "/retry")
            #expect(answer.status == 200)
            #expect(running.kiosk.with { $0.revokeCalls.map(\.call) } == [.retry])
            let wrong = try exchange(
                running.socket,
                "POST",
                Self.path + "/retry",
                body: #"{"now":true}"#,
            )
            #expect(wrong.status == 400)
        }
    }

    @Test func badWordsAreRefusedBeforeTheKioskIsAsked() async throws {
        try await RunningInterface.serve { running in
            let bodies = [
                "", "{}", #"{"outcome":"refunded"}"#, #"{"outcome":"refunded","note":""}"#,
                #"{"outcome":"lost","note":"n"}"#, #"{"outcome":"refunded","note":"n","x":1}"#,
                #"{"outcome":"refunded","note":"\#(String(repeating: "n", count: 501))"}"#,
            ]
            for body in bodies {
                let answer = try exchange(
                    running.socket,
                    "POST",
                    Self.path + "/settle",
                    body: body,
                )
                #expect([400, 415].contains(answer.status), "\(body)")
            }
            for order in ["x", "K0007-", "k0007-0123456789ABCDEFGHJK"] {
                let answer = try exchange(running.socket, "POST", "/v1/revokes/\(order)/retry")
                #expect(answer.status == 404)
                #expect(answer.problem == "no-such-revoke")
            }
            #expect(running.kiosk.with { $0.revokeCalls.isEmpty })
        }
    }

    @Test func whatTheKioskRefusesIsSaidInOneSentence() async throws {
        let refusals: [(Problem, Int)] = [
            (.noSuchRevoke, 404), (.alreadySettled(.refunded), 409), (.notParked, 409),
            (.needsReport, 409), (.journalNotAdopted, 409), (.journalDamaged, 409),
            (.storageFailed, 503),
        ]
        try await RunningInterface.serve { running in
            for (problem, status) in refusals {
                running.kiosk.with { $0.revokeAnswer = { _, _ in .problem(problem) } }
                let answer = try exchange(running.socket, "POST", Self.path + "/retry")
                #expect(answer.status == status)
                #expect(answer.problem == problem.word)
            }
            running.kiosk.with { $0.callAnswer = { _, _ in .problem(.releaseParked) } }
            let late = try exchange(
                running.socket,
                "POST",
                "/v1/sales/\(Samples.saleID)/delivered",
            )
            #expect(late.status == 409 && late.problem == "release-parked")
        }
    }
}
