import Payments
import Testing

@Suite("What the lights say (interfaces, 4)")
struct LightsTests {
    private static func fixedPrice(_ policy: inout Policy) {
        policy.sale.fixedItem = .init(amount: TillRig.cny(500), description: "Wash")
        policy.sale.autoDeliver = true
    }

    /// What keeps a code from being taken or read, the event that brings it about, and the one that ends it.
    private static let obstacles: [(OutOfServiceReason, TillEvent, TillEvent)] = [
        (.scanner, .deviceChanged(.scanner, .failed), .deviceChanged(.scanner, .working)),
        (.printer, .deviceChanged(.printer, .failed), .deviceChanged(.printer, .working)),
        (.configuration, .probeEnded(.fault(.certificateRefused)), .probeEnded(.good)),
    ]

    @Test(
        "A sale that waits for a code asks for none while none is taken, and asks again afterwards",
        arguments: obstacles.indices
    )
    func withdrawn(obstacle: Int) {
        let (reason, comes, goes) = Self.obstacles[obstacle]
        let rig = TillRig { $0.sale.requirePrinter = true }
        rig.send(.deviceChanged(.printer, .working))
        _ = rig.ask()
        #expect(rig.log.lights.last == .presentCode)
        #expect(rig.send(comes).lights == [.outOfService], "\(reason)")
        #expect(rig.till.reasons == [reason])
        #expect(rig.send(goes).lights == [.presentCode], "\(reason)")
        #expect(rig.scan().submitted != nil)
    }

    @Test(
        "After a refusal too: the fault outranks the result, which goes on for what is left of its time",
        arguments: obstacles.indices
    )
    func withdrawnAfterRefusal(obstacle: Int) throws {
        let (reason, comes, goes) = Self.obstacles[obstacle]
        let rig = TillRig { $0.sale.requirePrinter = true }
        rig.send(.deviceChanged(.printer, .working))
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        #expect(rig.answerQuery(order, .orderNotExist).lights == [.declined])
        #expect(rig.send(comes).lights == [.outOfService], "\(reason)")
        rig.advance(1)
        #expect(rig.send(goes).lights == [.declined], "\(reason)")
        #expect(rig.advance(2).lights == [.presentCode], "\(reason)")
        #expect(rig.scan("131111111111111111").submitted != nil)
    }

    @Test("When storage fails under a waiting sale no code is asked for until it is back (A3)")
    func storage() throws {
        let rig = TillRig()
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        _ = rig.answerQuery(order, .orderNotExist)
        #expect(rig.advance(3).lights == [.presentCode])
        // The refused order's revoke begins in the background, and cannot be stored.
        rig.commitsAtOnce = false
        rig.advance(20)
        rig.failCommit()
        #expect(rig.saleState == .declined)
        #expect(rig.till.reasons == [.storage])
        #expect(rig.log.lights.last == .outOfService)
        #expect(rig.scan("131111111111111111").notices == [.cannotTakeCode(.storage)])
        rig.commitsAtOnce = true
        rig.advance(60)
        #expect(rig.till.reasons.isEmpty)
    }

    @Test(
        "A door that is opened, or a network that goes, keeps no code from being taken: it is asked for"
    )
    func stillTaken() {
        let rig = TillRig()
        _ = rig.ask()
        #expect(rig.send(.serviceModeAsked(.maintenance)).lights.isEmpty)
        #expect(rig.send(.networkChanged(isReachable: false)).lights.isEmpty)
        #expect(rig.log.lights.last == .presentCode)
        #expect(rig.scan().submitted != nil)
    }

    @Test(
        "Whoever has paid, or waits for the verdict, sees how it ends, whatever fails meanwhile (G3)"
    )
    func served() throws {
        let rig = TillRig { $0.sale.requirePrinter = true }
        rig.send(.deviceChanged(.printer, .working))
        let order = try rig.submit()
        #expect(rig.log.lights.last == .busy)
        #expect(rig.send(.deviceChanged(.scanner, .failed)).lights.isEmpty)
        #expect(rig.reply(order, .paid(proof)).lights == [.approved])
        rig.send(.deviceChanged(.printer, .failed))
        #expect(rig.log.lights.last == .approved)
        #expect(rig.advance(3).lights == [.quiet])
        _ = rig.call(.claim(key: "a"))
        _ = rig.call(.delivered)
        #expect(rig.log.lights.last == .outOfService)
    }

    @Test("No code is asked for before the sale is stored: until then it would be dropped (A1)")
    func opening() {
        let rig = TillRig()
        rig.commitsAtOnce = false
        #expect(rig.asked().lights.isEmpty)
        #expect(rig.scan().isEmpty)
        rig.commitsAtOnce = true
        let before = rig.log.count
        rig.commit()
        #expect(Array(rig.log[before...]).lights == [.presentCode])
    }

    @Test("A refusal that takes long to store, and a long pause after it, ask for no code (B4)")
    func pausing() throws {
        let rig = TillRig { $0.timing.retryPause = .seconds(10) }
        let order = try rig.submit()
        _ = rig.reply(order, .refused(notEnough))
        rig.commitsAtOnce = false
        #expect(rig.answerQuery(order, .orderNotExist).lights == [.declined])
        #expect(rig.advance(3).lights == [.quiet])
        rig.commitsAtOnce = true
        rig.commit()
        #expect(rig.advance(9.9).lights.isEmpty)
        #expect(rig.scan("131111111111111111").isEmpty)
        #expect(rig.advance(0.1).lights == [.presentCode])
        #expect(rig.scan("131111111111111111").submitted != nil)
    }

