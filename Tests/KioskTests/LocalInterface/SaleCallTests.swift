import Payments
import StrictJSON
import Synchronization
import Testing

@testable import Kiosk

/// The calls about sales, as an application makes them (interfaces, 3).
@Suite("Calls about sales (interfaces, 3)")
struct SaleCallTests {
    private static let wish = #"{"amount":200,"currency":"CNY","description":"Locker"}"#
    private static let path = "/v1/sales/\(Samples.saleID)"

    @Test("A sale is asked for and answered whole")
    func aSaleIsAskedForAndAnsweredWhole() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.answer = { _ in .created(Samples.sale()) } }
            let answer = try exchange(running.socket, "POST", "/v1/sales", body: Self.wish)
            #expect(answer.status == 201)
            #expect(answer.header("location") == Self.path)
            #expect(answer.header("content-type") == "application/json")
            #expect(answer.header("cache-control") == "no-store")
            #expect(answer.header("x-content-type-options") == "nosniff")
            #expect(
                answer.body == #"{"id":"S0123456789ABCDEF","state":"awaiting_code","amount":200,"#
                    + #""currency":"CNY","description":"Locker, 24 h","reference":"locker 7","#
                    + #""attempts":[],"transactionID":null,"paidAt":null,"message":"#
                    + #"{"zh-Hans":"请打开微信付款码，对准扫码口。","#
                    + #""en":"Hold your WeChat payment code to the scanner."}}"#
            )
            let asked = running.kiosk.with { $0.asked }
            #expect(asked.count == 1)
            #expect(asked.first?.amount == Samples.money)
            #expect(asked.first?.description == "Locker")
            #expect(asked.first?.reference == nil)
            #expect(asked.first?.idempotencyKey == nil)
            #expect(asked.first?.bodyHash == nil)
        }
    }

    @Test("A repeated key is recognised by what the body says, however it is spelt")
    func aRepeatedKeyIsRecognisedByWhatTheBodySays() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.answer = { _ in .sale(Samples.sale()) } }
            let bodies = [
                #"{"amount":200,"currency":"CNY","reference":"r"}"#,
                // The same, spelt otherwise.
                #" { "reference" : "\u0072" , "currency":"CNY", "amount":200, "description":"" } "#,
                // Another sale.
                #"{"amount":201,"currency":"CNY","reference":"r"}"#,
            ]
            for body in bodies {
                let answer = try exchange(
                    running.socket,
                    "POST",
                    "/v1/sales",
                    headers: ["Idempotency-Key: order/17"],
                    body: body,
                )
                #expect(answer.status == 200)
            }
            let asked = running.kiosk.with { $0.asked }
            #expect(asked.map(\.idempotencyKey) == ["order/17", "order/17", "order/17"])
            #expect(asked[0].bodyHash != nil)
            #expect(asked[0].bodyHash == asked[1].bodyHash)
            #expect(asked[0].bodyHash != asked[2].bodyHash)
        }
    }

    /// Every refusal with its status and its stable word.
    @Test("Every refusal has its status, its stable word and a sentence")
    func everyRefusalHasItsStatusAndWord() async throws {
        let refusals: [(Problem, Int, String)] = [
            (.saleActive(Samples.saleID), 409, "sale-active"),
            (.notReady([.network, .scanner]), 503, "not-ready"),
            (.amountTooHigh(maximum: 100_000), 422, "amount-too-high"),
            (.wrongCurrency(.cny), 422, "wrong-currency"),
            (.keyReused, 422, "idempotency-key-reused"),
            (.notFound, 404, "not-found"),
            (.cannotCancel(.paid), 409, "cannot-cancel"),
            (.notPaid(.confirming), 409, "not-paid"),
            (.alreadyClaimed, 409, "already-claimed"),
            (.claimUnchecked, 503, "claim-unchecked"),
            (.releaseWithdrawn, 409, "release-withdrawn"),
            (.alreadyDelivered, 409, "already-delivered"),
            (.nothingToPrint, 409, "nothing-to-print"),
            (.outcomeOpen, 409, "outcome-open"),
            (.storageFailed, 503, "storage-failed"),
        ]
        try await RunningInterface.serve { running in
            for (problem, status, word) in refusals {
                running.kiosk.with { $0.answer = { _ in .problem(problem) } }
                let answer = try exchange(running.socket, "POST", "/v1/sales", body: Self.wish)
                #expect(answer.status == status)
                #expect(answer.problem == word)
                let json = try answer.json()
                #expect(try json.integer("status", in: 0...999) == status)
                #expect(try json.string("title", bytes: 5...100) != "")
                #expect(try json.string("detail", bytes: 20...300).hasSuffix("."))
            }
        }
    }

    /// "Nothing was taken" is a word on money: said only where the machine knows it.
    @Test("Only where nothing was taken the refusal of a slip says so (G3)")
    func whyNothingIsPrinted() async throws {
        try await RunningInterface.serve { running in
            for problem in [Problem.nothingToPrint, .outcomeOpen] {
                running.kiosk.with { $0.callAnswer = { _, _ in .problem(problem) } }
                let answer = try exchange(running.socket, "POST", Self.path + "/receipt")
                let detail = try answer.json().string("detail", bytes: 20...300)
                #expect(detail.contains("nothing was taken") == (problem == .nothingToPrint))
                #expect(detail.contains("not known yet") == (problem == .outcomeOpen))
            }
        }
    }

    /// Storage hangs: every call ends, says what is known and whether money is concerned, and a late answer is dropped.
    @Test("Where storage hangs the call ends and says what is known of the money")
    func noAnswerIsAProblemOfItsOwn() async throws {
        let calls: [(String, String?, String)] = [
            ("/v1/sales", Self.wish, "no money is taken before a code is shown"),
            (Self.path + "/cancel", nil, "goes back"),
            (Self.path + "/delivering", #"{"claim":"door-1"}"#, "release nothing until"),
            (Self.path + "/delivered", nil, "repeat the call"),
            (Self.path + "/undelivered", nil, "repeat the call"),
            (Self.path + "/receipt", nil, "no money is concerned"),
        ]
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.isSilent = true }
            for (path, body, words) in calls {
                let answer = try exchange(running.socket, "POST", path, body: body)
                #expect(answer.status == 503)
                #expect(answer.header("content-type") == "application/problem+json")
                #expect(answer.problem == "no-answer")
                #expect(try answer.json().string("detail", bytes: 20...300).contains(words))
            }
            let late = running.kiosk.unanswered.withLock { $0 }
            #expect(late.count == calls.count)
            // Nothing is kept of a call that has given up.
            for id in late {
                #expect(!running.kiosk.answers.give(.created(Samples.sale()), to: id))
            }
            running.kiosk.with {
                $0.isSilent = false
                $0.answer = { _ in .created(Samples.sale()) }
            }
            let answer = try exchange(running.socket, "POST", "/v1/sales", body: Self.wish)
            #expect(answer.status == 201)
        }
    }

    @Test("Not ready says why")
    func notReadySaysWhy() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with {
                $0.answer = { _ in .problem(.notReady([.network, .unproven])) }
            }
            let answer = try exchange(running.socket, "POST", "/v1/sales", body: Self.wish)
            #expect(answer.body.contains(#""reasons":["network","not-proven"]"#))
            running.kiosk.with {
                $0.answer = { _ in .problem(.saleActive(Samples.saleID)) }
            }
            let active = try exchange(running.socket, "POST", "/v1/sales", body: Self.wish)
            #expect(active.body.contains(#""sale":"S0123456789ABCDEF""#))
        }
    }

    /// Rules B9, D1, D2, D4: each call reaches the kiosk as what it is.
    @Test("Calls about a sale reach the kiosk as they were meant")
    func callsAboutASaleReachTheKiosk() async throws {
        let calls: [(String, String?, SaleCall)] = [
            ("cancel", nil, .cancel),
            ("cancel", "{}", .cancel),
            ("delivering", #"{"claim":"door-1"}"#, .claim(key: "door-1")),
            ("delivered", nil, .delivered),
            ("undelivered", nil, .undelivered),
            ("receipt", nil, .receipt),
        ]
        try await RunningInterface.serve { running in
            running.kiosk.with { state in
                state.sales = [
                    SaleDetails(sale: Samples.sale(.paid), attempts: [Samples.attempt()])
                ]
                state.callAnswer = { _, call in
                    switch call {
                    case .cancel: .accepted(Samples.sale(.cancelling))
                    case .receipt: .accepted(Samples.sale(.delivered))
                    case .claim: .sale(Samples.sale(.delivering))
                    case .delivered: .sale(Samples.sale(.delivered))
                    case .undelivered: .sale(Samples.sale(.undelivered))
                    }
                }
            }
            for (name, body, call) in calls {
                let answer = try exchange(
                    running.socket,
                    "POST",
                    "\(Self.path)/\(name)",
                    body: body
                )
                let isAccepted = call == .cancel || call == .receipt
                #expect(answer.status == (isAccepted ? 202 : 200), "\(name)")
                #expect(answer.body.contains(#""order":"K0007-0123456789ABCDEFGHJK""#))
                let last = running.kiosk.with { $0.called.last }
                #expect(last?.sale == Samples.saleID)
                #expect(last?.call == call)
            }
        }
    }

    @Test("A sale is shown with its attempts and without secrets (G1)")
    func aSaleIsShownWithItsAttemptsAndWithoutSecrets() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with {
                $0.sales = [
                    SaleDetails(
                        sale: Samples.sale(.delivered, truth: Truth.paid.word),
                        attempts: [Samples.attempt()],
                    )
                ]
            }
            let answer = try exchange(running.socket, "GET", Self.path)
            #expect(answer.status == 200)
            #expect(
                answer.body.contains(
                    #""attempts":[{"order":"K0007-0123456789ABCDEFGHJK","state":"paid","#
                        + #""submittedAt":"2025-03-01T08:30:00.250Z","verdict":"paid"}],"#
                        + #""transactionID":"4200000000000000000000000001","#
                        + #""paidAt":"2025-03-01T08:30:00.250Z","message":{"#
                )
            )
            // Rule G1: neither the code's fingerprint nor the claim's key.
            #expect(!answer.body.contains("fingerprint"))
            #expect(!answer.body.contains("claim-1"))
        }
    }

    @Test("The order that is named is the one whose money comes back, not simply the last (G3)")
    func returnedMoneyNamesItsOrder() async throws {
        let last = try #require(OrderNumber("K0007-1123456789ABCDEFGHJK"))
        var second = AttemptRow(
            order: last,
            sale: Samples.saleID,
            ordinal: 2,
            amount: Samples.money,
            fingerprint: CodeFingerprint("f"),
            prepared: Samples.moment,
            state: .void,
            updated: Samples.moment,
        )
        second.verdict = "void"
        let attempts = [Samples.attempt(.revoking), second]
        try await RunningInterface.serve { running in
            for (truth, returned, named) in [
                (Truth.beingReturned, Samples.order as OrderNumber?, Samples.order),
                (.beingReturned, nil, last), (.notKnownYet(last), Samples.order, last),
            ] {
                running.kiosk.with {
                    $0.sales = [
                        SaleDetails(
                            sale: Samples.sale(.expired, truth: truth.word),
                            attempts: attempts,
                            returned: returned,
                        )
                    ]
                }
                let message = try exchange(running.socket, "GET", Self.path).json()
                    .object("message")
                #expect(try message.string("en", bytes: 1...300).contains(" Order \(named)."))
                #expect(try message.string("zh-Hans", bytes: 1...300).contains("\(named)"))
            }
        }
    }

    @Test("A sale that nobody asked for is not found")
    func unknownSalesAreNotFound() async throws {
        try await RunningInterface.serve { running in
            for id in ["S0000000000000000", "nonsense", "S0123456789ABCDE!", "%00"] {
                let answer = try exchange(running.socket, "GET", "/v1/sales/\(id)")
                #expect(answer.status == 404)
                #expect(answer.problem == "not-found")
            }
            let called = try exchange(running.socket, "POST", "/v1/sales/nonsense/cancel")
            #expect(called.problem == "not-found")
            #expect(running.kiosk.with { $0.called.isEmpty })
        }
    }

    @Test("The list of sales is bounded")
    func theListIsBounded() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with {
                $0.sales = [SaleDetails(sale: Samples.sale(), attempts: [])]
            }
            let list = try exchange(running.socket, "GET", "/v1/sales?limit=200")
            #expect(list.body.hasPrefix(#"{"sales":[{"id":"S0123456789ABCDEF","#))
            _ = try exchange(running.socket, "GET", "/v1/sales")
            #expect(running.kiosk.with { $0.listLimits } == [200, 50])
            for query in [
                "limit=0", "limit=201", "limit=", "limit=1&limit=2", "limit=+1", "limt=1",
                "limit=99999999999999999999", "limit=1e1", "limit=-1", "limit",
            ] {
                let answer = try exchange(running.socket, "GET", "/v1/sales?\(query)")
                #expect(answer.status == 400, "\(query)")
                #expect(answer.problem == "invalid-request")
            }
        }
    }

    /// A journal that cannot be read is said so, and is never an empty list or an unknown sale.
    @Test("A journal that cannot be read is said, and never an empty answer")
    func anUnreadableJournalIsSaid() async throws {
        try await RunningInterface.serve { running in
            running.kiosk.with { $0.isUnreadable = true }
            for path in ["/v1/sales", Self.path, "/v1/status"] {
                let answer = try exchange(running.socket, "GET", path)
                #expect(answer.status == 503)
                #expect(answer.problem == "storage-failed")
            }
        }
    }
}
