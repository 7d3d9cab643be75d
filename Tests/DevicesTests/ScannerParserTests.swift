import Payments
import Testing

@testable import Devices

@Suite("Scanner frames")
struct ScannerParserTests {
    static let code = "134567890123456789"

    @Test(
        "Every terminator ends a frame once, also CR LF",
        arguments: ["\r", "\n", "\r\n", "\t", "\u{03}", "\n\r\n"]
    )
    func terminators(ending: String) {
        var line = ScannerLine()
        line.send(Self.code + ending)
        #expect(line.texts == [Self.code])
        line.send(Self.code + ending)
        #expect(line.texts == [Self.code, Self.code])
    }

    @Test("STX and ETX around the code are no part of it")
    func framedByControlCharacters() {
        var line = ScannerLine()
        line.send("\u{02}\(Self.code)\u{03}")
        line.send("\u{02}]C0\(Self.code)\u{03}\r\n")
        #expect(line.texts == [Self.code, Self.code])
    }

    @Test(
        "Symbology identifiers are stripped: AIM, and one letter before 18 digits",
        arguments: ["", "]Q1", "]C0", "]d2", "D", "q", "j"]
    )
    func identifiers(prefix: String) {
        var line = ScannerLine()
        line.send(prefix + Self.code + "\r\n")
        #expect(line.texts == [Self.code])
    }

    @Test("A letter is only stripped where exactly 18 digits remain")
    func letterOfAnotherCode() {
        var line = ScannerLine()
        line.send("A1234567\r")
        line.send("A1345678901234567890\r")
        #expect(line.texts == ["A1234567", "A1345678901234567890"])
    }

    @Test("A code in three pieces with pauses of 10 ms is one code, with the times of both ends")
    func pieces() throws {
        var line = ScannerLine()
        line.send("13456")
        line.wait(.milliseconds(10))
        line.send("7890123456789")
        line.wait(.milliseconds(10))
        line.send("\r\n")
        let frame = try #require(line.frames.first)
        #expect(line.frames.count == 1)
        #expect(frame.text == Self.code)
        #expect(frame.lastByte - frame.firstByte == 20_000_000)
    }

    @Test("Without a terminator 50 ms of silence end a code, and nothing shorter than a code")
    func idleGap() {
        var line = ScannerLine()
        line.send(Self.code)
        line.wait(.milliseconds(49))
        #expect(line.texts == [])
        line.wait(.milliseconds(1))
        #expect(line.texts == [Self.code])
        // The terminator that comes late after all makes no second frame.
        line.send("\r\n")
        #expect(line.texts == [Self.code])
        line.send("1345678901234")
        line.wait(.milliseconds(700))
        #expect(line.texts == [Self.code])
    }

    @Test("Two halves with a silence between them never become a code")
    func halves() {
        for pause in [60, 200, 499, 500, 800, 5000] {
            var line = ScannerLine()
            line.send("134567890")
            line.wait(.milliseconds(pause))
            line.send("123456789\r")
            #expect(!line.texts.contains(Self.code), "pause \(pause) ms")
        }
        // Also where nobody watched the silence.
        var parser = ScannerParser()
        #expect(parser.bytesReceived("134567890".utf8, at: BootTime(nanoseconds: 0)) == [])
        let later = BootTime(nanoseconds: 500_000_000)
        #expect(parser.bytesReceived("123456789\r".utf8, at: later).map(\.text) == ["123456789"])
    }

    @Test("After half a frame was dropped the next code is read")
    func recovery() {
        var line = ScannerLine()
        line.send("1345")
        line.wait(.milliseconds(501))
        line.send(Self.code + "\r")
        #expect(line.texts == [Self.code])
    }

    @Test("A module's acknowledgement ends in the digits 31, which are no part of the code")
    func moduleReplies() {
        let replies: [[UInt8]] = [
            [0x02, 0x00, 0x00, 0x01, 0x00, 0x33, 0x31],
            [0x02, 0x00, 0x01, 0x01, 0x00, 0x04, 0x01],
            [0x02, 0x00, 0x03, 0x01, 0x00, 0x6A, 0x61],
        ]
        for reply in replies {
            var line = ScannerLine()
            line.send(reply + Array(Self.code.utf8) + [0x0D])
            #expect(line.texts == [Self.code])
            line.send(reply)
            line.wait(.milliseconds(100))
            line.send(Self.code + "\r")
            #expect(line.texts == [Self.code, Self.code])
        }
    }