    @Test("Fixed price: dark while the scanner rests, ready when a scan buys again")
    func resting() throws {
        let rig = TillRig(Self.fixedPrice)
        #expect(rig.log.lights.last == .ready)
        let order = try #require(rig.scan().submitted)
        #expect(rig.reply(order, .paid(proof)).lights == [.approved])
        #expect(rig.advance(3).lights == [.quiet])
        #expect(rig.advance(2.9).lights.isEmpty)
        #expect(rig.advance(0.1).lights == [.ready])
        #expect(rig.scan("131111111111111111").submitted != nil)
    }

    @Test(
        "Fixed price: each code that is shown too early puts off ready, as it puts off the next sale"
    )
    func restingLonger() throws {
        let rig = TillRig(Self.fixedPrice)
        let order = try #require(rig.scan().submitted)
        _ = rig.reply(order, .paid(proof))
        rig.advance(5)
        #expect(rig.log.lights.last == .quiet)
        #expect(rig.scan("131111111111111111").submitted == nil)
        #expect(rig.advance(1.9).lights.isEmpty)
        #expect(rig.advance(0.1).lights == [.ready])
        #expect(rig.scan("131111111111111111").submitted != nil)
    }

    // The lights went on asking for a code, and nothing else told the payer.
    @Test(
        "Fixed price: a code that is not taken is declined on the lights, once for each presentation (B8)",
        arguments: ["281234567890123456", "6212345678901234567", "6901234567892", TillRig.code]
    )
    func refusedCode(_ digits: String) throws {
        let rig = TillRig(Self.fixedPrice)
        let order = try #require(rig.scan().submitted)
        // A verdict that is awaited is not disturbed.
        #expect(rig.scan(digits).isEmpty)
        _ = rig.reply(order, .paid(proof))
        rig.advance(10)
        #expect(rig.log.lights.last == .ready)
        let told = rig.scan(digits)
        #expect(told.lights == [.declined] && told.notices.count == 1)
        // Held before the scanner it says nothing more, and puts off ready.
        for _ in 0..<5 {
            #expect(rig.advance(0.9).notices.isEmpty)
            let held = rig.scan(digits)
            #expect(held.notices.isEmpty && held.slips.isEmpty && held.submitted == nil)
        }
        #expect(rig.log.lights.last == .quiet)
        #expect(rig.advance(2).lights == [.ready])
        #expect(rig.scan(digits).lights == [.declined])
        #expect(rig.advance(3).lights == [.ready])
        #expect(rig.scan("131111111111111111").submitted != nil)
    }

    @Test("Fixed price: a code that is not taken never hides that the last one was paid (G3)")
    func refusedAfterApproved() throws {
        let rig = TillRig {
            Self.fixedPrice(&$0)
            $0.sale.rest = .zero
        }
        let order = try #require(rig.scan().submitted)
        #expect(rig.reply(order, .paid(proof)).lights == [.approved])
        rig.advance(2.5)
        let told = rig.scan()
        #expect(told.notices == [.alreadyRead] && told.lights.isEmpty)
        #expect(rig.log.lights.last == .approved)
    }

    @Test("Fixed price: paper names a wallet that cannot be used, once for each code (B8)")
    func otherWalletOnPaper() throws {
        let rig = TillRig(Self.fixedPrice)
        let code = "281234567890123456"
        let slip = try #require(rig.scan(code).slips.first)
        #expect(slip.kind == .otherWallet(.alipay) && slip.amount == TillRig.cny(500))
        #expect(slip.sale == nil && slip.order == nil && !slip.isCopy)
        rig.advance(3)
        let again = rig.scan(code)
        #expect(again.slips.isEmpty && again.lights == [.declined])
        rig.advance(3)
        #expect(rig.scan("6212345678901234567").slips.map(\.kind) == [.otherWallet(.unionPay)])
        rig.advance(3)
        for digits in ["6901234567892", "not digits"] {
            #expect(rig.scan(digits).slips.isEmpty)
            rig.advance(3)
        }
        rig.advance(120)
        #expect(rig.scan(code).slips.count == 1)
        #expect(rig.log.submitted == nil && rig.journal.isEmpty)
    }

    @Test("With an application, which shows the notice, lights and paper stay as they are (B8)")
    func refusedWithApplication() {
        let rig = TillRig()
        _ = rig.ask()
        for digits in ["281234567890123456", "6901234567892"] {
            let told = rig.scan(digits)
            #expect(told.notices.count == 1 && told.lights.isEmpty && told.slips.isEmpty)
        }
        #expect(rig.log.lights.last == .presentCode)
    }

    @Test("Fixed price: out of service outranks the rest, and the rest outlasts it")
    func restingOutOfService() throws {
        let rig = TillRig(Self.fixedPrice)
        let order = try #require(rig.scan().submitted)
        _ = rig.reply(order, .paid(proof))
        rig.advance(4)
        #expect(rig.send(.networkChanged(isReachable: false)).lights == [.outOfService])
        #expect(rig.send(.networkChanged(isReachable: true)).lights == [.quiet])
        #expect(rig.advance(2).lights == [.ready])
    }
}
