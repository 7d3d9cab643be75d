import Payments
import Testing

@Suite("The breaker and the pace of the revoke queue (C4)")
struct BreakerTests {
    /// A rig with so many orders in the queue, the network not yet told of.
    static func rig(_ count: Int, ready: Bool = true) -> (TillRig, [OrderNumber]) {
        let queued = QueuedOrders(count)
        return (TillRig(rows: queued.rows, ready: ready), queued.orders)
    }

    // The limit is the proof of the second half: looking at each order for each event takes hours.
    @Test(
        "Ten thousand orders: five requests a second, no look at all of them for each event (C4)",
        .timeLimit(.minutes(1))
    )
    func tenThousand() {
        let (rig, orders) = Self.rig(10_000)
        let world = Responder(rig)
        // Undone while the kiosk was off: one request ends each.
        world.alive = world.undone
        world.run(1_000)
        let first = world.sent.first?.at ?? 0
        let span = Double((world.sent.last?.at ?? 0) - first) / 1e9
        let rate = Double(world.sent.count) / span
        #expect(rate > 4.75 && rate <= 5.01, "\(rate) requests a second")
        // What has ended is forgotten.
        let open = orders.count - world.sent.count
        #expect((open...open + 8).contains(rig.till.revokeQueue.count))
    }

    @Test("At most five steps start within any second, however many are due (C4)")
    func pace() {
        let (rig, _) = Self.rig(60)
        let world = Responder(rig)
        world.run(120)
        let times = world.sent.map(\.at)
        for (index, time) in times.enumerated() {
            let within = times[index...].prefix { $0 < time + 1_000_000_000 }.count
            #expect(within <= 5)
        }
        #expect(rig.till.revokeQueue.count == 0)
    }

    // Found by the simulation: the record of a refused attempt's revoke took its time, and its request left with the next.
    @Test("The pace counts when requests leave, however long the disk takes (C4)")
    func paceOfRefused() {
        let queued = QueuedOrders(40, reason: .refused)
        var rows = queued.rows
        for index in rows.attempts.indices { rows.attempts[index].state = .refused }
        let rig = TillRig(rows: rows)
        rig.commitsAtOnce = false
        var sent: [Int64] = []
        for round in 0..<400 {
            var actions = rig.advance(0.1)
            // The disk stores everything at once, now and then.
            if round.isMultiple(of: 9) {
                let start = rig.log.count
                while rig.hasUncommitted { rig.commit() }
                actions += rig.log[start...]
            }
            for order in actions.reversed {
                sent.append(rig.time)
                rig.send(.reverseEnded(order, .again(code: "SYSTEMERROR")))
            }
        }
        #expect(sent.count > 40)
        for (first, sixth) in zip(sent, sent.dropFirst(5)) {
            #expect(sixth - first >= 999_000_000)
        }
    }

    @Test(
        "A step without reply opens the breaker: nothing starts, one probe after 10 s, then rarer (C4)"
    )
    func opens() throws {
        let (rig, _) = Self.rig(50)
        rig.advance(15.1)
        let begun = rig.advance(5).steps + rig.log.steps
        let first = try #require(begun.first)
        _ = rig.answerQuery(first, .unknown(.noReply(reason: "timed-out")))
        #expect(rig.till.revokeQueue.activity == .waitingForNetwork)
        var pauses: [Double] = []
        for _ in 0..<6 {
            var waited = 0.0
            while waited < 100 {
                let actions = rig.advance(0.5)
                waited += 0.5
                #expect(actions.steps.isEmpty)
                if actions.probes == 1 { break }
            }
            pauses.append(waited)
            rig.send(.probeEnded(.unreachable))
        }
        #expect(pauses == [10, 20, 40, 60, 60, 60])
    }

