import Payments

/// Text on a scanner's line with nothing between its bytes that could separate two presentations.
struct ScannerRun {
    var bytes: [UInt8] = []
    /// When the first and the last byte came, in nanoseconds.
    var firstByte: Int64 = 0
    var lastByte: Int64 = 0
    /// When the first terminator after it came, if no other text came before.
    var terminator: Int64?
    /// CR came right before, and CR, LF or TAB right after, sooner than a silence that ends a frame.
    var isBetweenLineEnds = false

    /// The run without what a scanner may put before a code: an AIM identifier, or one letter.
    var content: String {
        let text = bytes.map { Character(UnicodeScalar($0)) }
        if text.count >= 3, text[0] == "]", text[1].isLetter, text[2].isNumber {
            return String(text.dropFirst(3))
        }
        if text.count == 19, text[0].isLetter, text.dropFirst().allSatisfy(\.isNumber) {
            return String(text.dropFirst())
        }
        return String(text)
    }

    private init() {}

    /// Cuts a stream at every byte that is no text, at every silence of `gap`, where input was discarded, and at the
    /// end of a module's reply to a trigger.
    static func all(of script: LineScript, breakAfter gap: Duration) -> [ScannerRun] {
        var cutter = Cutter()
        var now = BootTime(nanoseconds: 1_000_000_000)
        for chunk in script.chunks {
            for byte in chunk.bytes { cutter.take(byte, at: now, gap: gap) }
            if chunk.pause == .discard { cutter.discard() }
            now = now + chunk.pause.duration
        }
        cutter.end()
        return cutter.runs
    }

    private struct Cutter {
        /// Replies that end in two bytes of text (device facts, 1.4).
        private static let replies: [[UInt8]] = [
            [0x02, 0x00, 0x00, 0x01, 0x00, 0x33, 0x31], [0x02, 0x00, 0x03, 0x01, 0x00, 0x6A, 0x61],
        ]
        private static let lineEnds: [UInt8] = [0x0D, 0x0A, 0x09]
        private static let terminators = lineEnds + [0x03]

        var runs: [ScannerRun] = []
        private var run: ScannerRun?
        /// The bytes before `run`, back to the last silence or discarding.
        private var before: [UInt8] = []
        private var last = BootTime(nanoseconds: 0)

        mutating func take(_ byte: UInt8, at now: BootTime, gap: Duration) {
            if now >= last + gap {
                // A line end leaves nothing pending, so a silence after it changes nothing.
                let isAfterLineEnd = run == nil && hasLineEndBefore
                end()
                before = isAfterLineEnd ? before.suffix(1) : []
            }
            last = now
            if (0x20...0x7E).contains(byte) {
                append(byte, at: now)
            } else {
                let isBetween = hasLineEndBefore && Self.lineEnds.contains(byte)
                run?.isBetweenLineEnds = isBetween
                end()
                before.append(byte)
                if Self.terminators.contains(byte), let text = runs.indices.last {
                    runs[text].terminator = runs[text].terminator ?? now.nanoseconds
                }
            }
            if let run, run.bytes.count == 2,
                Self.replies.contains(Array(before.suffix(5) + run.bytes))
            {
                end()
            }
        }

        private var hasLineEndBefore: Bool { before.last.map(Self.lineEnds.contains) ?? false }

        private mutating func append(_ byte: UInt8, at now: BootTime) {
            var run = self.run ?? ScannerRun()
            if run.bytes.isEmpty { run.firstByte = now.nanoseconds }
            run.bytes.append(byte)
            run.lastByte = now.nanoseconds
            self.run = run
        }

        mutating func discard() {
            end()
            before = []
        }

        mutating func end() {
            guard let run else { return }
            runs.append(run)
            before += run.bytes
            self.run = nil
        }
    }
}
