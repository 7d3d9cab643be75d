import Testing

@testable import Transport

@Suite("When connections are opened ahead, and to which host")
struct OpeningPlanTests {
    private static let second: Int64 = 1_000_000_000

    @Test("What was unreachable is opened again, whatever connection is idle (B10)")
    func openedWhileIdle() throws {
        var plan = OpeningPlan(hosts: 1, pace: .init(), now: 0)
        #expect(plan.needsOpening(hasIdle: false) && !plan.needsOpening(hasIdle: true))
        plan.openingStarted(at: 0)
        _ = plan.openingFailed("", .timedOut, at: 1)
        #expect(plan.needsOpening(hasIdle: true))
        _ = plan.replyReceived(from: "host", at: 2)
        #expect(!plan.needsOpening(hasIdle: true))
    }

    @Test("With every host failing, openings back off from 1 s to 10 s and the loss is told once")
    func backOff() {
        var plan = OpeningPlan(hosts: 2, pace: .init(), now: 0)
        #expect(plan.earliest == 0)
        var now: Int64 = 0
        var told: [OpeningPlan.Change] = []
        for pause in [1, 2, 4, 8, 10, 10] as [Int64] {
            plan.openingStarted(at: now)
            // The first host's failure alone says nothing: the other is tried at once.
            #expect(plan.openingFailed("first", .connect, at: now) == nil)
            #expect(plan.earliest <= now)
            plan.openingStarted(at: now)
            if let change = plan.openingFailed("both", .connect, at: now) { told.append(change) }
            #expect(plan.earliest == now + pause * Self.second)
            now = plan.earliest
        }
        #expect(told == [.init(isReachable: false, reason: "both")])
        #expect(plan.replyReceived(from: "host", at: now)?.isReachable == true)
        #expect(plan.replyReceived(from: "host", at: now) == nil)
        // The next loss starts with the shortest pause again.
        _ = plan.openingFailed("first", .connect, at: now)
        #expect(plan.openingFailed("both", .connect, at: now)?.isReachable == false)
        #expect(plan.earliest == now + Self.second)
    }

    @Test("While no host can be reached, another cause is told, and the same one is not told again")
    func cause() {
        var plan = OpeningPlan(hosts: 1, pace: .init(), now: 0)
        #expect(plan.openingFailed("no proxy", .proxy, at: 0)?.reason == "no proxy")
        #expect(plan.openingFailed("no proxy again", .proxy, at: 1) == nil)
        let next = plan.openingFailed("no trust", .tls, at: 2)
        #expect(next == .init(isReachable: false, reason: "no trust"))
        #expect(plan.openingFailed("no trust again", .tls, at: 3) == nil)
        #expect(plan.replyReceived(from: "host", at: 4)?.isReachable == true)
        #expect(plan.openingFailed("no trust", .tls, at: 5)?.reason == "no trust")
    }

    @Test("Openings that leave no connection: three at once, then one in 20 s")
    func pace() {
        var plan = OpeningPlan(hosts: 1, pace: .init(), now: 0)
        for _ in 0..<3 {
            #expect(plan.earliest <= 0)
            plan.openingStarted(at: 0)
            _ = plan.replyReceived(from: "host", at: 0)
        }
        #expect(plan.earliest == 20 * Self.second)
        // Someone who needs one gets it.
        plan.openingAsked(at: 5 * Self.second)
        #expect(plan.earliest <= 5 * Self.second)
        plan.openingStarted(at: 5 * Self.second)
        #expect(plan.earliest == 20 * Self.second)
        // After a quiet hour three are free again.
        for _ in 0..<3 {
            #expect(plan.earliest <= 3600 * Self.second)
            plan.openingStarted(at: 3600 * Self.second)
        }
        #expect(plan.earliest == 3620 * Self.second)
    }

    @Test("The standby is preferred after a failure, until the primary works again")
    func preference() {
        var hosts = HostPreference(hasStandby: true, standbyTime: .seconds(60))
        #expect(hosts.order == [0, 1])
        hosts.hostFailed(0, at: 0)
        #expect(hosts.order == [1, 0])
        #expect(hosts.openingDueAt == 60 * Self.second)
        // Due is not yet preferred: first an opening has to work.
        #expect(hosts.preferred == 1)
        #expect([60].map { hosts.takeRequestTrial(at: $0 * Self.second) } == [false])
        hosts.hostFailed(0, at: 60 * Self.second)
        #expect(hosts.openingDueAt == 120 * Self.second)
        hosts.primaryOpened()
        #expect(hosts.order == [0, 1])
        // A standby that fails as well gives the primary its turn.
        hosts.hostFailed(0, at: 0)
        hosts.hostFailed(1, at: 0)
        #expect(hosts.preferred == 0)
    }

