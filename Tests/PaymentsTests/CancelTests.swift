import Payments
import Testing

@Suite("A sale that is cancelled (B9)")
struct CancelTests {
    @Test(
        "Cancelled while the submit is out: aborted, revoked, cancelled when that is committed (B9, C2)"
    )
    func cancel() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.commitsAtOnce = false
        #expect(rig.call(.cancel)?.state == .cancelling)
        #expect(rig.log.abandoned == [order])
        #expect(rig.storedSale()?.state == .submitting)
        rig.commit()
        #expect(rig.storedSale()?.state == .cancelled)
        rig.commitsAtOnce = true
        // The submit's last byte may have left when it was aborted: fifteen seconds from there.
        rig.advance(2)
        rig.send(
            .submitEnded(
                order,
                .ended(.unknown(.noReply(reason: "aborted")), lastByte: rig.now.boot)
            )
        )
        #expect(rig.advance(14.5).reversed.isEmpty)
        #expect(rig.advance(1).reversed == [order])
    }

    @Test("Cancelling wins before Paid is committed, and is refused after (B9)")
    func cancelRace() throws {
        let rig = TillRig()
        let order = try rig.submit()
        rig.commitsAtOnce = false
        _ = rig.reply(order, .paid(proof))
        #expect(rig.call(.cancel)?.state == .cancelling)
        rig.commit()
        rig.commit()
        #expect(rig.storedSale()?.state == .cancelled)
        #expect(rig.storedSale()?.truth == "being-returned")
        #expect(rig.storedRevoke(order)?.chargeSeen == true)
        #expect(rig.log.lights.contains(.approved) == false)

        let other = TillRig()
        let paid = try other.submit()
        _ = other.reply(paid, .paid(proof))
        #expect(other.call(.cancel) == .problem(.cannotCancel(.paid)))
    }

    @Test("Cancelled while its record is under way: the code never leaves, the attempt is void")
    func cancelBeforeCommit() throws {
        let rig = TillRig()
        _ = rig.ask()
        rig.commitsAtOnce = false
        rig.scan()
        _ = rig.call(.cancel)
        rig.commit()
        rig.commit()
        #expect(rig.log.submitted == nil)
        #expect(rig.storedSale()?.state == .cancelled)
        #expect(rig.log.events.last?.state == .cancelled)
    }
}