    @Test("A control byte, a damaged character or noise between digits refuses the frame")
    func noiseInside() {
        for byte: UInt8 in [0x00, 0x01, 0x02, 0x04, 0x11, 0x13, 0x1B, 0x7F, 0x80, 0xB1, 0xFF] {
            var line = ScannerLine()
            line.send(Array("62".utf8) + [byte] + Array((Self.code + "\r").utf8))
            #expect(line.texts == [], "byte \(byte)")
            line.send(Self.code + "\r")
            #expect(line.texts == [Self.code], "byte \(byte)")
        }
    }

    @Test("Noise around a code does no harm: a break, a floating line, XON, XOFF")
    func noiseOutside() {
        for byte: UInt8 in [0x00, 0x11, 0x13, 0xFF] {
            var line = ScannerLine()
            line.send([byte, byte] + Array(Self.code.utf8) + [byte, 0x0D])
            #expect(line.texts == [Self.code], "byte \(byte)")
        }
        // A character with bit 7 set may be a damaged first digit of a longer number.
        var line = ScannerLine()
        line.send([0xB6] + Array((Self.code + "\r").utf8))
        #expect(line.texts == [])
    }

    @Test("Texts that mean no code was read, and empty frames, are dropped")
    func noRead() {
        var line = ScannerLine()
        line.send("NR\r%%NoRead\r\nNOREAD\tNG\n\r\n\r\n\t")
        #expect(line.texts == [])
    }

    @Test("Other codes come through as text, with their terminator only")
    func otherText() {
        var line = ScannerLine()
        line.send("https://example.com/a?b=1\r")
        line.send("4006381333931")
        line.wait(.seconds(1))
        #expect(line.texts == ["https://example.com/a?b=1"])
    }

    @Test("A frame beyond 512 bytes is dropped up to its terminator")
    func capacity() {
        var line = ScannerLine()
        line.send(String(repeating: "1", count: 512) + "\r")
        #expect(line.texts.map(\.utf8.count) == [512])
        line.send(String(repeating: "1", count: 600) + Self.code + "\r")
        #expect(line.parser.refusedInRow == 1)
        line.send(Self.code + "\r")
        #expect(line.texts.last == Self.code)
        #expect(line.texts.count == 2)
        #expect(line.parser.refusedInRow == 0)
    }

    @Test("Discarding drops the frame that has begun, with its rest, and nothing that begins later")
    func discard() {
        var line = ScannerLine()
        line.send("6228480134")
        line.parser.discarded(at: line.now)
        line.send(Self.code + "\r")
        #expect(line.texts == [])
        line.parser.discarded(at: line.now)
        line.send(Self.code + "\r")
        #expect(line.texts == [Self.code])
    }

    @Test("While nothing is pending there is no deadline: an idle scanner's thread sleeps")
    func noDeadline() {
        var line = ScannerLine()
        #expect(line.parser.deadline == nil)
        line.send("13")
        #expect(line.parser.deadline != nil)
        line.wait(.seconds(1))
        #expect(line.parser.deadline == nil)
        line.send(Self.code + "\r\n")
        #expect(line.parser.deadline == nil)
    }

    @Test("A frame prints masked however it is printed (G1)")
    func masked() {
        let frame = ScannedFrame(text: Self.code, firstByte: 0, lastByte: 0)
        var dumped = ""
        dump(frame, to: &dumped)
        for text in ["\(frame)", String(reflecting: frame), dumped] {
            #expect(text.contains("13…6789"))
            #expect(!text.contains("4567890"))
        }
    }
}

/// A scanner's line with a clock of its own: what the reading thread does, without a thread.
struct ScannerLine {
    var parser = ScannerParser()
    var now = BootTime(nanoseconds: 1_000_000_000)
    private(set) var frames: [ScannedFrame] = []

    var texts: [String] { frames.map(\.text) }

    mutating func send(_ text: String) { send(Array(text.utf8)) }

    mutating func send(_ bytes: [UInt8]) {
        frames += parser.bytesReceived(bytes, at: now)
    }

    /// Silence: the parser's deadlines are met as they come.
    mutating func wait(_ duration: Duration) {
        let end = now + duration
        while let deadline = parser.deadline, deadline <= end {
            now = max(now, deadline)
            if let frame = parser.lineIdle(at: now) { frames.append(frame) }
        }
        now = end
    }
}
