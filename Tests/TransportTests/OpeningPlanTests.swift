import Testing

@testable import Transport

@Suite("When connections are opened ahead, and to which host")
struct OpeningPlanTests {
    private static let second: Int64 = 1_000_000_000

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
        #expect(!hosts.primaryIsDue(at: 59 * Self.second))
        #expect(hosts.primaryIsDue(at: 60 * Self.second))
        // Due is not yet preferred: first an opening has to work.
        #expect(hosts.preferred == 1)
        hosts.hostFailed(0, at: 60 * Self.second)
        #expect(!hosts.primaryIsDue(at: 119 * Self.second))
        hosts.primaryWorked()
        #expect(hosts.order == [0, 1])
        // A standby that fails as well gives the primary its turn.
        hosts.hostFailed(0, at: 0)
        hosts.hostFailed(1, at: 0)
        #expect(hosts.preferred == 0)
    }

    @Test("Without a standby nothing changes")
    func single() {
        var hosts = HostPreference(hasStandby: false, standbyTime: .seconds(60))
        hosts.hostFailed(0, at: 0)
        #expect(hosts.order == [0])
        #expect(hosts.primaryDueAt == nil)
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
