import Payments

@testable import Devices

/// What must hold of every stream of a scanner's bytes, found out by cutting the stream at everything that separates two
/// presentations and looking for each frame among the pieces.
///
/// The input's first byte: bit 0 for a thread that watches every silence, bit 1 for a small capacity. The rest is a
/// ``LineScript``.
struct ScannerCheck {
    private struct Line {
        var parser: ScannerParser
        var now = BootTime(nanoseconds: 1_000_000_000)
        var frames: [ScannedFrame] = []

        mutating func wait(_ duration: Duration, isWatched: Bool) {
            let end = now + duration
            while isWatched, let deadline = parser.deadline, deadline <= end {
                now = max(now, deadline)
                if let frame = parser.lineIdle(at: now) { frames.append(frame) }
            }
            now = end
        }
    }

    private let isWatched: Bool
    private let framing: ScannerFraming
    private let script: LineScript

    init(_ input: [UInt8]) {
        let options = input.first ?? 0
        isWatched = options & 1 == 0
        framing = options & 2 == 0 ? ScannerFraming() : ScannerFraming(capacity: 26)
        script = LineScript(input.dropFirst())
    }

    func run() throws(Finding) {
        let whole = line(splitting: false)
        let split = line(splitting: true)
        try Finding.unless(whole.frames == split.frames, "Split bytes gave other frames.")
        try Finding.unless(
            whole.parser.refusedInRow == split.parser.refusedInRow,
            "Split bytes were refused another number of times.",
        )
        try Finding.unless(
            whole.parser.deadline == nil,
            "A second of silence left something pending.",
        )
        let runs = ScannerRun.all(
            of: script,
            breakAfter: isWatched ? framing.idleGap : framing.unfinishedLimit,
        )
        try check(whole.frames, against: runs)
        for frame in whole.frames { try check(frame) }
    }

    private func line(splitting: Bool) -> Line {
        var line = Line(parser: ScannerParser(framing))
        for chunk in script.chunks {
            // A read that brings nothing is no read.
            let pieces = splitting ? chunk.bytes.map { [$0] } : [chunk.bytes]
            for piece in pieces where !piece.isEmpty {
                line.frames += line.parser.bytesReceived(piece, at: line.now)
            }
            if chunk.pause == .discard { line.parser.discarded(at: line.now) }
            line.wait(chunk.pause.duration, isWatched: isWatched)
        }
        line.wait(.seconds(1), isWatched: true)
        return line
    }

    /// Each frame is one unbroken run of text within the capacity, no run is two frames, and what stands between two line
    /// ends is one.
    private func check(_ frames: [ScannedFrame], against runs: [ScannerRun]) throws(Finding) {
        let fitting = runs.filter { $0.bytes.count <= framing.capacity }
        try Finding.unless(
            Self.arePaired(frames, with: fitting, isNeeded: { _ in false }),
            "A frame is no run of the stream, or is longer than the capacity.",
        )
        try Finding.unless(
            Self.arePaired(frames, with: fitting, isNeeded: mustBeFrame),
            "Text between two line ends was lost.",
        )
    }

    /// Whether the frames, in order, are some of the runs, those that are needed among them. Several runs can be alike,
    /// so every way to pair them is followed: `reached` holds how many frames are used up.
    private static func arePaired(
        _ frames: [ScannedFrame],
        with runs: [ScannerRun],
        isNeeded: (ScannerRun) -> Bool,
    ) -> Bool {
        var reached: Set<Int> = [0]
        for run in runs {
            let used = reached.filter { index in
                index < frames.count && run.firstByte == frames[index].firstByte
                    && [run.lastByte, run.terminator].contains(frames[index].lastByte)
                    && run.content == frames[index].text
            }
            reached = Set(used.map { $0 + 1 }).union(isNeeded(run) ? [] : reached)
        }
        return reached.contains(frames.count)
    }

    private func mustBeFrame(_ run: ScannerRun) -> Bool {
        run.isBetweenLineEnds && !Self.isNothing(run.content)
    }

    /// Texts by which scanners say that they read no code (device facts, 1.1).
    private static func isNothing(_ text: String) -> Bool {
        ["", "NR", "NG", "NOREAD", "%%NOREAD"].contains(text.uppercased())
    }

    /// What is recognised is what the digits say, told apart in another way than the product does it.
    private func check(_ frame: ScannedFrame) throws(Finding) {
        try Finding.unless(!Self.isNothing(frame.text), "A frame says that nothing was read.")
        let digits = Array(frame.text.utf8).map { Int($0) - 0x30 }
        let isNumber = digits.allSatisfy { 0 <= $0 && $0 <= 9 }
        let head = digits.prefix(2).reduce(0) { $0 * 10 + $1 }
        let recognised: String
        switch ScannedCode(recognising: frame.text) {
        case .weChat(let code):
            recognised = "wechat"
            try Finding.unless(code.digits == frame.text, "A payment code is not what was read.")
        case .otherWallet(let wallet): recognised = wallet.rawValue
        case .notAPaymentCode: recognised = "none"
        }
        let right: String =
            switch (isNumber, digits.count, head) {
            case (true, 18, 10...15): "wechat"
            case (true, 16...24, 25...30): "alipay"
            case (true, 19, 62): "union-pay"
            default: "none"
            }
        try Finding.unless(recognised == right, "A code was taken for \(recognised): \(right).")
    }
}
