import Payments
import Testing

@testable import Devices

@Suite("What a printer says")
struct PrinterReplyTests {
    @Test("Real-time status is known by its mask, whatever else comes")
    func realTimeStatus() {
        #expect(replies([0x12]) == [.realTimeStatus(0x12)])
        #expect(replies([0x7E]) == [.realTimeStatus(0x7E)])
        #expect(replies([]) == [])
        for byte in UInt8.min...UInt8.max {
            let isStatus = replies([byte]) == [.realTimeStatus(byte)]
            #expect(isStatus == (byte & 0x93 == 0x12), "\(byte)")
        }
    }

    @Test("A group sent unasked is no answer to GS r, also with flow control in its midst")
    func automaticStatus() {
        #expect(replies([0x14, 0x00, 0x00, 0x0F]) == [.automaticStatus])
        #expect(
            replies([0x14, 0x00, 0x13, 0x00, 0x11, 0x0F, 0x0C])
                == [.automaticStatus, .pause, .resume, .queuedStatus(0x0C)]
        )
        // A group that stays incomplete is dropped after 200 ms.
        var reader = PrinterReplyReader()
        _ = reader.bytesReceived([0x14, 0x00], at: BootTime(nanoseconds: 0))
        let later = BootTime(nanoseconds: 200_000_000)
        #expect(reader.bytesReceived([0x00], at: later) == [.queuedStatus(0x00)])
    }

    @Test("Noise is dropped")
    func noise() {
        #expect(replies([0xFF, 0x80, 0x9A, 0x37, 0x5F]) == [])
    }

    @Test("Status bits and what is wrong; either bit of a two-bit sensor counts")
    func status() {
        #expect(trouble(0x12, 0x12, 0x12) == nil)
        #expect(trouble(0x16, 0x12, 0x12) == nil)
        #expect(trouble(0x12, 0x12, 0x1E) == .paperLow)
        #expect(trouble(0x12, 0x12, 0x16) == .paperLow)
        #expect(trouble(0x1A, 0x32, 0x72) == .paperOut)
        #expect(trouble(0x12, 0x12, 0x32) == .paperOut)
        #expect(trouble(0x1A, 0x16, 0x12) == .coverOpen)
        #expect(trouble(0x1A, 0x16, 0x7E) == .coverOpen)
        #expect(trouble(0x1A, 0x52, 0x12) == .printerError)
        #expect(trouble(0x1A, 0x12, 0x12) == .offline)
    }

    @Test("Every trouble has a word of its own and a sentence")
    func troubles() {
        #expect(Set(DeviceTrouble.allCases.map(\.rawValue)).count == DeviceTrouble.allCases.count)
        for trouble in DeviceTrouble.allCases {
            #expect(trouble.sentence.hasSuffix("."), "\(trouble)")
            let failure = PrintFailure.device(trouble)
            #expect(failure.sentence.contains("the payment stands as it is"))
        }
        #expect(DeviceState.attention(.paperLow).isUsable)
        #expect(!DeviceState.attention(.paperOut).isUsable)
        #expect(!DeviceState.absent(.notFound).isUsable)
    }

    private func replies(_ bytes: [UInt8]) -> [PrinterReply] {
        var reader = PrinterReplyReader()
        return reader.bytesReceived(bytes, at: BootTime(nanoseconds: 1))
    }

    private func trouble(_ printer: UInt8, _ offline: UInt8, _ paper: UInt8) -> DeviceTrouble? {
        PrinterStatus(printer: printer, offlineCause: offline, paper: paper).trouble
    }
}
