import Payments
import Testing

@testable import Devices

@Suite("Bytes that were damaged on the line")
struct DamageMarksTests {
    private static func read(_ bytes: [UInt8], inPiecesOf size: Int = 256) -> [UInt8] {
        var marks = DamageMarks()
        var plain: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            plain += marks.unmarked(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return plain
    }

    @Test(
        "A damaged byte, a break and an FF are told apart, wherever a read ends",
        arguments: 1...6
    )
    func marks(size: Int) {
        let bytes: [UInt8] = [
            0x31, 0xFF, 0x00, 0x32, 0x33, 0xFF, 0x00, 0x00, 0xFF, 0xFF, 0x00, 0x34, 0xFF, 0x00,
            0xFF,
        ]
        let damaged = DamageMarks.damaged
        let expected: [UInt8] = [0x31, damaged, 0x33, 0x00, 0xFF, 0x00, 0x34, damaged]
        #expect(Self.read(bytes, inPiecesOf: size) == expected)
    }

    @Test("What is no mark goes through as it is")
    func others() {
        #expect(Self.read([0x00, 0x80, 0x7F]) == [0x00, 0x80, 0x7F])
        #expect(Self.read([0xFF, 0x31]) == [0xFF, 0x31])
    }

    @Test("A longer number with a damaged digit, wherever it stands, never becomes a payment code")
    func shorter() {
        let number = Array("1345678901234567890".utf8)
        for place in number.indices {
            var bytes = number
            bytes.replaceSubrange(place...place, with: [0xFF, 0x00, bytes[place]])
            var line = ScannerLine()
            line.send(Self.read(bytes + [0x0D]))
            line.wait(.seconds(1))
            #expect(line.texts == [], "digit \(place)")
            line.send(ScannerParserTests.code + "\r")
            #expect(line.texts == [ScannerParserTests.code], "after digit \(place)")
        }
    }

    @Test("A code whose terminator is damaged is refused, and the next one is read")
    func terminator() {
        var line = ScannerLine()
        line.send(Self.read(Array(ScannerParserTests.code.utf8) + [0xFF, 0x00, 0x0D]))
        line.wait(.milliseconds(60))
        line.send(ScannerParserTests.code + "\r")
        #expect(line.texts == [ScannerParserTests.code])
    }

    @Test("A printer's damaged reply is no reply")
    func printer() {
        var reader = PrinterReplyReader()
        #expect(
            reader.bytesReceived(Self.read([0xFF, 0x00, 0x12]), at: BootTime(nanoseconds: 1)) == []
        )
    }
}
