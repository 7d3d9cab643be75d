import Sandbox
import TestKit
import Testing

@Suite(
    "A full disk, end to end",
    .enabled(if: SmallDisk.isAllowed, "needs the right to mount a file system in memory")
)
struct StorageTests {
    /// Bytes: room for a sale's rows, and too little for a new reserve (rule A3).
    private static let little = 524_288

    private static func run(
        _ body: @escaping @Sendable (Kiosk, SmallDisk) throws -> Void
    ) async throws {
        let disk = try SmallDisk(megabytes: 8)
        var settings = KioskSettings()
        let state = disk.folder.file("state")
        try Files.makeFolder(state)
        settings.stateDirectory = state
        try await Kiosk.run(settings) { kiosk in
            try body(kiosk, disk)
            disk.empty()
        }
    }

    /// The reserve carries the sale that is under way; from then on the disk is really full.
    private static func useUpReserve(_ kiosk: Kiosk, _ disk: SmallDisk) throws {
        try disk.fill()
        try kiosk.payOnce()
        #expect(!Files.exists(disk.folder.file("state/reserve")))
        try disk.fill()
    }

    @Test("The reserve first; then no sale and why; with room again it sells (A3)")
    func full() async throws {
        try await Self.run { kiosk, disk in
            try kiosk.start()
            try kiosk.payOnce()
            #expect(Files.exists(disk.folder.file("state/reserve")))
            try Self.useUpReserve(kiosk, disk)
            let submits = kiosk.submitCount
            let answer = try kiosk.askSale()
            #expect(answer.status == 503, "\(answer.text)")
            #expect(try kiosk.status().reasons.contains("storage"))
            #expect(try kiosk.askSale().status == 503)
            kiosk.show()
            kiosk.pause(.milliseconds(300))
            #expect(kiosk.submitCount == submits)
            // Tried again and again, and not back before a write works; so is the reserve.
            kiosk.pause(.milliseconds(1_200))
            #expect(try kiosk.status().reasons.contains("storage"))
            #expect(!Files.exists(disk.folder.file("state/reserve")))
            disk.empty()
            try kiosk.payOnce()
            try kiosk.wait("the reserve") { Files.exists(disk.folder.file("state/reserve")) }
        }
    }

    @Test("Full when the code is shown: nothing is submitted, nothing was taken (A1, A3)")
    func fullAtScan() async throws {
        try await Self.run { kiosk, disk in
            try kiosk.start()
            try Self.useUpReserve(kiosk, disk)
            try disk.giveBack(Self.little)
            let sale = try kiosk.sell()
            try disk.fill()
            let submits = kiosk.submitCount
            kiosk.show()
            try kiosk.awaitReason("storage")
            #expect(kiosk.submitCount == submits)
            disk.empty()
            try kiosk.awaitState(sale, "expired")
            try kiosk.payOnce()
        }
    }

    @Test("Full when the payment comes: no goods, taken and being returned (A3)")
    func fullAtPaid() async throws {
        try await Self.run { kiosk, disk in
            try kiosk.start()
            try Self.useUpReserve(kiosk, disk)
            try disk.giveBack(Self.little)
            let sale = try kiosk.sell()
            kiosk.sandbox.script([.slowReply(after: .seconds(8))])
            try kiosk.awaitSubmit { kiosk.show() }
            try disk.fill()
            try kiosk.awaitReason("storage")
            #expect(!kiosk.events.events.contains { $0.name == "release" && $0.sale == sale.id })
            disk.empty()
            let end = try kiosk.awaitState(sale, "expired", "undelivered")
            #expect(end.english.contains("is being returned"))
            try kiosk.settle()
            try kiosk.payOnce()
        }
    }

    @Test("Full at the claim: refused, so nothing is dispensed, and the money goes back (A3, D1)")
    func fullAtClaim() async throws {
        try await Self.run { kiosk, disk in
            try kiosk.start()
            try Self.useUpReserve(kiosk, disk)
            try disk.giveBack(Self.little)
            let sale = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitEvent("the offer") { $0.name == "release" && $0.sale == sale.id }
            try disk.fill()
            let claim = try kiosk.act(sale, "delivering", body: #"{"claim":"a"}"#)
            #expect(claim.status == 503)
            #expect(claim.problem == "storage-failed")
            // Asked again, it must not be granted: the money is on its way back.
            #expect(try kiosk.act(sale, "delivering", body: #"{"claim":"a"}"#).status >= 400)
            disk.empty()
            let end = try kiosk.awaitState(sale, "undelivered")
            #expect(end.english.contains("is being returned"))
            try kiosk.settle()
            try kiosk.payOnce()
        }
    }

    @Test("Full when delivery is reported: delivered is true, and stored when there is room (A3)")
    func fullAtDelivered() async throws {
        try await Self.run { kiosk, disk in
            try kiosk.start()
            try Self.useUpReserve(kiosk, disk)
            try disk.giveBack(Self.little)
            let sale = try kiosk.sell()
            kiosk.show()
            try kiosk.awaitState(sale, "paid")
            let claim = try kiosk.act(sale, "delivering", body: #"{"claim":"a"}"#)
            #expect(claim.status == 200)
            try disk.fill()
            try kiosk.act(sale, "delivered")
            try kiosk.awaitReason("storage")
            disk.empty()
            try kiosk.awaitState(sale, "delivered")
            try kiosk.payOnce()
        }
    }

    @Test(
        "Power back on a full disk: the reserve lets the daemon start and settle what was open (A3)"
    )
    func fullAtStart() async throws {
        try await Self.run { kiosk, disk in
            try kiosk.start()
            try kiosk.payOnce()
            try kiosk.awaitPaper()
            let sale = try kiosk.sell()
            kiosk.show(.passwordNeverPaid)
            try kiosk.awaitState(sale, "confirming")
            try kiosk.kill()
            try disk.fill()
            #expect(Files.exists(disk.folder.file("state/reserve")))
            try kiosk.start(isReady: false)
            try kiosk.awaitState(sale, "expired")
            try kiosk.settle()
            disk.empty()
            try kiosk.payOnce()
        }
    }
}
