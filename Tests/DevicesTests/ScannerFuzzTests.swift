import Payments
import TestKit
import Testing

@testable import Devices

@Suite("Scanner frames under noise")
struct ScannerFuzzTests {
    @Test("However a stream is split, the frames are the same")
    func splits() {
        var random = SplitMix64(seed: 1)
        let stream = Array(
            ("\u{02}\u{00}\u{00}\u{01}\u{00}31" + "134567890123456789\r\n]Q1101234567890123456\r"
                + "NR\r12\u{11}34\r\u{02}D151234567890123456\u{03}https://example.com\t").utf8
        )
        let whole = frames(of: [stream])
        #expect(whole.count == 4)
        #expect(frames(of: stream.map { [$0] }) == whole)
        for _ in 0..<2000 {
            var pieces: [[UInt8]] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...9, using: &random))
                pieces.append(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            #expect(frames(of: pieces) == whole)
        }
    }

    private func frames(of pieces: [[UInt8]]) -> [String] {
        var line = ScannerLine()
        for piece in pieces {
            line.send(piece)
            line.wait(.milliseconds(2))
        }
        return line.texts
    }

    @Test("No false code in 100,000 random streams: each code found stands whole in the stream")
    func noFalseCode() {
        var found = 0
        for seed in 0..<100_000 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            var stream = NoisyStream()
            stream.run(using: &random)
            for text in stream.line.texts {
                guard case .weChat = ScannedCode(recognising: text) else { continue }
                found += 1
                if !stream.holds(text) { Issue.record("false code, seed \(seed)") }
            }
        }
        // The streams do hold codes: a parser that finds none would pass otherwise.
        #expect(found > 30_000)
    }
}

/// A random stream of whole codes, pieces of codes, replies, noise, terminators and silences, with
/// a record of which unbroken runs of digits it holds.
private struct NoisyStream {
    var line = ScannerLine()
    /// What was sent, with a 0 byte where digits on both sides do not belong together. Replies and
    /// identifiers are left out.
    private var record: [UInt8] = []
    /// Milliseconds since the last byte.
    private var silence = 0

    mutating func run(using random: inout SplitMix64) {
        for _ in 0..<Int.random(in: 3...9, using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1: send(digits(18, using: &random) + [0x0D], using: &random)
            case 2:
                send(digits(Int.random(in: 1...24, using: &random), using: &random), using: &random)
            case 3:
                send(
                    [[0x0D], [0x0A], [0x09], [0x03], [0x02]].randomElement(using: &random) ?? [],
                    using: &random
                )
            case 4: send([UInt8.random(in: 0...255, using: &random)], using: &random)
            case 5: pause(Int.random(in: 50...700, using: &random))
            case 6: pause(Int.random(in: 0...40, using: &random))
            case 7:
                line.send("]Q1")
                silence = 0
                record.append(0)
                send(digits(18, using: &random), using: &random)
            case 8: reply()
            default:
                send([0x02] + digits(18, using: &random) + [0x03], using: &random)
            }
        }
        pause(1000)
    }

    /// Whether the digits stand in the stream as one unbroken run of their own.
    func holds(_ text: String) -> Bool {
        var run: [UInt8] = []
        let wanted = Array(text.utf8)
        for byte in record + [0] {
            if (0x30...0x39).contains(byte) {
                run.append(byte)
            } else {
                if run == wanted { return true }
                run = []
            }
        }
        return false
    }

    private func digits(_ count: Int, using random: inout SplitMix64) -> [UInt8] {
        var digits = (0..<count).map { _ in UInt8.random(in: 0x30...0x39, using: &random) }
        digits[0] = 0x31
        if count > 1 { digits[1] = UInt8.random(in: 0x30...0x35, using: &random) }
        return digits
    }

    private mutating func send(_ bytes: [UInt8], using random: inout SplitMix64) {
        record += bytes
        silence = 0
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...20, using: &random))
            line.send(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
    }

    private mutating func pause(_ milliseconds: Int) {
        line.wait(.milliseconds(milliseconds))
        silence += milliseconds
        if silence >= 50 { record.append(0) }
    }

    private mutating func reply() {
        line.send([0x02, 0x00, 0x00, 0x01, 0x00, 0x33, 0x31])
        silence = 0
        record.append(0)
    }
}