    @Test("Tries that fail while the breaker is open are not stored (C4)")
    func notStored() {
        let (rig, _) = Self.rig(50)
        rig.advance(40)
        let begun = rig.log.steps
        #expect(begun.count == 8)
        let before = rig.commits
        for order in begun {
            _ = rig.answerQuery(order, .unknown(.noReply(reason: "timed-out")))
        }
        #expect(rig.commits == before + 1)
        #expect(begun.compactMap { rig.storedRevoke($0)?.tries } == [1])
    }

    @Test("When a probe succeeds, due orders start at random times within half a minute (C4)")
    func spread() {
        // So few that the pace holds none of them up: three requests each.
        let (rig, orders) = Self.rig(40)
        let world = Responder(rig)
        world.outage = 1
        world.run(600)
        world.outage = nil
        let back = rig.time
        world.run(160) { rig.till.revokeQueue.count == 0 }
        #expect(rig.till.revokeQueue.count == 0)
        var firsts: [OrderNumber: Int64] = [:]
        for step in world.sent where step.at > back {
            firsts[step.order] = firsts[step.order] ?? step.at
        }
        #expect(firsts.count == orders.count)
        let reopened = firsts.values.min() ?? 0
        let seconds = firsts.values.map { Double($0 - reopened) / 1e9 }
        #expect((seconds.max() ?? 0) < 32)
        #expect(seconds.count { $0 > 15 } > 6)
    }

    @Test("It works though the network is never told of, or wrongly said to be away (B10, C4)")
    func withoutTheNetworksWord() {
        let (silent, _) = Self.rig(10, ready: false)
        let world = Responder(silent)
        world.run(120)
        #expect(silent.till.revokeQueue.count == 0)
        #expect(silent.till.reasons.contains(.network))

        let (wrong, _) = Self.rig(10)
        wrong.send(.networkChanged(isReachable: false))
        #expect(wrong.till.revokeQueue.activity == .waitingForNetwork)
        let other = Responder(wrong)
        other.run(120)
        #expect(wrong.till.revokeQueue.count == 0)
    }

    @Test("An order that always times out holds up no other, even one that fails at once (C4)")
    func poisoned() throws {
        let (rig, orders) = Self.rig(200)
        let world = Responder(rig)
        world.poisoned = [orders[0]: 30, orders[7]: 0.1, orders[13]: 30]
        world.run(200) { rig.till.revokeQueue.count == 3 }
        #expect(rig.till.revokeQueue.count == 3)
        // They are not forgotten, their tries count and are stored, and the pauses grow.
        world.run(7_200, step: 0.5)
        for order in world.poisoned.keys {
            #expect(try #require(rig.storedRevoke(order)).tries >= 6)
            #expect(rig.till.flaggedOrders.contains(order))
        }
        #expect(world.sent.count { $0.order == orders[7] } < 60)
        // And others that come later go through.
        world.poisoned = [:]
        world.run(1_000, step: 0.5)
        #expect(rig.till.revokeQueue.count == 0)
    }

    @Test("Many orders that never get an answer cannot use up what may be under way (C4)")
    func manyPoisoned() {
        let (rig, orders) = Self.rig(300)
        let world = Responder(rig)
        for order in orders.prefix(100) { world.poisoned[order] = 30 }
        world.run(600, step: 0.2) { rig.till.revokeQueue.count == 100 }
        #expect(rig.till.revokeQueue.count == 100)
    }

    @Test("Where nothing is answered, at most eight steps are under way")
    func unanswered() {
        let (rig, _) = Self.rig(100)
        rig.advance(60)
        #expect(rig.log.steps.count == 8)
    }

    @Test("A reply to the live sale closes the breaker: the network is there (C4)")
    func liveSale() throws {
        let (rig, _) = Self.rig(3)
        rig.send(.networkChanged(isReachable: false))
        rig.send(.networkChanged(isReachable: true))
        rig.advance(15.1)
        let step = try #require(rig.log.steps.first)
        _ = rig.answerQuery(step, .unknown(.httpStatus(502)))
        #expect(rig.till.revokeQueue.activity == .waitingForNetwork)
        let order = try rig.submit()
        _ = rig.reply(order, .paid(proof))
        #expect(rig.till.revokeQueue.activity == .running)
    }