    @Test("A primary that left a request unanswered comes back by an answer, never by an opening")
    func unanswered() {
        var hosts = HostPreference(hasStandby: true, standbyTime: .seconds(60))
        hosts.leftUnanswered(0, since: 0, at: 10 * Self.second)
        #expect(hosts.order == [1, 0])
        hosts.primaryOpened()
        #expect(hosts.openingDueAt == nil)
        // Neither by an answer to what was asked before.
        hosts.answered(0, since: 9 * Self.second, at: 11 * Self.second)
        #expect(hosts.preferred == 1)
        // Nor by a 5xx or a lost connection in between, which an opening would be enough for.
        hosts.hostFailed(0, at: 12 * Self.second)
        hosts.primaryOpened()
        #expect(hosts.preferred == 1)
        // One request a minute tries it.
        let tries = [71, 72, 73].map { hosts.takeRequestTrial(at: $0 * Self.second) }
        #expect(tries == [false, true, false])
        #expect(hosts.preferred == 1)
        hosts.answered(0, since: 72 * Self.second, at: 73 * Self.second)
        #expect(hosts.order == [0, 1])
        #expect([3600].map { hosts.takeRequestTrial(at: $0 * Self.second) } == [false])
    }

    @Test("A silent standby gives the primary its turn: openings count for it again")
    func bothUnanswered() {
        var hosts = HostPreference(hasStandby: true, standbyTime: .seconds(60))
        hosts.leftUnanswered(0, since: 0, at: 10)
        hosts.leftUnanswered(1, since: 0, at: 20)
        #expect(hosts.order == [0, 1])
        hosts.hostFailed(0, at: 30)
        hosts.primaryOpened()
        #expect(hosts.order == [0, 1])
    }

    @Test("A request without an answer says nothing of a host that has answered another since")
    func answeredSince() {
        var hosts = HostPreference(hasStandby: true, standbyTime: .seconds(60))
        hosts.answered(0, since: 4, at: 5)
        hosts.leftUnanswered(0, since: 5, at: 30)
        #expect(hosts.preferred == 0)
        hosts.leftUnanswered(0, since: 6, at: 30)
        #expect(hosts.preferred == 1)
    }

    @Test(
        "A dead connection is noticed and both hosts are tried within 60 s, whatever the keys say (B10)",
        arguments: [0.05, 5, 12, 60],
        [nil, "https://standby.test"]
    )
    func openingsAreBounded(connect: Double, standby: String?) {
        var configuration = HTTPSConfiguration(primary: "https://primary.test", standby: standby)
        configuration.connectTimeout = .seconds(connect)
        let hosts = standby == nil ? 1 : 2
        for request in [connect, 30, 120] where request >= connect {
            configuration.requestTimeout = .seconds(request)
            let openings = configuration.openingTimeout * hosts
            let end = configuration.keepAlive.timeout + configuration.openingHold + openings
            #expect(end < .seconds(60))
            // Where the keys leave it time, an opening has what a request has for connecting.
            #expect(configuration.openingTimeout >= min(.seconds(connect), .seconds(10)))
        }
    }

    @Test("Without a standby nothing changes")
    func single() {
        var hosts = HostPreference(hasStandby: false, standbyTime: .seconds(60))
        hosts.hostFailed(0, at: 0)
        #expect(hosts.order == [0])
        hosts.leftUnanswered(0, since: 0, at: 0)
        #expect(hosts.order == [0])
        #expect(hosts.openingDueAt == nil)
    }

    @Test("The last possible write is never earlier than the truth (C2)")
    func writeRecord() {
        var record = WriteRecord()
        #expect(record.lastPossibleWrite(ofBody: 3, replyIsComplete: false, now: 99) == nil)
        record.transmissionBegan()
        record.bytesWritten(ofBody: 0, at: 10)
        record.bytesWritten(ofBody: 3, at: 11)
        #expect(record.lastPossibleWrite(ofBody: 3, replyIsComplete: true, now: 99) == 11)
        // Still open: it may be sent again any time.
        #expect(record.lastPossibleWrite(ofBody: 3, replyIsComplete: false, now: 99) == 99)
        record.connectionClosed(everythingWasAcknowledged: false, at: 50)
        #expect(record.lastPossibleWrite(ofBody: 3, replyIsComplete: false, now: 99) == 50)
        record.connectionClosed(everythingWasAcknowledged: true, at: 50)
        #expect(record.lastPossibleWrite(ofBody: 3, replyIsComplete: false, now: 99) == 11)
        // Not all of the body was handed over: part of a record may have been.
        #expect(record.lastPossibleWrite(ofBody: 4, replyIsComplete: false, now: 99) == 50)
    }
}
