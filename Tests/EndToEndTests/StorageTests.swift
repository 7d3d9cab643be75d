import Sandbox
import Testing

@Suite(
    "A full disk, end to end",
    .enabled(if: SmallDisk.isAllowed, "needs the right to mount a file system in memory")
)
struct StorageTests {
    private static func run(
        _ body: @escaping @Sendable (Kiosk, SmallDisk) throws -> Void
    ) async throws {
        let disk = try SmallDisk()
        var settings = KioskSettings()
        settings.stateDirectory = disk.state
        try await Kiosk.run(settings) { kiosk in
            try body(kiosk, disk)
            disk.empty()
        }
    }

    /// The reserve carries the sale that is under way; from then on the disk is really full.
    private static func useUpReserve(_ kiosk: Kiosk, _ disk: SmallDisk) throws {
        try disk.fill()
        try kiosk.payOnce()
        #expect(!Files.exists(disk.state + "/reserve"))
        try disk.fill()
    }

    @Test("The reserve first; then no sale and why; with room again it sells (A3)")
    func full() async throws {
        try await Self.run { kiosk, disk in
            try kiosk.start()
            try kiosk.payOnce()
            #expect(Files.exists(disk.state + "/reserve"))
            try Self.useUpReserve(kiosk, disk)
            let submits = kiosk.sandbox.ledger().filter { $0.amount != nil }.count
            let answer = try kiosk.askSale()
            #expect(answer.status == 503, "\(answer.text)")
            #expect(try kiosk.status().reasons.contains("storage"))
            #expect(try kiosk.askSale().status == 503)
            kiosk.show()
            kiosk.pause(.milliseconds(300))
            #expect(kiosk.sandbox.ledger().filter { $0.amount != nil }.count == submits)
            disk.empty()
            try kiosk.payOnce()
        }
    }

    @Test("Full when the code is shown: nothing is submitted, nothing was taken (A1, A3)")
    func fullAtScan() async throws {
        try await Self.run { kiosk, disk in
            try kiosk.start()
            try Self.useUpReserve(kiosk, disk)
            disk.empty()
            let sale = try kiosk.sell()
            try disk.fill()
            let submits = kiosk.sandbox.ledger().filter { $0.amount != nil }.count
            kiosk.show()
            try kiosk.awaitReason("storage")
            #expect(kiosk.sandbox.ledger().filter { $0.amount != nil }.count == submits)
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
            disk.empty()
            let sale = try kiosk.sell()
            kiosk.sandbox.script([.slowReply(after: .seconds(8))])
            kiosk.show()
            try kiosk.awaitSubmit()
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
}