    @Test("No probe for an empty queue, and none while stopping")
    func nothingToProbeFor() {
        let idle = TillRig()
        idle.send(.networkChanged(isReachable: false))
        #expect(idle.advance(3_600).probes == 0)
        let (stopping, _) = Self.rig(3)
        stopping.send(.networkChanged(isReachable: false))
        stopping.send(.stopAsked)
        #expect(stopping.advance(3_600).probes == 0)
    }

    @Test("In maintenance the queue goes on: the door says nothing about the money")
    func maintenance() {
        let (rig, _) = Self.rig(5)
        rig.send(.serviceModeAsked(.maintenance))
        let world = Responder(rig)
        world.run(120)
        #expect(rig.till.revokeQueue.count == 0)
    }

    @Test("What stopping leaves in the queue is there after the restart, with its tries (C6)")
    func stopping() throws {
        let (rig, orders) = Self.rig(3)
        rig.advance(15.1)
        let step = try #require(rig.log.steps.first)
        #expect(!rig.send(.stopAsked).hasStop)
        #expect(rig.answerQuery(step, .notPaid(.notPay, transactionID: nil)).hasStop)
        #expect(rig.advance(600).steps.isEmpty)
        #expect(rig.storedRevoke(step)?.tries == 1)
        #expect(rig.till.revokeEntries(limit: 10).map(\.row.order).sorted() == orders.sorted())
    }

    @Test(
        "A fault of our own pauses the queue and stores nothing; a good probe resumes it (B7, C4)"
    )
    func paused() {
        let (rig, _) = Self.rig(50)
        let world = Responder(rig)
        world.run(20)
        rig.send(.probeEnded(.fault(.certificateRefused)))
        #expect(rig.till.revokeQueue.activity == .paused(.certificateRefused))
        #expect(rig.till.reasons.contains(.configuration))
        world.run(1)
        let before = rig.commits
        let sent = world.sent.count
        world.run(50)
        #expect(world.sent.count == sent && rig.commits == before)
        world.run(200)
        #expect(world.probes.count >= 1)
        #expect(rig.till.revokeQueue.count == 0)
    }

    @Test("Replies that blame the configuration while it is seen to are no tries")
    func blamed() {
        let (rig, _) = Self.rig(50)
        rig.advance(40)
        let begun = rig.log.steps
        rig.send(.probeEnded(.fault(.code("SIGNERROR"))))
        let before = rig.commits
        for order in begun { _ = rig.answerQuery(order, .configuration(.code("SIGNERROR"))) }
        #expect(rig.commits == before)
        #expect(begun.allSatisfy { rig.storedRevoke($0) == nil })
    }

    @Test(
        "72 hours without network: few commits, and all settled ten minutes after its return (C4)",
        arguments: [QueryVerdict.notPaid(.revoked, transactionID: nil), .orderNotExist]
    )
    func longOutage(_ undone: QueryVerdict) {
        let (rig, orders) = Self.rig(500)
        let world = Responder(rig)
        // The most requests that an order can need: said twice, a minute apart (rule C3).
        world.undone = undone
        world.outage = 30
        world.poisoned = [orders[42]: 30]
        let before = rig.commits
        rig.send(.networkChanged(isReachable: false))
        world.run(72 * 3_600, step: 5)
        #expect(rig.commits - before <= 3)
        #expect(world.probes.count < 72 * 60)
        world.outage = nil
        rig.send(.networkChanged(isReachable: true))
        let known = world.sent.count
        world.run(600) { rig.till.revokeQueue.count == 1 }
        // Not one of them is settled before its revoke: a look, the revoke, and a look or two.
        let perOrder = undone == .orderNotExist ? 4 : 3
        #expect(world.sent.count - known >= 499 * perOrder)
        #expect(rig.till.revokeQueue.count == 1)
        #expect(rig.till.revokeEntries(limit: 5).map(\.row.order) == [orders[42]])
    }
}
