import Payments
import Testing

@Suite("Readiness, codes, storage, stopping")
struct ServiceTests {
    @Test("Not ready until network, a good probe and a scanner are there (B7, B10)")
    func readiness() {
        let rig = TillRig(ready: false)
        #expect(rig.till.reasons == [.unproven, .network, .scanner])
        #expect(rig.ask() == .problem(.notReady([.unproven, .network, .scanner])))
        #expect(rig.send(.networkChanged(isReachable: true)).probes == 1)
        rig.send(.deviceChanged(.scanner, .working))
        #expect(rig.send(.probeEnded(.good)).lights == [.ready])
        #expect(rig.till.reasons.isEmpty)
        #expect(rig.send(.networkChanged(isReachable: false)).lights == [.outOfService])
    }

    @Test("A configuration code is decided by a probe; a good one leaves it merely refused (B7)")
    func configurationCode() throws {
        let rig = TillRig()
        let order = try rig.submit()
        let actions = rig.reply(order, .configuration(.code("NOAUTH")))
        #expect(actions.probes == 1)
        #expect(actions.queries == [order])
        rig.send(.probeEnded(.good))
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.saleState == .declined)
        #expect(rig.storedSale()?.reason == "call-staff")
        #expect(rig.till.reasons.isEmpty)
    }

    @Test("Three replies in a row that do not verify are a fault (B7)")
    func unverified() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .unknown(.unverified(reason: "sign")))
        _ = rig.answerQuery(order, .unknown(.unverified(reason: "sign")))
        #expect(rig.till.configurationFault == nil)
        rig.advance(5)
        #expect(rig.answerQuery(order, .unknown(.malformed(reason: "html"))).probes == 1)
        #expect(rig.till.configurationFault == .repliesDoNotVerify)
        rig.send(.probeEnded(.good))
        #expect(rig.till.configurationFault == nil)
    }

    @Test("The same code within two minutes is one presentation (B8)")
    func sameCode() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        _ = rig.answerQuery(order, .orderNotExist)
        rig.advance(2)
        #expect(rig.scan().notices == [.alreadyRead])
        #expect(rig.saleState == .declined)
        rig.advance(50)
        let other = try rig.submit("131111111111111111")
        _ = rig.reply(other, .refused(notEnough))
        _ = rig.answerQuery(other, .orderNotExist)
        rig.advance(58)
        #expect(rig.scan().notices == [.alreadyRead])
        rig.advance(1)
        rig.scan("132222222222222222")
        #expect(rig.saleState == .submitting)
    }

    @Test("A kiosk may remember a code for longer than two minutes (B8)")
    func longerMemory() throws {
        let rig = TillRig { $0.timing.codeMemory = .seconds(300) }
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        _ = rig.answerQuery(order, .orderNotExist)
        rig.advance(298)
        _ = rig.ask()
        #expect(rig.scan().notices == [.alreadyRead])
        rig.advance(2)
        #expect(rig.scan().notices.isEmpty)
        #expect(rig.saleState == .submitting)
    }

    @Test("The longer memory survives a restart of the daemon (B8)")
    func longerMemoryAfterRestart() throws {
        let before = TillRig { $0.timing.codeMemory = .seconds(300) }
        let order = try before.submit()
        _ = before.reply(order, .refused(notEnough))
        _ = before.answerQuery(order, .orderNotExist)
        before.advance(200)
        let rig = before.restarted()
        rig.advance(98)
        _ = rig.ask()
        #expect(rig.scan().notices == [.alreadyRead])
        rig.advance(2)
        #expect(rig.scan().notices.isEmpty)
        #expect(rig.saleState == .submitting)
    }

    @Test("A waiting sale takes no code while the kiosk must not sell (B7, D4)")
    func wastedCode() throws {
        let rig = TillRig { $0.sale.requirePrinter = true }
        rig.send(.deviceChanged(.printer, .needsAttention))
        _ = rig.ask()
        rig.send(.deviceChanged(.printer, .failed))
        #expect(rig.scan().notices == [.cannotTakeCode(.printer)])
        rig.send(.deviceChanged(.printer, .working))
        rig.send(.probeEnded(.fault(.certificateRefused)))
        #expect(rig.scan().notices.map(\.word) == ["cannot-take-code-configuration"])
        rig.send(.probeEnded(.good))
        // The technician's door does not send a payer away who has begun; without network the submit is void at worst (B5).
        rig.send(.networkChanged(isReachable: false))
        rig.send(.serviceModeAsked(.maintenance))
        #expect(rig.scan().submitted != nil)
    }

    @Test("A suspicion that no probe could answer is asked again (B7)")
    func unansweredProbe() throws {
        let rig = TillRig()
        let order = try rig.submit()
        #expect(rig.reply(order, .configuration(.code("NOAUTH"))).probes == 1)
        rig.send(.probeEnded(.unreachable))
        #expect(rig.advance(59).probes == 0)
        #expect(rig.advance(1.1).probes == 1)
        rig.send(.probeEnded(.fault(.code("NOAUTH"))))
        #expect(rig.till.configurationFault == .code("NOAUTH"))
        #expect(rig.advance(60).probes == 1)
        rig.send(.probeEnded(.unreachable))
        #expect(rig.advance(5.1).probes == 1)
    }

    @Test(
        "A query that blames the configuration is no answer; a probe decides (B7)",
        arguments: [true, false]
    )
    func queryBlamesConfiguration(wasRefused: Bool) throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, wasRefused ? .refused(notEnough) : .unknown(.platform(code: "X")))
        #expect(rig.answerQuery(order, .configuration(.code("SIGNERROR"))).probes == 1)
        #expect(rig.saleState == .confirming)
        rig.send(.probeEnded(.good))
        rig.advance(5)
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.saleState == .paid)
        #expect(rig.till.isNetworkReachable)
    }

    @Test("An order number that was in use is flagged at once, probed, and merely refused (A2, B7)")
    func orderNumberUsed() throws {
        let rig = TillRig()
        let order = try rig.submit()
        let used = ConfigurationFault.orderNumberUsed(code: "OUT_TRADE_NO_USED")
        let actions = rig.reply(order, .configuration(used))
        let flags = actions.events.filter { $0.kind == .flagged }
        #expect(flags.map(\.reason) == ["order-numbers-repeat OUT_TRADE_NO_USED"])
        #expect(flags.map(\.order) == [order])
        #expect(actions.probes == 1)
        #expect(actions.queries == [order])
        rig.send(.probeEnded(.good))
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.storedSale()?.state == .declined)
        #expect(rig.storedSale()?.reason == "call-staff")
        // The payer and the application have not switched anything off.
        #expect(rig.till.reasons.isEmpty)
        rig.advance(2.1)
        #expect(rig.scan("133333333333333333").submitted != nil)
    }

    @Test("An order number that was in use is flagged also when its sale was cancelled meanwhile")
    func orderNumberUsedLate() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.call(.cancel)
        let used = ConfigurationFault.orderNumberUsed(code: "OUT_TRADE_NO_USED")
        let actions = rig.reply(order, .configuration(used))
        #expect(actions.events.map(\.kind) == [.flagged])
        #expect(actions.probes == 1)
    }

    @Test(
        "A query's code of class configuration, listed or not, is flagged once; the order stays open (B3, B7)",
        arguments: [
            QueryVerdict.unknown(.unlisted(code: "BRAND_NEW")),
            .configuration(.code("BRAND_NEW")),
            .configuration(.requestRefused(code: "BRAND_NEW")),
        ]
    )
    func suspiciousQuery(verdict: QueryVerdict) throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .passwordNeeded)
        #expect(rig.advance(5.1).queries == [order])
        let actions = rig.answerQuery(order, verdict)
        #expect(actions.events.map(\.kind) == [.flagged])
        #expect(actions.events.map(\.reason) == ["BRAND_NEW"])
        #expect(actions.probes == 1)
        rig.send(.probeEnded(.good))
        #expect(rig.till.reasons.isEmpty)
        #expect(rig.advance(5).queries == [order])
        let again = rig.answerQuery(order, verdict)
        #expect(again.events.isEmpty)
        #expect(again.probes == 1)
        #expect(rig.saleState == .confirming)
        rig.advance(5)
        _ = rig.answerQuery(order, .paid(proof))
        #expect(rig.saleState == .paid)
    }

    @Test("Verified replies with unlisted codes do not add up to replies that do not verify (B7)")
    func unlistedVerifies() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .unknown(.unverified(reason: "signature")))
        _ = rig.answerQuery(order, .unknown(.unverified(reason: "signature")))
        rig.advance(5)
        _ = rig.answerQuery(order, .unknown(.unlisted(code: "X")))
        rig.advance(5)
        _ = rig.answerQuery(order, .unknown(.unverified(reason: "signature")))
        #expect(rig.till.configurationFault == nil)
    }

    @Test("Stopping while a refusal is stored: the sale takes no other code")
    func stoppingWhileDeclining() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        rig.commitsAtOnce = false
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(!rig.send(.stopAsked).hasStop)
        rig.commitsAtOnce = true
        rig.commit()
        #expect(rig.storedSale()?.reason == "stopping")
        #expect(rig.log.hasStop)
    }

    @Test("Stopping while a sale is being opened: it ends when it is stored")
    func stoppingWhileOpening() {
        let rig = TillRig()
        rig.commitsAtOnce = false
        #expect(rig.ask() == nil)
        #expect(!rig.send(.stopAsked).hasStop)
        rig.commitsAtOnce = true
        rig.commit()
        #expect(rig.storedSale()?.state == .expired)
        #expect(rig.log.hasStop)
    }

    @Test("Other wallets are refused by name; noise is refused; nothing is submitted (B8)")
    func otherWallets() {
        let rig = TillRig()
        #expect(rig.scan().isEmpty)
        _ = rig.ask()
        #expect(rig.scan("281234567890123456").notices == [.otherWallet(.alipay)])
        #expect(rig.scan("6212345678901234567").notices == [.otherWallet(.unionPay)])
        #expect(rig.scan("6901234567892").notices == [.notAPaymentCode])
        #expect(rig.saleState == .awaitingCode)
    }

    @Test(
        "Idempotency: same key and body is the same sale, another body is refused; one sale at a time"
    )
    func idempotency() throws {
        let rig = TillRig()
        guard case .created(let row)? = rig.ask(key: "k", body: "h") else {
            Issue.record("no sale")
            return
        }
        #expect(rig.ask(key: "k", body: "h") == .sale(row))
        #expect(rig.ask(key: "k", body: "x") == .problem(.keyReused))
        #expect(rig.ask() == .problem(.saleActive(row.id)))
        rig.advance(60)
        let stored = try #require(rig.storedSale())
        let wish = SaleRequest(
            amount: row.amount,
            description: "",
            reference: nil,
            idempotencyKey: "k",
            bodyHash: "h"
        )
        #expect(rig.send(.saleAsked(RequestID(3), wish, stored: stored)).answer == .sale(stored))
    }

    @Test(
        "Too much unsettled: no new attempt, a warning at three quarters, refused ones do not count (C7)"
    )
    func risk() throws {
        let rig = TillRig { $0.risk.maximumUnsettledCount = 4 }
        rig.send(.networkChanged(isReachable: true))
        for index in 0..<3 {
            let order = try rig.submit("13000000000000002\(index)")
            _ = rig.reply(order, .unknown(.platform(code: "X")))
            _ = rig.call(.cancel)
        }
        #expect(rig.till.reasons.isEmpty)
        #expect(rig.log.contains { if case .show(let d) = $0 { d.needsTechnician } else { false } })
        let refused = try rig.submit("130000000000000030")
        _ = rig.reply(refused, .refused(notEnough))
        _ = rig.answerQuery(refused, .orderNotExist)
        #expect(rig.till.unsettledCount == 3)
        rig.advance(2)
        let last = try rig.submit("130000000000000031")
        _ = rig.reply(last, .unknown(.platform(code: "X")))
        _ = rig.call(.cancel)
        #expect(rig.till.reasons == [.risk])
    }

    @Test("Stopping: a waiting sale ends, a verdict is awaited, then stop")
    func stopping() throws {
        let idle = TillRig()
        #expect(idle.send(.stopAsked).hasStop)

        let waiting = TillRig()
        _ = waiting.ask()
        #expect(waiting.send(.stopAsked).hasStop)
        #expect(waiting.storedSale()?.reason == "stopping")

        let busy = TillRig()
        let order = try busy.submit()
        #expect(!busy.send(.stopAsked).hasStop)
        #expect(busy.reply(order, .paid(proof)).hasStop)
        #expect(busy.storedSale()?.state == .paid)
    }

    @Test("Fixed price: any scan buys, then the scanner rests and needs silence")
    func fixedPrice() throws {
        let rig = TillRig {
            $0.sale.fixedItem = .init(
                amount: TillRig.cny(500),
                description: "Wash"
            )
            $0.sale.autoDeliver = true
        }
        let order = try #require(rig.scan().submitted)
        _ = rig.reply(order, .paid(proof))
        #expect(rig.storedSale()?.state == .delivered)
        rig.advance(5)
        #expect(rig.scan("131111111111111111").submitted == nil)
        rig.advance(1.5)
        #expect(rig.scan("131111111111111111").submitted == nil)
        rig.advance(2)
        #expect(rig.scan("131111111111111111").submitted != nil)
    }

    @Test("Maintenance takes the kiosk out of service and back")
    func maintenance() {
        let rig = TillRig()
        #expect(rig.send(.serviceModeAsked(.maintenance)).lights == [.outOfService])
        #expect(rig.send(.serviceModeAsked(.normal)).lights == [.ready])
    }
}
